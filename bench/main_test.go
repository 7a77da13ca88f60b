package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runCommand does what the command does, and returns what it printed.
func runCommand(t *testing.T, args ...string) (stdout, stderr string, err error) {
	var out, errs strings.Builder
	err = command(t.Context(), args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), err
}

// From measuring to the table and a comparison, with all processes. What is not measured is
// said, and a part of it all changes nothing in the repository.
func TestCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the debug build")
	}
	before := repository(t)
	dir := t.TempDir()
	_, stderr, err := runCommand(t, "-quick", "-run", "^(Lock/try|Debug/pair|Size)", "-results", dir)
	require.NoError(t, err, stderr)
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	stdout, _, err := runCommand(t, "-from", files[0], "-run", "Lock", "-against", files[0])
	require.NoError(t, err)
	for _, want := range []string{"own.Guard", "own.debug", "go-deadlock", "linkdata.deadlock", "own.RWMutex", "not measured"} {
		require.Contains(t, stdout, want)
	}
	if _, err := exec.LookPath("cargo"); err == nil {
		require.Contains(t, stdout, "rust.Mutex")
	}
	require.Equal(t, before, repository(t))
}

// repository returns what a run of everything rewrites.
func repository(t *testing.T) string {
	var all strings.Builder
	for _, name := range []string{"README.md", filepath.Join("..", "README.md")} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// Without Rust, that is said once, and in the results.
func TestCommandWithoutRust(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the debug build")
	}
	goTool, err := exec.LookPath("go")
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(goTool, filepath.Join(bin, "go")))
	t.Setenv("PATH", bin)
	dir := t.TempDir()
	stdout, stderr, err := runCommand(t, "-quick", "-run", "^Lock/try", "-results", dir)
	require.NoError(t, err, stderr)
	require.Contains(t, stderr, "Rust is not measured: there is no cargo on the PATH\n")
	require.Contains(t, stdout, "not measured: there is no cargo on the PATH")
	require.NotContains(t, stdout, "rust.Mutex")
}

func TestCommandMisuse(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-run", "("}, "missing closing )"},
		{[]string{"fast"}, `there is no argument "fast"`},
		{[]string{"-rounds", "many"}, "invalid value"},
		{[]string{"-from", "nothing.txt"}, "nothing.txt"},
		{[]string{"-from", "main.go"}, "main.go"},
	} {
		_, _, err := runCommand(t, test.args...)
		require.ErrorContains(t, err, test.want)
	}
}

// Every target and every row of the README is of a workload and a side that there are.
func TestNamesAreThere(t *testing.T) {
	sides := map[string]bool{}
	for _, w := range workloads() {
		for _, s := range w.sides {
			sides[w.name+" "+s.name] = true
		}
		sides[w.name+" "+w.rust] = true
	}
	for _, g := range targets {
		if g.test == "" {
			require.Contains(t, sides, g.workload+" "+g.side)
			require.Contains(t, sides, g.workload+" "+g.base)
		}
	}
	for _, q := range quotations {
		for _, part := range q.ratios {
			require.Contains(t, sides, part.workload+" "+part.side)
			require.Contains(t, sides, part.workload+" "+part.base)
		}
	}
}
