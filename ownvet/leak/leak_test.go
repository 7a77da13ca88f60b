package leak_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/leak"
)

func TestGuards(t *testing.T) {
	ruletest.Run(t, leak.Guards, "guardleak")
}
