package rc_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/rc"
)

const nilWeak = "own: use of a nil rc.Weak: the zero Weak is the one that refers to nothing"

// A Weak can be upgraded while the value has an owner; what it makes is an owner
// as good as any. Rust: test_live.
func TestRcWeakUpgrade(t *testing.T) {
	a, runs := hooked(5)
	w := a.Downgrade()
	b, ok := w.Upgrade()
	require.True(t, ok)
	require.True(t, a.PtrEq(b))
	require.Same(t, a.Value(), b.Value())
	a.Drop()
	require.Zero(t, *runs, "b is an owner")
	c, ok := w.Upgrade()
	require.True(t, ok)
	b.Drop()
	c.Drop()
	require.Equal(t, 1, *runs)
	w.Drop()
}

// A Weak is dead once the last owner has gone. Rust: test_dead.
func TestRcWeakUpgradeDead(t *testing.T) {
	a := rc.New(5)
	w := a.Downgrade()
	a.Drop()
	b, ok := w.Upgrade()
	require.False(t, ok)
	require.Nil(t, b)
	w.Drop()
}

// A Weak does not keep the hook from running, and dropping it runs nothing. Rust:
// drop_arc_weak, which has no twin for Rc.
func TestRcWeakDoesNotOwn(t *testing.T) {
	a, runs := hooked(1)
	w := a.Downgrade()
	require.Zero(t, *runs)
	a.Drop()
	require.Equal(t, 1, *runs)
	w.Drop()
	require.Equal(t, 1, *runs)
}

// The counts of a Weak follow clones and drops. Without an owner both are 0,
// however many Weaks there are. Rust: weak_counts.
func TestRcWeakCounts(t *testing.T) {
	a := rc.New(0)
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
func TestRcWeakOfNothing(t *testing.T) {
	a := rc.New(1)
	defer a.Drop()
	dropped := a.Downgrade()
	dropped.Drop()
	for name, w := range map[string]*rc.Weak[int]{
		"zero":             new(rc.Weak[int]),
		"dropped":          dropped,
		"clone of zero":    new(rc.Weak[int]).Clone(),
		"clone of dropped": dropped.Clone(),
	} {
		t.Run(name, func(t *testing.T) {
			b, ok := w.Upgrade()
			require.False(t, ok)
			require.Nil(t, b)
			require.Equal(t, counts{0, 0}, countsOf(w))
			require.True(t, w.PtrEq(new(rc.Weak[int])), "nothing is nothing")
			w.Drop()
			w.Drop()
		})
	}
	require.Equal(t, counts{1, 0}, countsOf(a))
}

// A Weak is counted out once, however often it is dropped.
func TestRcWeakDropTwice(t *testing.T) {
	a := rc.New(1)
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

	var none *rc.Weak[int]
	none.Drop()
}

// Weaks are the same if they refer to the same value, dead or alive; equal or
// dead is not enough. Rust: Weak::ptr_eq in test_into_from_weak_raw_unsized.
func TestRcWeakPtrEq(t *testing.T) {
	a, b := rc.New(1), rc.New(1)
	wa, xa, wb, nothing := a.Downgrade(), a.Downgrade(), b.Downgrade(), new(rc.Weak[int])
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
func TestRcWeakInsideItsValue(t *testing.T) {
	type cycle struct{ self *rc.Weak[cycle] }
	runs := 0
	a := rc.From(new(cycle), func(c *cycle) {
		runs++
		c.self.Drop()
	})
	b := a.Clone()
	a.Value().self = b.Downgrade()
	b.Drop()
	require.Equal(t, counts{1, 1}, countsOf(a))
	a.Drop()
	require.Equal(t, 1, runs)
}

// Two values that own each other are never dropped. With a Weak for the way back
// they are.
func TestRcWeakBreaksCycle(t *testing.T) {
	type node struct {
		next *rc.Rc[node]
		prev *rc.Weak[node]
	}
	var dropped int
	hook := func(n *node) {
		dropped++
		n.next.Drop()
		n.prev.Drop()
	}
	a, b := rc.From(new(node), hook), rc.From(new(node), hook)
	a.Value().next = b.Clone()
	b.Value().next = a.Clone()
	wa := a.Downgrade()
	a.Drop()
	b.Drop()
	require.Zero(t, dropped, "each is the other's owner")

	a, ok := wa.Upgrade()
	require.True(t, ok)
	b = a.Value().next
	b.Value().next.Drop()
	b.Value().next, b.Value().prev = nil, a.Downgrade()
	a.Drop()
	require.Equal(t, 2, dropped)
	wa.Drop()
}

// weakMethods are the uses of a Weak.
var weakMethods = map[string]func(w *rc.Weak[int]){
	"Clone":       func(w *rc.Weak[int]) { w.Clone() },
	"PtrEq":       func(w *rc.Weak[int]) { w.PtrEq(new(rc.Weak[int])) },
	"StrongCount": func(w *rc.Weak[int]) { w.StrongCount() },
	"Upgrade":     func(w *rc.Weak[int]) { w.Upgrade() },
	"WeakCount":   func(w *rc.Weak[int]) { w.WeakCount() },
}

// The table above has every method of a Weak but Drop and Format, which are for
// any handle.
func TestRcWeakMethodsAreAll(t *testing.T) {
	want := []string{"Drop", "Format"}
	for name := range weakMethods {
		want = append(want, name)
	}
	var got []string
	for m := range reflect.TypeFor[*rc.Weak[int]]().Methods() {
		got = append(got, m.Name)
	}
	require.ElementsMatch(t, want, got)
}

// Every use of a nil Weak panics and says so.
func TestRcWeakNil(t *testing.T) {
	for name, use := range weakMethods {
		t.Run(name, func(t *testing.T) { requireMessage(t, nilWeak, func() { use(nil) }) })
	}
	requireMessage(t, nilWeak, func() { new(rc.Weak[int]).PtrEq(nil) })
}

// A Weak prints as (Weak), whatever it refers to: looking inside would take an
// upgrade. A nil one prints as nil pointers do.
func TestRcWeakFormat(t *testing.T) {
	a := rc.New(1)
	alive := a.Downgrade()
	b := rc.New(1)
	dead := b.Downgrade()
	b.Drop()
	for _, format := range []string{"%v", "%+v", "%#v", "%d", "%s"} {
		require.Equal(t, "(Weak)", fmt.Sprintf(format, alive))
		require.Equal(t, "(Weak)", fmt.Sprintf(format, dead))
		require.Equal(t, "(Weak)", fmt.Sprintf(format, new(rc.Weak[int])))
		require.Equal(t, "<nil>", fmt.Sprintf(format, (*rc.Weak[int])(nil)))
	}
	require.Equal(t, "{1 (Weak)}", fmt.Sprint(struct {
		N int
		W *rc.Weak[int]
	}{1, alive}))
	require.Equal(t, counts{1, 1}, countsOf(a))
	a.Drop()
}
