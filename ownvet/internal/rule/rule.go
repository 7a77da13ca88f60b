// Package rule is what all of ownvet's analyzers have in common: how a finding
// looks, how one line is silenced, and how a rule is switched on.
package rule

import (
	"flag"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Names are the names of all rules.
var Names = []string{
	"guard-discarded",
	"poison-blind",
	"use-after-unlock",
	"pointer-escape",
	"guard-leak",
	"self-deadlock",
	"use-after-drop",
	"owner-discarded",
	"error-dropped",
	"lock-copied",
	"not-send",
	"write-through-read-guard",

	// Opt-in.
	"owner-leak",
	"lock-order",
	"blocking-while-locked",
}

// page describes the rules, under a heading each.
const page = "https://github.com/go-own/own/tree/main/ownvet"

// New makes a the analyzer of the rule called name, such as "guard-discarded".
// What it reports begins with that name, has it as its category, points to its
// description, and can be silenced by a directive.
//
// The analyzer itself, and so the flag that selects it, has the same name without
// hyphens: the analysis framework wants a Go identifier.
func New(name string, a analysis.Analyzer) *analysis.Analyzer {
	if !slices.Contains(Names, name) {
		panic("ownvet: a rule that is not in Names: " + name)
	}
	a.Name = strings.ReplaceAll(name, "-", "")
	a.URL = page + "#" + name
	run := a.Run
	a.Run = func(pass *analysis.Pass) (any, error) {
		allowed := directivesFor(pass, name)
		labelled := *pass
		// One diagnostic a finding: of two handles that one value may be, or of both
		// sides of an assignment, the first.
		at, said := map[token.Pos]bool{}, map[string]bool{}
		labelled.Report = func(d analysis.Diagnostic) {
			where := pass.Fset.Position(d.Pos)
			what := fmt.Sprint(where.Filename, where.Line, d.Message)
			if at[d.Pos] || said[what] {
				return
			}
			at[d.Pos], said[what] = true, true
			if allowed.covers(pass.Fset, d.Pos) {
				return
			}
			d.Message = name + ": " + d.Message
			d.Category = name
			d.URL = a.URL
			pass.Report(d)
		}
		result, err := run(&labelled)
		if err != nil {
			return nil, err
		}
		for _, useless := range allowed.useless() {
			useless.Message = name + ": " + useless.Message
			useless.Category = name
			useless.URL = page + "#silencing-a-finding"
			pass.Report(useless)
		}
		return result, nil
	}
	return &a
}

// OptIn is [New] for a rule that is off by default. The flag -<analyzer>.enable
// adds it to the others, and -<analyzer> runs it alone, as for any analyzer. While
// it is off, it does nothing: its facts are for itself.
func OptIn(name string, a analysis.Analyzer) *analysis.Analyzer {
	made := New(name, a)
	enable := made.Flags.Bool("enable", false, "report "+name+", which is off by default")
	run := made.Run
	made.Run = func(pass *analysis.Pass) (any, error) {
		if !*enable && !selected(made.Name) {
			return nil, nil
		}
		return run(pass)
	}
	return made
}

// selected reports whether the command line selects the analyzer by its name.
// The drivers do not tell it: to them, all analyzers are on unless some are
// selected, and somebody who writes -lockorder wants to see what it finds.
func selected(name string) bool {
	f := flag.Lookup(name)
	if f == nil {
		return false
	}
	// Not String, which says true of a flag that is not set.
	v, ok := f.Value.(flag.Getter)
	return ok && v.Get() == true
}
