package errordropped_test

import (
	"testing"

	"github.com/go-own/own/ownvet/errordropped"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

func Test(t *testing.T) {
	ruletest.Run(t, errordropped.Analyzer, "errordropped")
}
