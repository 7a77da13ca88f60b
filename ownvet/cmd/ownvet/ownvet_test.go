package main

import (
	"encoding/json"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-own/own/ownvet"
	"github.com/go-own/own/ownvet/internal/rule"
	"github.com/go-own/own/ownvet/internal/ruletest"
)

// The README's code, in a module of its own, checked as a user would: by go vet.
// What it calls wrong is found, by the rule it is about and no other, and what it
// calls right is not.
func TestReadme(t *testing.T) {
	m := newModule(t)
	rules := readme(t)
	for name, code := range rules {
		m.write("wrong/"+name+"/x.go", program(t, code.wrong))
		m.write("right/"+name+"/x.go", program(t, code.right))
	}
	m.write("allowed/x.go", program(t, code(t, "## Silencing a finding")))

	found := m.vet(t, "./...")
	// Those that are off by default are no part of what the other rules' code is
	// about: it leaves owners undropped.
	for _, name := range optIn {
		for pkg, findings := range m.vet(t, "-"+analyzerOf(name)+".enable", "./wrong/"+name, "./right/"+name) {
			found[pkg] = findings
		}
	}
	for name := range rules {
		if n := len(found["wrong/"+name]); n == 0 {
			t.Errorf("%s: the wrong code is not reported", name)
		}
		for _, f := range found["wrong/"+name] {
			if !strings.HasPrefix(f, name+": ") {
				t.Errorf("%s: the wrong code is reported otherwise: %s", name, f)
			}
		}
		if f := found["right/"+name]; len(f) > 0 {
			t.Errorf("%s: the right code is reported: %s", name, f)
		}
	}
	if f := found["allowed"]; len(f) > 0 {
		t.Errorf("what the directive allows is reported: %s", f)
	}

	// By itself the command finds the same.
	out, err := exec.Command(m.command, "help").CombinedOutput()
	if err != nil {
		t.Fatalf("help: %v\n%s", err, out)
	}
	alone := m.run(t, m.command, "-json", "./wrong/...", "./right/...")
	for name := range rules {
		if slices.Contains(optIn, name) {
			continue
		}
		if a, v := alone["wrong/"+name], found["wrong/"+name]; !slices.Equal(a, v) {
			t.Errorf("%s: by itself %q, by go vet %q", name, a, v)
		}
	}

	// The exit codes are what CI looks at.
	for dir, want := range map[string]bool{"./right/...": true, "./wrong/...": false} {
		cmd := exec.Command("go", "vet", "-vettool="+m.command, dir)
		cmd.Dir, cmd.Env = m.dir, m.env
		if out, err := cmd.CombinedOutput(); (err == nil) != want {
			t.Errorf("go vet %s: %v\n%s", dir, err, out)
		}
	}
}

// The standard suite is there, too.
func TestStandardSuite(t *testing.T) {
	m := newModule(t)
	m.write("x.go", program(t, `func f(m own.Mutex[int]) { fmt.Printf("%d", "x") }
`))
	found := m.run(t, "go", "vet", "-json", "-vettool="+m.command, ".")
	if all := strings.Join(found["."], "\n"); !strings.Contains(all, "passes lock by value") || !strings.Contains(all, "wrong type") {
		t.Errorf("found %q", found)
	}
}

// A package need not import own itself to misuse it.
func TestThroughOtherPackages(t *testing.T) {
	m := newModule(t)
	m.write("a/a.go", `package a

import "github.com/go-own/own"

type S struct{ mu own.Mutex[int] }

func (s *S) Mutex() *own.Mutex[int] { return &s.mu }
`)
	m.write("b/b.go", `package b

import "example.com/scratch/a"

type T struct{ *a.S }
`)
	m.write("c/c.go", `package c

import "example.com/scratch/b"

func f(t b.T) { t.Mutex().Store(1) }
`)
	found := m.vet(t, "./c")
	if f := found["c"]; len(f) != 1 || !strings.HasPrefix(f[0], "error-dropped: ") {
		t.Errorf("found %q", f)
	}
}

// Each rule is described in the README and checked by an analyzer.
func TestEveryRuleIsThere(t *testing.T) {
	described := readme(t)
	analyzers := map[string]bool{}
	for _, a := range ownvet.Analyzers() {
		analyzers[a.Name] = true
	}
	for _, name := range rule.Names {
		if _, ok := described[name]; !ok {
			t.Errorf("the README does not describe %s", name)
		}
		if !analyzers[analyzerOf(name)] {
			t.Errorf("no analyzer for %s", name)
		}
	}
}

