package flow_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

// What importers learn about functions.
func TestFacts(t *testing.T) {
	ruletest.Run(t, flow.Analyzer, "poisonblind/locks", "selfdeadlock/store", "guardleak/held")
}
