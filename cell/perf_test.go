//go:build !race && !owndebug

package cell_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/cell"
)

// What the documentation says about cost without naming a time: sizes,
// allocations, inlining.
//
// Not with -race, whose instrumentation keeps the thin methods from being
// inlined, and not in the debug build, which pays to know where borrows began.

// A cell is its value and a number, and a handle is one word: what the debug
// build records has no place here.
func TestRefCellSizes(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(cell.RefCell[int64]{}), uintptr(16))
	require.LessOrEqual(t, unsafe.Sizeof(cell.RefCell[[4]int64]{}), uintptr(40))
	require.Equal(t, uintptr(8), unsafe.Sizeof(cell.RefCell[int32]{}))
	require.Equal(t, unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(cell.Ref[string]{}))
	require.Equal(t, unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(cell.RefMut[string]{}))
}

// sink is where handles go that are to be stored.
var sink any

// A handle that is used where it was made costs nothing; one that is stored costs
// one small allocation.
func TestRefCellAllocations(t *testing.T) {
	type wide struct{ a, b, c string }
	c := cell.NewRefCell(wide{})
	other := cell.NewRefCell(wide{})

	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"Borrow, deferred", 0, func() {
			b := c.Borrow()
			defer b.Drop()
			_ = b.Value().a
		}},
		{"Borrow, direct", 0, func() {
			b := c.Borrow()
			_ = b.Value().a
			b.Drop()
		}},
		{"Borrow, in one line", 0, func() { defer c.Borrow().Drop() }},
		{"Borrow in a loop", 0, func() {
			for range 3 {
				b := c.Borrow()
				b.Drop()
			}
		}},
		{"TryBorrow", 0, func() {
			if b, err := c.TryBorrow(); err == nil {
				defer b.Drop()
				_ = b.Value().a
			}
		}},
		{"TryBorrow, refused", 0, func() {
			w := c.BorrowMut()
			defer w.Drop()
			if b, err := c.TryBorrow(); err == nil {
				b.Drop()
			}
		}},
		{"BorrowMut, deferred", 0, func() {
			b := c.BorrowMut()
			defer b.Drop()
			b.Value().a = "a"
		}},
		{"TryBorrowMut", 0, func() {
			if b, err := c.TryBorrowMut(); err == nil {
				defer b.Drop()
				b.Value().a = "a"
			}
		}},
		{"Ref.Clone", 0, func() {
			b := c.Borrow()
			defer b.Drop()
			d := b.Clone()
			defer d.Drop()
			_ = d.Value().a
		}},
		{"Replace", 0, func() { c.Replace(wide{}) }},
		{"Swap", 0, func() { c.Swap(&other) }},
		{"Take", 0, func() { c.Take() }},
		{"IntoInner", 0, func() { c.IntoInner() }},
		{"Ref, stored", 1, func() {
			b := c.Borrow()
			defer b.Drop()
			sink = b
		}},
	} {
		require.Equal(t, test.want, testing.AllocsPerRun(100, test.f), test.name)
	}
	sink = nil
}

// The thin generic methods must be inlined, or their handles would escape from
// them.
func TestRefCellInlining(t *testing.T) {
	const program = `package main

import "github.com/go-own/own/cell"

func main() {
	c := cell.NewRefCell("")
	var r *cell.Ref[string]
	var w *cell.RefMut[string]

%s
	_, _, _ = &c, r, w
}
`
	lines := []string{
		"r = c.Borrow()",
		"r, _ = c.TryBorrow()",
		"w = c.BorrowMut()",
		"w, _ = c.TryBorrowMut()",
		"_ = r.Value()",
		"_ = w.Value()",
		"r = r.Clone()",
		"r.Drop()",
		"w.Drop()",
	}
	file := overlay(t, "inlining/main.go", fmt.Sprintf(program, "\t"+strings.Join(lines, "\n\t")+"\n"))
	out, err := exec.Command("go", "build", "-o", t.TempDir(), "-overlay", file, "-gcflags=-m", "./inlining").CombinedOutput()
	require.NoError(t, err, "%s", out)

	// The program's own lines, by number, and what was inlined there.
	const first = 10
	for i, line := range lines {
		require.Regexp(t, fmt.Sprintf(`(?m)main\.go:%d:\d+: inlining call to cell\.\(\*\w+\[go\.shape\.string\]\)\.\w+$`, first+i),
			string(out), "not inlined: %s", line)
	}
}
