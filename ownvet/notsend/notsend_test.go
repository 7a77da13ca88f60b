package notsend_test

import (
	"testing"

	"github.com/go-own/own/ownvet/internal/ruletest"
	"github.com/go-own/own/ownvet/notsend"
)

func Test(t *testing.T) {
	ruletest.Run(t, notsend.Analyzer, "notsend", "notsend/jobs")
}
