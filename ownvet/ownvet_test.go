package ownvet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/go-own/own/ownvet"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

func TestAnalyzersAreValid(t *testing.T) {
	if err := analysis.Validate(ownvet.Analyzers()); err != nil {
		t.Fatal(err)
	}
}

// Whatever a package looks like, there is no panic and nothing is reported that is
// not so.
func TestOddPackages(t *testing.T) {
	found := analyze(t, nil,
		"odd/errors",     // type errors
		"odd/cgo",        // files that cgo writes
		"odd/generated",  // positions elsewhere, and nowhere
		"odd/plain",      // no import of own, and its names
		"odd/othermajor", // another major version of own
		"odd/shapes",     // shapes of code that are rare
	)
	for _, f := range found {
		// There is something to report in that one, and it does not matter what.
		if strings.Contains(f, "shapes.go") {
			t.Log(f)
		} else {
			t.Error(f)
		}
	}
}

// Files that do not parse, and one that is empty.
func TestBrokenFiles(t *testing.T) {
	for name, content := range map[string]string{
		"empty":     "",
		"cut off":   "package plain\n\nimport \"github.com/go-own/own\"\n\nfunc f(m *own.Mutex[int]) {\n\tg := m.MustLock(\n\tdefer g.",
		"no braces": "package plain\n\nfunc f() { for { if { select { case <- } } }",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(ruletest.Testdata(), "src", "odd", "plain", "plain.go")
			for _, f := range analyze(t, map[string][]byte{file: []byte(content)}, "odd/plain") {
				t.Error(f)
			}
		})
	}
}

// What takes more than proportional time shows in a function of some thousand
// branches, or as many locks, closures or cases.
func TestHugeFunctions(t *testing.T) {
	const n = 1000
	repeat := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, strings.ReplaceAll(format, "#", "%[1]d"), i)
		}
		return b.String()
	}
	bodies := map[string]string{
		"sections": repeat("\tif g#, err := m.Lock(); err == nil {\n\t\t*g#.Value()++\n\t\tg#.Unlock()\n\t}\n"),
		"branches": "\tg := m.MustLock()\n\tdefer g.Unlock()\n" + repeat("\tif n == # {\n\t\t*g.Value() += #\n\t}\n"),
		"returns":  "\tg := m.MustLock()\n" + repeat("\tif n == # {\n\t\tg.Unlock()\n\t\treturn\n\t}\n") + "\tg.Unlock()\n",
		"cases":    "\tg := m.MustLock()\n\tswitch n {\n" + repeat("\tcase #:\n\t\t*g.Value()--\n") + "\t}\n\tg.Unlock()\n",
		"closures": "\tg := m.MustLock()\n\tdefer g.Unlock()\n" + repeat("\tfunc() { *g.Value() = # }()\n"),
		"guards":   repeat("\tg#, err# := m.TryLock()\n") + repeat("\tif err# == nil {\n\t\tdefer g#.Unlock()\n\t}\n"),
		"nested":   strings.Repeat("for i := range n { if i > n {\n", 100) + "g := m.MustLock(); g.Unlock(); if n > 1 { continue }\n" + strings.Repeat("}}\n", 100),
		"deep":     strings.Repeat("func() {\n", 200) + "g := m.MustLock(); defer g.Unlock()\n" + strings.Repeat("}()\n", 200),
		"literal":  "\t_ = []any{\n" + repeat("\t\tm, # + n,\n") + "\t}\n",
		"gotos":    repeat("l#:\n\tif n > # {\n\t\tn--\n\t\tgoto l#\n\t}\n\tif g, err := m.Lock(); err == nil {\n\t\tg.Unlock()\n\t}\n"),
	}
	content := "package plain\n\nimport \"github.com/go-own/own\"\n"
	for name, body := range bodies {
		content += "\nfunc " + name + "(m *own.Mutex[int], n int) {\n" + body + "}\n"
	}
	file := filepath.Join(ruletest.Testdata(), "src", "odd", "plain", "plain.go")
	for _, f := range analyze(t, map[string][]byte{file: []byte(content)}, "odd/plain") {
		t.Error(f)
	}
}

// Code that does not import own, the standard library for one, has nothing to
// report.
func TestNothingWithoutOwn(t *testing.T) {
	for _, f := range analyze(t, nil, "net/http", "sync", "go/types", "encoding/json", "database/sql") {
		t.Error(f)
	}
}

// Two runs report the same, in the same order.
func TestDeterminism(t *testing.T) {
	packages := []string{"notsend", "errordropped", "lockcopied", "lockorder", "blocking", "odd/shapes"}
	first := analyze(t, nil, packages...)
	if len(first) == 0 {
		t.Error("nothing is reported")
	}
	if again := analyze(t, nil, packages...); !slices.Equal(first, again) {
		t.Errorf("first:\n%s\nthen:\n%s", strings.Join(first, "\n"), strings.Join(again, "\n"))
	}
}

// analyze runs all analyzers, also those that are off by default, over packages in
// testdata or the standard library, and returns what they report.
func analyze(t *testing.T, overlay map[string][]byte, patterns ...string) []string {
	t.Helper()
	analyzers := ownvet.Analyzers()
	for _, a := range analyzers {
		if a.Flags.Lookup("enable") != nil {
			a.Flags.Set("enable", "true")
			defer a.Flags.Set("enable", "false")
		}
	}
	gopath := ruletest.Testdata()
	pkgs, err := packages.Load(&packages.Config{
		Mode:    packages.LoadAllSyntax,
		Dir:     gopath,
		Env:     append(os.Environ(), "GO111MODULE=off", "GOPATH="+gopath, "GOPROXY=off"),
		Overlay: overlay,
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze(analyzers, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, action := range graph.Roots {
		if err := action.Err; err != nil && !strings.Contains(err.Error(), "analysis skipped due to") && !strings.Contains(err.Error(), "failed prerequisites") {
			t.Errorf("%v: %v", action, err)
		}
		for _, d := range action.Diagnostics {
			found = append(found, fmt.Sprintf("%s: %s", action.Package.Fset.Position(d.Pos), d.Message))
		}
	}
	return found
}
