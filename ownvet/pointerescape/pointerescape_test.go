package pointerescape_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/pointerescape"
)

func Test(t *testing.T) {
	ruletest.Run(t, pointerescape.Analyzer, "pointerescape", "services")
}
