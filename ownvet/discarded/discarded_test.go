package discarded_test

import (
	"testing"

	"github.com/go-own/own/ownvet/discarded"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

func TestGuards(t *testing.T) {
	ruletest.Run(t, discarded.Guards, "guarddiscarded", "services")
}

func TestGuardsFixes(t *testing.T) {
	ruletest.RunWithFixes(t, discarded.Guards, "guarddiscardedfix")
}

func TestOwners(t *testing.T) {
	ruletest.Run(t, discarded.Owners, "ownerdiscarded", "services")
}

func TestOwnersFixes(t *testing.T) {
	ruletest.RunWithFixes(t, discarded.Owners, "ownerdiscardedfix")
}
