package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A source is the library's source, by path. It is read once, so that all mutants are
// of the same source, whoever edits it meanwhile.
type source map[string]string

// findRoot returns the folder of the library: the one above, however far, that has
// its go.mod.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module github.com/go-own/own\n") {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("the library's source is not above this folder: run it in verify/")
		}
		dir = up
	}
}

// readSource reads the root module: without its examples, which only show what it can
// do, and without the modules nested in it.
func readSource(root string) (source, error) {
	src := source{}
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		switch {
		case path == ".":
			return nil
		case e.IsDir():
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if err == nil || path == "examples" || strings.HasPrefix(e.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		case !e.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		src[path] = string(data)
		return err
	})
	return src, err
}

// deleteTests deletes all tests.
func (src source) deleteTests() {
	for path := range src {
		if strings.HasSuffix(path, "_test.go") {
			delete(src, path)
		}
	}
}

// hasModelTests reports whether there are tests that run under the explorer.
func (src source) hasModelTests() bool {
	for path := range src {
		if ok, _ := filepath.Match("model*_test.go", path); ok {
			return true
		}
	}
	return false
}

// check returns an error that names each mutant that does not fit the source.
func (src source) check(mutants []mutant) error {
	var errs []error
	names := map[string]bool{}
	for _, m := range mutants {
		if _, err := src.edited(m); err != nil {
			errs = append(errs, err)
		}
		if names[m.name] {
			errs = append(errs, fmt.Errorf("%s: two bugs have this name", m.name))
		}
		names[m.name] = true
	}
	return errors.Join(errs...)
}

// edited returns the text of m's file with the bug in it.
func (src source) edited(m mutant) (string, error) {
	text, ok := src[m.file]
	if !ok {
		return "", fmt.Errorf("%s: there is no file %s", m.name, m.file)
	}
	if n := strings.Count(text, m.old); n != 1 {
		return "", fmt.Errorf("%s: the old text occurs %d times in %s, not once:\n%s", m.name, n, m.file, m.old)
	}
	if m.old == m.new {
		return "", fmt.Errorf("%s: changes nothing", m.name)
	}
	return strings.Replace(text, m.old, keepLines(m.old, m.new), 1), nil
}

// keepLines returns new with as many lines as old, where it has fewer. What follows
// then stays on its line. A test prints the line numbers of the library as it is, and
// a package that does not use what was edited need not be compiled again: the tests
// are what takes longest to compile.
func keepLines(old, new string) string {
	missing := strings.Count(old, "\n") - strings.Count(new, "\n")
	if missing <= 0 || !strings.HasSuffix(old, "\n") { // else new ends within a line
		return new
	}
	return new + strings.Repeat("\n", missing)
}

// write writes those files of the source that are wanted, with m in it, to dir.
func (src source) write(dir string, m mutant, wanted func(path string) bool) error {
	for path, text := range src {
		if !wanted(path) {
			continue
		}
		if path == m.file {
			var err error
			if text, err = src.edited(m); err != nil {
				return err
			}
		}
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// packages returns the folders of src that have Go files, as the go command wants
// them.
func (src source) packages() []string {
	var dirs []string
	for path := range src {
		if strings.HasSuffix(path, ".go") {
			dirs = append(dirs, folder(path))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// folder returns the folder of a file, as the go command wants it.
func folder(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return "./" + path[:i]
	}
	return "."
}
