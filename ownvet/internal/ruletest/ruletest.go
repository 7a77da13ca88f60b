// Package ruletest runs an analyzer over packages in the module's testdata. They
// are in one tree, testdata/src, a folder or more for each rule, since all of them
// need own beside them, and the tree is a GOPATH to them.
package ruletest

import (
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// Run runs a over the packages, folders below testdata/src, and checks what it
// reports against their want comments.
func Run(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	analysistest.Run(t, Testdata(), a, packages...)
}

// RunWithFixes is Run that also compares the suggested fixes with the golden files.
func RunWithFixes(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	analysistest.RunWithSuggestedFixes(t, Testdata(), a, packages...)
}

// RunEnabled is Run for an analyzer that is off by default.
func RunEnabled(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	if err := a.Flags.Set("enable", "true"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Flags.Set("enable", "false") })
	Run(t, a, packages...)
}

// Testdata returns the folder that holds src.
func Testdata() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "testdata")
}
