package lockorder_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/lockorder"
)

func Test(t *testing.T) {
	ruletest.RunEnabled(t, lockorder.Analyzer, "lockorder", "lockorder/stock")
}
