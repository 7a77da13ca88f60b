// Package ownvet has the analyzers that report at build time what Rust's compiler
// refuses: misuse of the locks, guards and owners of github.com/go-own/own. The
// command ownvet runs them together with the standard suite of go vet; nogo and
// other drivers can take them from here. The README describes each rule.
package ownvet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/go-own/own/ownvet/blocking"
	"github.com/go-own/own/ownvet/discarded"
	"github.com/go-own/own/ownvet/errordropped"
	"github.com/go-own/own/ownvet/internal/rule"
	"github.com/go-own/own/ownvet/leak"
	"github.com/go-own/own/ownvet/lockcopied"
	"github.com/go-own/own/ownvet/lockorder"
	"github.com/go-own/own/ownvet/notsend"
	"github.com/go-own/own/ownvet/pointerescape"
	"github.com/go-own/own/ownvet/poisonblind"
	"github.com/go-own/own/ownvet/selfdeadlock"
	"github.com/go-own/own/ownvet/useafter"
	"github.com/go-own/own/ownvet/writethrough"
)

// Analyzers returns all of them. Those for rules that are off by default report
// nothing unless their flag enable is set.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		discarded.Guards,
		poisonblind.Analyzer,
		useafter.Unlock,
		pointerescape.Analyzer,
		leak.Guards,
		selfdeadlock.Analyzer,
		useafter.Drop,
		discarded.Owners,
		errordropped.Analyzer,
		lockcopied.Analyzer,
		notsend.Analyzer,
		writethrough.Analyzer,

		leak.Owners,
		lockorder.Analyzer,
		blocking.Analyzer,

		rule.Allow,
	}
}
