package useafter_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/useafter"
)

func TestUnlock(t *testing.T) {
	ruletest.Run(t, useafter.Unlock, "useafterunlock", "services")
}

func TestDrop(t *testing.T) {
	ruletest.Run(t, useafter.Drop, "useafterdrop", "services")
}
