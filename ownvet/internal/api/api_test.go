package api_test

import (
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/go-own/own/ownvet/internal/api"
)

// The testdata of all rules is checked against a stub of own. What it says must
// be what own says.
func TestStubAgreesWithOwn(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	if _, err := os.Stat(filepath.Join(root, "mutex.go")); err != nil {
		t.Skip("own is not beside this module:", err)
	}
	real := load(t, root, "GO111MODULE=on", "GOWORK=off")
	stub := loadStub(t)
	for _, path := range []string{api.Path, api.Path + "/rc", api.Path + "/cell"} {
		got, want := describe(stub[path]), describe(real[path])
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("the stub lacks: %s", line)
			}
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("only in the stub: %s", line)
			}
		}
	}
}

// What is written down about own's functions and methods is about ones that it
// has, and it is what their signatures say.
func TestEffectsAgreeWithSignatures(t *testing.T) {
	known := map[api.Func]bool{}
	for _, pkg := range loadStub(t) {
		each(pkg, func(fn *types.Func) {
			f, ok := api.FuncOf(fn)
			if !ok {
				t.Errorf("%v is not recognised", fn)
				return
			}
			known[f] = true
			e, sig := f.Effect(), fn.Signature()
			var handle api.Type
			var last types.Type
			if n := sig.Results().Len(); n > 0 {
				handle = api.HandleOf(sig.Results().At(0).Type())
				last = sig.Results().At(n - 1).Type()
			}
			if e.New != handle {
				t.Errorf("%v: New is %q, and result 0 is %q", f, e.New, handle)
			}
			switch e.Fails {
			case api.ByError:
				if last.String() != "error" {
					t.Errorf("%v: no error", f)
				}
			case api.ByFalse:
				if last.String() != "bool" {
					t.Errorf("%v: no bool", f)
				}
			default:
				if handle != api.NotOwn && sig.Results().Len() > 1 {
					t.Errorf("%v: what does its second result say?", f)
				}
			}
			if e.Recv != api.Kept && f.Recv.IsHandle() == false {
				t.Errorf("%v: its receiver is no handle", f)
			}
		})
	}
	for f := range api.Effects {
		if !known[f] {
			t.Errorf("own has no %v", f)
		}
	}
}

func TestImportPaths(t *testing.T) {
	for path, want := range map[string]bool{
		"github.com/go-own/own":                          true,
		"github.com/go-own/own [github.com/me/x.test]":   true,
		"github.com/me/x/vendor/github.com/go-own/own":   true,
		"github.com/go-own/own/v2":                       false, // another API
		"github.com/go-own/owner":                        false,
		"github.com/go-own/own/internal/own":             false,
		"github.com/me/github.com/go-own/own":            false,
		"gopkg.in/go-own/own.v1":                         false,
		"github.com/go-own/own_test":                     false,
		"github.com/go-own/own_test [github.com/a.test]": false,
	} {
		pkg := types.NewPackage(path, "own")
		name := types.NewTypeName(token.NoPos, pkg, "Mutex", nil)
		named := types.NewNamed(name, types.NewStruct(nil, nil), nil)
		if got := api.TypeOf(named) == api.Mutex; got != want {
			t.Errorf("%s: recognised: %v, want %v", path, got, want)
		}
	}
}

func loadStub(t *testing.T) map[string]*types.Package {
	gopath, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return load(t, gopath, "GO111MODULE=off", "GOPATH="+gopath)
}

func load(t *testing.T, dir string, env ...string) map[string]*types.Package {
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir:  dir,
		Env:  append(os.Environ(), env...),
	}, api.Path, api.Path+"/rc", api.Path+"/cell")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		t.FailNow()
	}
	byPath := map[string]*types.Package{}
	for _, p := range pkgs {
		byPath[p.PkgPath] = p.Types
	}
	return byPath
}

// describe returns a line for each exported name.
func describe(pkg *types.Package) []string {
	var lines []string
	qualifier := func(p *types.Package) string { return p.Name() }
	for _, name := range pkg.Scope().Names() {
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.TypeName:
			if obj.Exported() {
				lines = append(lines, "type "+name)
			}
		case *types.Var:
			if obj.Exported() {
				lines = append(lines, types.ObjectString(obj, qualifier))
			}
		}
	}
	each(pkg, func(fn *types.Func) { lines = append(lines, types.ObjectString(fn, qualifier)) })
	return lines
}

// each calls f for each exported function and method in pkg.
func each(pkg *types.Package, f func(*types.Func)) {
	for _, name := range pkg.Scope().Names() {
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			if obj.Exported() {
				f(obj)
			}
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if !ok || !obj.Exported() || obj.Name() == "PoisonError" {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() {
					f(m)
				}
			}
		}
	}
}
