//go:build !race && !owndebug

package rc_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/rc"
)

// What the documentation says about cost without naming a time: sizes,
// allocations, inlining. Times are in bench_test.go.
//
// Not with -race: its instrumentation keeps the thin methods from being inlined,
// so that handles are allocated there.

func TestRcSizes(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(rc.Rc[string]{}), uintptr(24))
	require.LessOrEqual(t, unsafe.Sizeof(rc.Weak[string]{}), uintptr(24))
}

// sink is where handles go that are to be stored.
var sink any

// A handle that is used where it was made costs nothing; one that is stored
// costs one small allocation.
func TestRcAllocations(t *testing.T) {
	type wide struct{ a, b, c string }
	r := rc.New(wide{})
	defer r.Drop()
	w := r.Downgrade()
	defer w.Drop()
	alone := rc.New(wide{})
	defer alone.Drop()

	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"Clone, direct Drop", 0, func() {
			b := r.Clone()
			_ = b.Value().a
			b.Drop()
		}},
		{"Clone, deferred Drop", 0, func() {
			b := r.Clone()
			defer b.Drop()
			_ = b.Value().a
		}},
		{"Clone, in one line", 0, func() { r.Clone().Drop() }},
		{"Clone in a loop", 0, func() {
			for range 3 {
				b := r.Clone()
				b.Drop()
			}
		}},
		{"Move", 0, func() {
			b := r.Clone()
			defer b.Drop()
			c := b.Move()
			c.Drop()
		}},
		{"Downgrade", 0, func() {
			v := r.Downgrade()
			v.Drop()
		}},
		{"Weak.Clone", 0, func() {
			v := w.Clone()
			v.Drop()
		}},
		{"Weak.Upgrade", 0, func() {
			if b, ok := w.Upgrade(); ok {
				defer b.Drop()
				_ = b.Value().a
			}
		}},
		{"Weak.Upgrade, IntoInner", 0, func() {
			if b, ok := w.Upgrade(); ok {
				b.IntoInner()
			}
		}},
		{"counts and PtrEq", 0, func() {
			_ = r.StrongCount() + r.WeakCount() + w.StrongCount() + w.WeakCount()
			_ = r.PtrEq(r) && w.PtrEq(w)
		}},
		{"GetMut", 0, func() { alone.GetMut() }},
		{"MakeMut of the only owner", 0, func() { alone.MakeMut(copyOf).a = "a" }},
		{"stored", 1, func() {
			b := r.Clone()
			sink = b
			b.Drop()
		}},
		{"Weak, stored", 1, func() {
			v := r.Downgrade()
			sink = v
			v.Drop()
		}},
	} {
		require.Equal(t, test.want, testing.AllocsPerRun(100, test.f), test.name)
	}
	sink = nil
}

// The thin generic methods must be inlined, or their handles would escape from
// them. Rc.Drop makes no handle and is not: the call of the hook alone costs
// three quarters of the compiler's budget.
func TestRcInlining(t *testing.T) {
	const program = `package main

import "github.com/go-own/own/rc"

func main() {
	r := rc.New("")
	w := r.Downgrade()
	var n int
	var ok bool

%s
	_, _, _, _ = r, w, n, ok
}
`
	lines := []string{
		"_ = r.Value()",
		"r = r.Clone()",
		"r = r.Move()",
		"w = r.Downgrade()",
		"n = r.StrongCount()",
		"n = r.WeakCount()",
		"ok = r.PtrEq(r)",
		"_, ok = r.GetMut()",
		"r, ok = w.Upgrade()",
		"w = w.Clone()",
		"w.Drop()",
		"n = w.StrongCount()",
		"n = w.WeakCount()",
		"ok = w.PtrEq(w)",
	}
	dir := overlay(t, "inlining", fmt.Sprintf(program, "\t"+strings.Join(lines, "\n\t")+"\n"))
	cmd := exec.Command("go", "build", "-o", t.TempDir(), "-overlay", dir+"/overlay.json", "-gcflags=-m", "./inlining")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	// The program's own lines, by number, and what was inlined there.
	const first = 11
	for i, line := range lines {
		require.Regexp(t, fmt.Sprintf(`(?m)main\.go:%d:\d+: inlining call to rc\.\(\*\w+\[go\.shape\.string\]\)\.\w+$`, first+i),
			string(out), "not inlined: %s", line)
	}
}

// overlay makes a package of one file that the go command sees in the folder
// name of this one, without writing it there. It returns the folder that has the
// overlay.json to be given to the go command.
func overlay(t *testing.T, name, source string) string {
	t.Helper()
	dir := t.TempDir()
	here, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600))
	data, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(here, name, "main.go"): filepath.Join(dir, "main.go")},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), data, 0o600))
	return dir
}
