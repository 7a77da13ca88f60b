package leak_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/leak"
)

func TestGuards(t *testing.T) {
	ruletest.Run(t, leak.Guards, "guardleak", "services")
}

func TestOwners(t *testing.T) {
	ruletest.RunEnabled(t, leak.Owners, "ownerleak", "services")
}

func TestOwnersFixes(t *testing.T) {
	if err := leak.Owners.Flags.Set("enable", "true"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leak.Owners.Flags.Set("enable", "false") })
	ruletest.RunWithFixes(t, leak.Owners, "ownerleakfix")
}

func TestGuardsFixes(t *testing.T) {
	ruletest.RunWithFixes(t, leak.Guards, "guardleakfix")
}
