package poisonblind_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/poisonblind"
)

func Test(t *testing.T) {
	ruletest.Run(t, poisonblind.Analyzer, "poisonblind", "services")
}

func TestFixes(t *testing.T) {
	ruletest.RunWithFixes(t, poisonblind.Analyzer, "poisonblindfix")
}
