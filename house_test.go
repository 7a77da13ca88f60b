package own_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tests of the house: what the project promises about itself.

// packages are the packages that users import, by folder.
var packages = []string{".", "cell", "owndebug", "rc"}

// The core imports the standard library and nothing else; testify and goleak
// are for tests.
func TestStandardLibraryOnly(t *testing.T) {
	for _, dir := range packages {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+dir).Output()
		require.NoError(t, err)
		for _, imported := range strings.Fields(string(out)) {
			require.Regexp(t, `^github\.com/go-own/own(/internal/\w+|/`+dir+`)?$`, imported)
		}
	}

	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	var direct []string
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1) {
		direct = append(direct, m[1])
	}
	require.ElementsMatch(t, []string{"github.com/stretchr/testify", "go.uber.org/goleak"}, direct)
	require.NotRegexp(t, `(?m)^(tool|replace|toolchain|exclude)\b`, string(mod))
}

// Every exported name has an Example, and every Example has an output that is
// checked: an example without one is compiled and not run.
func TestEveryNameHasAnExample(t *testing.T) {
	for _, dir := range packages {
		t.Run(dir, func(t *testing.T) { requireExamples(t, dir) })
	}
}

func requireExamples(t *testing.T, dir string) {
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), "export_") {
			continue // for tests only
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, path.Join("github.com/go-own/own", dir))
	require.NoError(t, err)

	var without []string
	check := func(name string, examples []*doc.Example) {
		if len(examples) == 0 {
			without = append(without, name)
		}
	}
	require.NotEmpty(t, pkg.Examples, "the package has an example of its own")
	for _, f := range pkg.Funcs {
		check(f.Name, f.Examples)
	}
	for _, typ := range pkg.Types {
		check(typ.Name, typ.Examples)
		for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
			check(strings.TrimPrefix(strings.Trim(f.Recv, "*")+"."+f.Name, "."), f.Examples)
		}
	}
	// go/doc has no place for the examples of variables; vet checks their names.
	all := map[string]bool{}
	for _, e := range doc.Examples(files...) {
		all[e.Name] = true
		require.True(t, e.Output != "" || e.EmptyOutput, "Example%s has no output", e.Name)
	}
	for _, v := range pkg.Vars {
		for _, name := range v.Names {
			if !all[name] {
				without = append(without, name)
			}
		}
	}
	require.Empty(t, without, "exported names without an Example")
}

// Every Go snippet of the README is a program that runs. One that states what it
// prints, in comments after "// Output:", prints that.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(readme), "\n"), 150, "lines")

	snippets := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, snippets)
	for i, s := range snippets {
		t.Run(fmt.Sprint("snippet ", i+1), func(t *testing.T) {
			program := s[1]
			if !strings.HasPrefix(program, "package ") {
				program = asProgram(program)
			}
			dir := overlay(t, "readme", program)
			cmd := exec.Command("go", "run", "-overlay", dir+"/overlay.json", "./readme")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", program, out)
			if _, want, ok := strings.Cut(s[1], "// Output:\n"); ok {
				want = regexp.MustCompile(`(?m)^\s*// ?`).ReplaceAllString(want, "")
				want, _, _ = strings.Cut(want, "\n}")
				require.Equal(t, strings.TrimSpace(want), strings.TrimSpace(string(out)))
			}
		})
	}
}

// asProgram makes a program of the statements of a snippet.
func asProgram(statements string) string {
	var imports strings.Builder
	for _, p := range []string{"context", "errors", "fmt", "net/http", "os", "sync", "github.com/go-own/own"} {
		if strings.Contains(statements, filepath.Base(p)+".") {
			fmt.Fprintf(&imports, "import %q\n", p)
		}
	}
	return "package main\n" + imports.String() + "func main() {\n" + statements + "}\n"
}

// overlay makes a package of one file that the go command sees in the folder
// name of this module, without writing it there. It returns the folder that has
// the overlay.json to be given to the go command.
func overlay(t *testing.T, name, source string) string {
	t.Helper()
	dir := t.TempDir()
	root, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600))
	data, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(root, name, "main.go"): filepath.Join(dir, "main.go")},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), data, 0o600))
	return dir
}
