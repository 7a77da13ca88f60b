//go:build !race && !ownmodel && !owndebug

package own_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// What the documentation says about cost without naming a time: sizes,
// allocations, inlining. Times are in bench_test.go.
//
// Not with -race: its instrumentation keeps the thin methods from being inlined,
// so that handles are allocated there.

// sizeOver is how much larger a lock is than the value in it.
func sizeOver[T, L any]() uintptr {
	var (
		v T
		l L
	)
	return unsafe.Sizeof(l) - unsafe.Sizeof(v)
}

// A lock over an int64 is the int64, a sync.Mutex, the poison and where waiters
// are found.
func TestSizes(t *testing.T) {
	require.LessOrEqual(t, sizeOver[int64, own.Mutex[int64]](), uintptr(32))
	require.LessOrEqual(t, sizeOver[[3]string, own.Mutex[[3]string]](), uintptr(32))
	require.LessOrEqual(t, sizeOver[int64, own.RWMutex[int64]](), uintptr(56))
	require.LessOrEqual(t, unsafe.Sizeof(own.Guard[string]{}), uintptr(8))
	require.LessOrEqual(t, unsafe.Sizeof(own.ReadGuard[string]{}), uintptr(8))
	require.LessOrEqual(t, unsafe.Sizeof(own.WriteGuard[string]{}), uintptr(8))
	require.LessOrEqual(t, unsafe.Sizeof(own.Arc[string]{}), uintptr(8))
	require.LessOrEqual(t, unsafe.Sizeof(own.Weak[string]{}), uintptr(8))
}

// sink is where handles go that are to be stored.
var sink any

// A handle that is used where it was made costs nothing; one that is stored
// costs one small allocation.
func TestAllocations(t *testing.T) {
	type wide struct{ a, b, c string }
	m := own.NewMutex(wide{})
	rw := own.NewRWMutex(wide{})
	ctx := t.Context()
	a := own.NewArc(wide{})
	defer a.Drop()
	w := a.Downgrade()
	defer w.Drop()
	var cell own.AtomicArc[wide]
	cell.Store(own.NewArc(wide{}))
	defer cell.Drop()

	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"Lock, checked and deferred", 0, func() {
			g, err := m.Lock()
			if err != nil {
				return
			}
			defer g.Unlock()
			g.Value().a = "a"
		}},
		{"MustLock, direct", 0, func() {
			g := m.MustLock()
			g.Value().a = "a"
			g.Unlock()
		}},
		{"MustLock, in one line", 0, func() { defer m.MustLock().Unlock() }},
		{"TryLock", 0, func() {
			if g, err := m.TryLock(); err == nil {
				defer g.Unlock()
			}
		}},
		{"LockIgnorePoison", 0, func() { defer m.LockIgnorePoison().Unlock() }},
		{"Lock in a loop", 0, func() {
			for range 3 {
				g, err := m.Lock()
				if err != nil {
					continue
				}
				g.Unlock()
			}
		}},
		{"With", 0, func() { m.With(func(v *wide) { v.b = "b" }) }},
		{"WithErr", 0, func() { m.WithErr(func(v *wide) error { v.b = "b"; return nil }) }},
		{"MustWith", 0, func() { m.MustWith(func(v *wide) { v.b = "b" }) }},
		{"Load", 0, func() { m.Load() }},
		{"Store", 0, func() { m.Store(wide{}) }},
		{"Swap", 0, func() { m.Swap(wide{}) }},
		{"LockContext", 0, func() {
			g, err := m.LockContext(ctx)
			if err != nil {
				return
			}
			defer g.Unlock()
			g.Value().a = "a"
		}},
		{"LockWhen", 0, func() {
			g, err := m.LockWhen(ctx, func(v *wide) bool { return v.c == "" })
			if err != nil {
				return
			}
			defer g.Unlock()
			g.Value().a = "a"
		}},
		{"Await", 0, func() {
			g := m.MustLock()
			defer g.Unlock()
			if err := g.Await(ctx, func(v *wide) bool { return v.c == "" }); err != nil {
				return
			}
			g.Value().a = "a"
		}},
		{"RWMutex.RLock", 0, func() {
			g, err := rw.RLock()
			if err != nil {
				return
			}
			defer g.Unlock()
			_ = g.Value().a
		}},
		{"RWMutex.MustRLock", 0, func() { defer rw.MustRLock().Unlock() }},
		{"RWMutex.TryRLock", 0, func() {
			if g, err := rw.TryRLock(); err == nil {
				defer g.Unlock()
			}
		}},
		{"RWMutex.RLockContext", 0, func() {
			if g, err := rw.RLockContext(ctx); err == nil {
				defer g.Unlock()
			}
		}},
		{"RWMutex.RLockIgnorePoison", 0, func() { defer rw.RLockIgnorePoison().Unlock() }},
		{"RWMutex.Lock", 0, func() {
			g, err := rw.Lock()
			if err != nil {
				return
			}
			defer g.Unlock()
			g.Value().a = "a"
		}},
		{"RWMutex.MustLock, downgraded", 0, func() {
			w := rw.MustLock()
			defer w.Unlock()
			r := w.Downgrade()
			defer r.Unlock()
			_ = r.Value().a
		}},
		{"RWMutex.TryLock", 0, func() {
			if g, err := rw.TryLock(); err == nil {
				defer g.Unlock()
			}
		}},
		{"RWMutex.LockContext", 0, func() {
			if g, err := rw.LockContext(ctx); err == nil {
				defer g.Unlock()
			}
		}},
		{"RWMutex.LockIgnorePoison", 0, func() { defer rw.LockIgnorePoison().Unlock() }},
		{"RWMutex.With", 0, func() { rw.With(func(v *wide) { v.b = "b" }) }},
		{"RWMutex.WithErr", 0, func() { rw.WithErr(func(v *wide) error { v.b = "b"; return nil }) }},
		{"RWMutex.RWith", 0, func() { rw.RWith(func(v *wide) { _ = v.b }) }},
		{"RWMutex.Load", 0, func() { rw.Load() }},
		{"RWMutex.Store", 0, func() { rw.Store(wide{}) }},
		{"Guard, stored", 1, func() {
			g := m.MustLock()
			defer g.Unlock()
			sink = g
		}},

		{"Arc.Clone", 0, func() {
			b := a.Clone()
			defer b.Drop()
			_ = b.Value().a
		}},
		{"Arc.Move", 0, func() {
			b := a.Clone()
			defer b.Drop()
			c := b.Move()
			c.Drop()
		}},
		{"Arc.Downgrade", 0, func() {
			v := a.Downgrade()
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
		{"AtomicArc.Load", 0, func() {
			b := cell.Load()
			defer b.Drop()
			_ = b.Value().a
		}},
		{"Arc, stored", 1, func() {
			b := a.Clone()
			sink = b
			b.Drop()
		}},
	} {
		require.Equal(t, test.want, testing.AllocsPerRun(100, test.f), test.name)
	}
	sink = nil
}

