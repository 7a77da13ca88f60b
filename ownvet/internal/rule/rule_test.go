package rule_test

import (
	"flag"
	"go/ast"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/go-own/own/ownvet/internal/rule"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

// calls reports calls of bad.
func calls() analysis.Analyzer {
	return analysis.Analyzer{
		Doc: "report calls of bad",
		Run: func(pass *analysis.Pass) (any, error) {
			for _, f := range pass.Files {
				for n := range ast.Preorder(f) {
					call, ok := n.(*ast.CallExpr)
					if !ok {
						continue
					}
					if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "bad" {
						pass.Report(analysis.Diagnostic{Pos: call.Pos(), Message: "bad is called"})
					}
				}
			}
			return nil, nil
		},
	}
}

func TestAllow(t *testing.T) {
	a := rule.New("not-send", calls())
	if err := analysis.Validate([]*analysis.Analyzer{a}); err != nil {
		t.Fatal(err)
	}
	for _, result := range analysistest.Run(t, ruletest.Testdata(), a, "allow") {
		for _, d := range result.Diagnostics {
			if d.Category != "not-send" || d.URL == "" {
				t.Errorf("%s: category %q, URL %q", d.Message, d.Category, d.URL)
			}
		}
	}
}

func TestAllowUnknownRule(t *testing.T) {
	ruletest.Run(t, rule.Allow, "allow/unknown")
}

// A rule that is off by default runs with its flag enable, and also if the command
// line selects it: the framework tells it of that only by a flag of its name.
func TestOptIn(t *testing.T) {
	a := rule.OptIn("lock-order", calls())
	run := func() (reports int) {
		pass := &analysis.Pass{Analyzer: a, Report: func(analysis.Diagnostic) { reports++ }}
		pass.Files = []*ast.File{{
			Name:  ast.NewIdent("p"),
			Decls: []ast.Decl{&ast.FuncDecl{Name: ast.NewIdent("f"), Type: &ast.FuncType{}, Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: &ast.CallExpr{Fun: ast.NewIdent("bad")}}}}}},
		}}
		if _, err := a.Run(pass); err != nil {
			t.Fatal(err)
		}
		return reports
	}
	check := func(when string, want int) {
		t.Helper()
		if got := run(); got != want {
			t.Errorf("%s: %d reports, want %d", when, got, want)
		}
	}
	check("by default", 0)
	a.Flags.Set("enable", "true")
	check("enabled", 1)
	a.Flags.Set("enable", "false")

	// What x/tools's drivers do: a flag that is true by default and says so.
	name := &selection{}
	flag.Var(name, a.Name, "")
	check("not selected", 0)
	name.Set("true")
	check("selected", 1)
}

type selection struct{ set bool }

func (s *selection) Set(v string) error { s.set = v == "true"; return nil }
func (s *selection) String() string     { return "true" }
func (s *selection) Get() any           { return s.set }

// Every rule has one analyzer, and no other is called so.
func TestNames(t *testing.T) {
	if !slices.Contains(rule.Names, "guard-discarded") || len(rule.Names) != 15 {
		t.Errorf("%q", rule.Names)
	}
	defer func() {
		if recover() == nil {
			t.Error("New accepts a name that is not in Names")
		}
	}()
	rule.New("no-such-rule", calls())
}
