package lockcopied_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/lockcopied"
)

func Test(t *testing.T) {
	ruletest.Run(t, lockcopied.Analyzer, "lockcopied")
}