var optIn = []string{"owner-leak", "lock-order", "blocking-while-locked"}

func analyzerOf(name string) string { return strings.ReplaceAll(name, "-", "") }

// A module is one that imports own.
type module struct {
	t       *testing.T
	dir     string
	command string // the ownvet that was built
	env     []string
}

// newModule makes a module in which a stub stands for own, as long as there is none
// to download.
func newModule(t *testing.T) *module {
	t.Helper()
	m := &module{t: t, dir: t.TempDir()}
	m.env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off")
	m.command = filepath.Join(t.TempDir(), "ownvet")
	if out, err := exec.Command("go", "build", "-o", m.command, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	stub := os.DirFS(filepath.Join(ruletest.Testdata(), "src", "github.com", "go-own", "own"))
	err := fs.WalkDir(stub, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(stub, path)
		m.write("own/"+path, string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.write("own/go.mod", "module github.com/go-own/own\n\ngo 1.26.0\n")
	m.write("go.mod", `module example.com/scratch

go 1.26.0

require github.com/go-own/own v0.0.0

replace github.com/go-own/own => ./own
`)
	return m
}

func (m *module) write(path, content string) {
	m.t.Helper()
	path = filepath.Join(m.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		m.t.Fatal(err)
	}
}

// vet runs go vet and returns the findings of ownvet's rules.
func (m *module) vet(t *testing.T, args ...string) map[string][]string {
	t.Helper()
	return m.run(t, "go", append([]string{"vet", "-json", "-vettool=" + m.command}, args...)...)
}

// run returns the findings that a command prints as JSON, by folder of the package.
func (m *module) run(t *testing.T, name string, args ...string) map[string][]string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = m.dir, m.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	// go vet prints a comment and an object for each package, the command one for all.
	out = regexp.MustCompile(`(?m)^#.*$`).ReplaceAll(out, nil)
	found := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var packages map[string]map[string]json.RawMessage
		if err := d.Decode(&packages); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
		for pkg, byAnalyzer := range packages {
			dir := strings.TrimPrefix(strings.TrimPrefix(pkg, "example.com/scratch"), "/")
			if dir == "" {
				dir = "."
			}
			for _, analyzer := range slices.Sorted(maps.Keys(byAnalyzer)) {
				var findings []struct{ Message string }
				if err := json.Unmarshal(byAnalyzer[analyzer], &findings); err != nil {
					t.Fatalf("%s: %s: %s", pkg, analyzer, byAnalyzer[analyzer])
				}
				for _, f := range findings {
					found[dir] = append(found[dir], f.Message)
				}
			}
		}
	}
	return found
}

type example struct{ wrong, right string }

// readme returns the code for each rule that the README describes.
func readme(t *testing.T) map[string]example {
	t.Helper()
	rules := map[string]example{}
	for _, section := range strings.Split(readmeText(t), "\n### ")[1:] {
		name, _, _ := strings.Cut(section, "\n")
		blocks := goBlocks(section)
		if len(blocks) != 2 {
			t.Fatalf("%s has %d blocks of code", name, len(blocks))
		}
		rules[name] = example{blocks[0], blocks[1]}
	}
	return rules
}

// code returns the one block of code under a heading of the README.
func code(t *testing.T, heading string) string {
	t.Helper()
	_, section, ok := strings.Cut(readmeText(t), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("the README has no %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	return goBlocks(section)[0]
}

func readmeText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func goBlocks(text string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// program makes a package of declarations.
func program(t *testing.T, declarations string) string {
	t.Helper()
	text := "package p\n\nimport (\n"
	for _, path := range []string{
		"fmt", "slices", "sync", "time",
		"github.com/go-own/own", "github.com/go-own/own/cell", "github.com/go-own/own/rc",
	} {
		name := path[strings.LastIndex(path, "/")+1:]
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(declarations) {
			text += fmt.Sprintf("\t%q\n", path)
		}
	}
	text += ")\n\n" + declarations
	if formatted, err := format.Source([]byte(text)); err != nil {
		t.Fatalf("%v\n%s", err, text)
	} else if !strings.HasSuffix(string(formatted), declarations) {
		t.Errorf("not formatted:\n%s", declarations)
	}
	return text
}
