package own_test

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

const nilWeak = "own: use of a nil Weak: the zero Weak is the one that refers to nothing"

// A Weak can be upgraded while the value has an owner; what it makes is an owner
// as good as any. Rust: test_live.
func TestWeakUpgrade(t *testing.T) {
	a, runs := hooked(5)
	w := a.Downgrade()
	b, ok := w.Upgrade()
	require.True(t, ok)
	require.True(t, a.PtrEq(b))
	require.Same(t, a.Value(), b.Value())
	a.Drop()
	require.Zero(t, runs.Load(), "b is an owner")
	c, ok := w.Upgrade()
	require.True(t, ok)
	b.Drop()
	c.Drop()
	require.EqualValues(t, 1, runs.Load())
	w.Drop()
}

// A Weak is dead once the last owner has gone. Rust: test_dead.
func TestWeakUpgradeDead(t *testing.T) {
	a := own.NewArc(5)
	w := a.Downgrade()
	a.Drop()
	b, ok := w.Upgrade()
	require.False(t, ok)
	require.Nil(t, b)
	w.Drop()
}

// A Weak does not keep the hook from running, and dropping it runs nothing. Rust:
// drop_arc_weak.
func TestWeakDoesNotOwn(t *testing.T) {
	a, runs := hooked(1)
	w := a.Downgrade()
	require.Zero(t, runs.Load())
	a.Drop()
	require.EqualValues(t, 1, runs.Load())
	w.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// The counts of a Weak follow clones and drops. Without an owner both are 0,
// however many Weaks there are. Rust: weak_counts.
func TestWeakCounts(t *testing.T) {
	a := own.NewArc(0)
	w := a.Downgrade()
	require.Equal(t, counts{1, 1}, countsOf(w))
	x := w.Clone()
	require.Equal(t, counts{1, 2}, countsOf(w))
	require.Equal(t, counts{1, 2}, countsOf(x))
	w.Drop()
	require.Equal(t, counts{1, 1}, countsOf(x))
	b := a.Clone()
	require.Equal(t, counts{2, 1}, countsOf(x))
	b.Drop()
	a.Drop()
	require.Equal(t, counts{0, 0}, countsOf(x))
	y := x.Clone()
	require.Equal(t, counts{0, 0}, countsOf(y))
	x.Drop()
	y.Drop()
}

// The zero Weak refers to nothing, and so does one that was dropped, dead or
// alive, and what is cloned from it. Rust: test_new_weak, weak_counts.
func TestWeakOfNothing(t *testing.T) {
	a := own.NewArc(1)
	defer a.Drop()
	dropped := a.Downgrade()
	dropped.Drop()
	for name, w := range map[string]*own.Weak[int]{
		"zero":             new(own.Weak[int]),
		"dropped":          dropped,
		"clone of zero":    new(own.Weak[int]).Clone(),
		"clone of dropped": dropped.Clone(),
	} {
		t.Run(name, func(t *testing.T) {
			b, ok := w.Upgrade()
			require.False(t, ok)
			require.Nil(t, b)
			require.Equal(t, counts{0, 0}, countsOf(w))
			require.True(t, w.PtrEq(new(own.Weak[int])), "nothing is nothing")
			w.Drop()
			w.Drop()
		})
	}
	require.Equal(t, counts{1, 0}, countsOf(a))
}

// A Weak is counted out once, however often it is dropped.
func TestWeakDropTwice(t *testing.T) {
	a := own.NewArc(1)
	w := a.Downgrade()
	x := w.Clone()
	func() {
		defer w.Drop()
		w.Drop()
	}()
	require.Equal(t, counts{1, 1}, countsOf(a))
	_, ok := a.GetMut()
	require.False(t, ok, "x is left")
	x.Drop()
	_, ok = a.GetMut()
	require.True(t, ok)
	a.Drop()

	var none *own.Weak[int]
	none.Drop()
}

// Weaks are the same if they refer to the same value, dead or alive; equal or
// dead is not enough. Rust: Weak::ptr_eq in test_into_from_weak_raw_unsized.
func TestWeakPtrEq(t *testing.T) {
	a, b := own.NewArc(1), own.NewArc(1)
	wa, xa, wb, nothing := a.Downgrade(), a.Downgrade(), b.Downgrade(), new(own.Weak[int])
	for range 2 {
		require.True(t, wa.PtrEq(wa))
		require.True(t, wa.PtrEq(xa))
		require.True(t, xa.PtrEq(wa))
		require.False(t, wa.PtrEq(wb))
		require.False(t, wa.PtrEq(nothing))
		a.Drop() // and again, dead
		b.Drop()
	}
}

// A Weak in the value it refers to is released with it, and nothing else
// happens. Rust: weak_self_cyclic.
func TestWeakInsideItsValue(t *testing.T) {
	type cycle struct{ self own.Mutex[*own.Weak[cycle]] }
	runs := 0
	a := own.ArcFrom(new(cycle), func(c *cycle) {
		runs++
		w, err := c.self.Load()
		require.NoError(t, err)
		w.Drop()
	})
	b := a.Clone()
	require.NoError(t, a.Value().self.Store(b.Downgrade()))
	b.Drop()
	require.Equal(t, counts{1, 1}, countsOf(a))
	a.Drop()
	require.Equal(t, 1, runs)
}

// weakMethods are the uses of a Weak.
var weakMethods = map[string]func(w *own.Weak[int]){
	"Clone":       func(w *own.Weak[int]) { w.Clone() },
	"PtrEq":       func(w *own.Weak[int]) { w.PtrEq(new(own.Weak[int])) },
	"StrongCount": func(w *own.Weak[int]) { w.StrongCount() },
	"Upgrade":     func(w *own.Weak[int]) { w.Upgrade() },
	"WeakCount":   func(w *own.Weak[int]) { w.WeakCount() },
}

// The table above has every method of a Weak but Drop and Format, which are for
// any handle.
func TestWeakMethodsAreAll(t *testing.T) {
	want := []string{"Drop", "Format"}
	for name := range weakMethods {
		want = append(want, name)
	}
	var got []string
	for m := range reflect.TypeFor[*own.Weak[int]]().Methods() {
		got = append(got, m.Name)
	}
	require.ElementsMatch(t, want, got)
}

// Every use of a nil Weak panics and says so.
func TestWeakNil(t *testing.T) {
	for name, use := range weakMethods {
		t.Run(name, func(t *testing.T) { requireMessage(t, nilWeak, func() { use(nil) }) })
	}
	requireMessage(t, nilWeak, func() { new(own.Weak[int]).PtrEq(nil) })
}

// A dead value stays dead, however many try to upgrade at the same time: none of
// them must take the other's attempt for an owner. It is why upgrade does not
// add first and look then.
func TestWeakUpgradeDeadRace(t *testing.T) {
	a := own.NewArc(1)
	w := a.Downgrade()
	a.Drop()
	var revived atomic.Int32
	upgrade := func() {
		for range 50000 {
			if _, ok := w.Upgrade(); ok || w.StrongCount() != 0 {
				revived.Add(1)
			}
		}
	}
	atOnce(upgrade, upgrade, upgrade)
	require.Zero(t, revived.Load())
	require.Equal(t, counts{0, 0}, countsOf(w))
}

// Upgrade never fails while there is an owner, whatever the others do to the
// counts meanwhile, and though it is not always the same owner. (arcshift #13.)
func TestWeakUpgradeNeverFailsSpuriously(t *testing.T) {
	a, runs := hooked(1)
	w := a.Downgrade()
	const rounds = 50000
	var failed atomic.Int32
	atOnce(func() {
		for range rounds {
			next := a.Clone()
			a.Drop()
			a = next
		}
	}, func() {
		for range rounds {
			w.Clone().Drop()
		}
	}, func() {
		for range rounds {
			b, ok := w.Upgrade()
			if !ok {
				failed.Add(1)
			}
			b.Drop()
		}
	})
	require.Zero(t, failed.Load())
	require.Equal(t, counts{1, 1}, countsOf(a))
	require.Zero(t, runs.Load())
	a.Drop()
	require.EqualValues(t, 1, runs.Load())
	w.Drop()
}

// Upgrade against the last Drop: either it makes an owner, and the hook waits
// for that one, or it fails. What is upgraded is never dropped already. The field
// is plain: the race detector looks on. Rust: #72533, #55005.
func TestWeakUpgradeVersusLastDrop(t *testing.T) {
	const rounds = 3000
	type value struct{ dropped bool }
	var runs, dead atomic.Int32
	for range rounds {
		a := own.ArcFrom(new(value), func(v *value) { v.dropped = true; runs.Add(1) })
		w := a.Downgrade()
		upgrade := func() {
			// Bounded: two of these can keep the value alive for each other.
			for range 20 {
				b, ok := w.Upgrade()
				if !ok {
					return
				}
				if v := b.Value(); v == nil || v.dropped {
					dead.Add(1)
				}
				b.Drop()
			}
		}
		atOnce(a.Drop, upgrade, upgrade)
		w.Drop()
	}
	require.Zero(t, dead.Load())
	require.EqualValues(t, rounds, runs.Load())
}

// When build of NewCyclicArc has returned, whoever has the Weak sees the whole
// value.
func TestWeakUpgradeVersusNewCyclicArc(t *testing.T) {
	type node struct {
		n    int
		self *own.Weak[node]
	}
	for range 1000 {
		var wg sync.WaitGroup
		var torn atomic.Int32
		a, err := own.NewCyclicArc(func(self *own.Weak[node]) (node, error) {
			mine := self.Clone()
			wg.Go(func() {
				defer mine.Drop()
				b, ok := mine.Upgrade()
				if !ok {
					return
				}
				defer b.Drop()
				if b.Value() == nil || b.Value().n != 1 || b.Value().self != self {
					torn.Add(1)
				}
			})
			return node{1, self}, nil
		})
		require.NoError(t, err)
		wg.Wait()
		require.Zero(t, torn.Load())
		require.Equal(t, counts{1, 1}, countsOf(a))
		a.Drop()
	}
}

// One Weak may be used by many goroutines at a time for everything but Drop.
func TestWeakOneHandleManyGoroutines(t *testing.T) {
	a := own.NewArc(7)
	w := a.Downgrade()
	var wg sync.WaitGroup
	var wrong atomic.Int32
	for range 4 {
		wg.Go(func() {
			for range 300 {
				b, ok := w.Upgrade()
				x := w.Clone()
				if !ok || *b.Value() != 7 || !w.PtrEq(x) || w.StrongCount() < 2 || w.WeakCount() < 2 || fmt.Sprint(w) != "(Weak)" {
					wrong.Add(1)
				}
				x.Drop()
				b.Drop()
			}
		})
	}
	wg.Wait()
	require.Zero(t, wrong.Load())
	require.Equal(t, counts{1, 1}, countsOf(w))
	w.Drop()
	a.Drop()
}

// A Weak prints as (Weak), whatever it refers to: looking inside would take an
// upgrade. A nil one prints as nil pointers do.
func TestWeakFormat(t *testing.T) {
	a := own.NewArc(1)
	alive := a.Downgrade()
	b := own.NewArc(1)
	dead := b.Downgrade()
	b.Drop()
	for _, format := range []string{"%v", "%+v", "%#v", "%d", "%s"} {
		require.Equal(t, "(Weak)", fmt.Sprintf(format, alive))
		require.Equal(t, "(Weak)", fmt.Sprintf(format, dead))
		require.Equal(t, "(Weak)", fmt.Sprintf(format, new(own.Weak[int])))
	}
	require.Equal(t, "{1 (Weak)}", fmt.Sprint(struct {
		N int
		W *own.Weak[int]
	}{1, alive}))
	require.Equal(t, counts{1, 1}, countsOf(a))
	a.Drop()
}

// Using a nil *Weak panics, and fmt prints that as <nil>, as for a nil Arc.
func TestWeakFormatNil(t *testing.T) {
	require.Equal(t, "<nil>", fmt.Sprint((*own.Weak[int])(nil)))
}
