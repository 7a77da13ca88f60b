package blocking_test

import (
	"testing"

	"github.com/go-own/own/ownvet/blocking"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

func Test(t *testing.T) {
	ruletest.RunEnabled(t, blocking.Analyzer, "blocking", "blocking/remote")
}
