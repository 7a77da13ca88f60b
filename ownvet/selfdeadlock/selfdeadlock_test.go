package selfdeadlock_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/selfdeadlock"
)

func Test(t *testing.T) {
	ruletest.Run(t, selfdeadlock.Analyzer, "selfdeadlock", "services")
}