// The thin generic methods must be inlined, or their handles would escape from
// them. The budget of the compiler is tight, so a change that looks harmless
// can cost an allocation for each lock.
func TestInlining(t *testing.T) {
	const program = `package main

import (
	"context"

	"github.com/go-own/own"
)

func main() {
	m := own.NewMutex("")
	a := own.NewArc("")
	w := a.Downgrade()
	var cell own.AtomicArc[string]
	var g *own.Guard[string]
	rw := own.NewRWMutex("")
	var r *own.ReadGuard[string]
	var wr *own.WriteGuard[string]
	ctx := context.Background()
	cond := func(*string) bool { return true }
	var ok bool

%s
	_, _, _, _, _, _, _, _ = m, a, w, g, ok, &cell, r, wr
}
`
	lines := []string{
		"g, _ = m.Lock()",
		"g = m.MustLock()",
		"g, _ = m.TryLock()",
		"g = m.LockIgnorePoison()",
		"g, _ = m.LockContext(ctx)",
		"g, _ = m.LockWhen(ctx, cond)",
		"m.MustWith(nil)",
		"ok = m.IsPoisoned()",
		"_ = g.Value()",
		"r, _ = rw.RLock()",
		"r = rw.MustRLock()",
		"r, _ = rw.TryRLock()",
		"r, _ = rw.RLockContext(ctx)",
		"r = rw.RLockIgnorePoison()",
		"wr, _ = rw.Lock()",
		"wr = rw.MustLock()",
		"wr, _ = rw.TryLock()",
		"wr, _ = rw.LockContext(ctx)",
		"wr = rw.LockIgnorePoison()",
		"r = wr.Downgrade()",
		"_ = r.Value()",
		"_ = wr.Value()",
		"_ = a.Value()",
		"a = a.Clone()",
		"a = a.Move()",
		"w = a.Downgrade()",
		"a, ok = w.Upgrade()",
		"w = w.Clone()",
		"w.Drop()",
		"a = cell.Load()",
	}
	dir := overlay(t, "inlining", fmt.Sprintf(program, "\t"+strings.Join(lines, "\n\t")+"\n"))
	cmd := exec.Command("go", "build", "-o", t.TempDir(), "-overlay", dir+"/overlay.json", "-gcflags=-m", "./inlining")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	// The program's own lines, by number, and what was inlined there.
	const first = 22
	for i, line := range lines {
		require.Regexp(t, fmt.Sprintf(`(?m)main\.go:%d:\d+: inlining call to own\.\(\*\w+\[go\.shape\.string\]\)\.\w+$`, first+i),
			string(out), "not inlined: %s", line)
	}
}
