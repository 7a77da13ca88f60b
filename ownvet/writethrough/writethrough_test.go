package writethrough_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/writethrough"
)

func Test(t *testing.T) {
	ruletest.Run(t, writethrough.Analyzer, "writethroughreadguard", "services")
}
