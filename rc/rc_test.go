package rc_test

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
	"github.com/go-own/own/rc"
)

// What all uses of a nil and of an empty handle say.
const (
	nilRc   = "own: use of a nil Rc: check where the handle comes from"
	emptyRc = "own: use of an empty Rc: it was dropped or moved, Clone it before giving it away"
)

// What is written through one owner is read through the others. Rust: test_clone,
// test_simple, test_simple_clone.
func TestRcShare(t *testing.T) {
	type cell struct{ n int }
	a := rc.New(cell{5})
	require.Equal(t, 5, a.Value().n)
	b := a.Clone()
	require.Equal(t, 5, b.Value().n)
	a.Value().n = 20
	require.Equal(t, 20, b.Value().n)
	a.Drop()
	require.Equal(t, 20, b.Value().n, "b is an owner by itself")
	b.Drop()
}

// All owners have the same pointer: to a copy of what New got, and to the very
// value that From got. Rust: test_from_owned, test_from_box, test_destructor.
func TestRcValue(t *testing.T) {
	v := 1
	a := rc.New(v)
	defer a.Drop()
	b := a.Clone()
	defer b.Drop()
	require.NotSame(t, &v, a.Value())
	require.Same(t, a.Value(), b.Value())
	require.Equal(t, 1, *b.Value())

	c := rc.From(&v, nil)
	defer c.Drop()
	require.Same(t, &v, c.Value())
}

// An Rc holds any type, also one without a size, or an interface. Rust:
// uninhabited, slice, trait_object, test_unsized, test_maybe_thin_unsized,
// test_from_box_trait, test_from_box_trait_zero_sized.
func TestRcAnyType(t *testing.T) {
	t.Run("zero-sized", func(t *testing.T) { testRcOf(t, struct{}{}) })
	t.Run("string", func(t *testing.T) { testRcOf(t, "swordfish") })
	t.Run("slice", func(t *testing.T) { testRcOf(t, []int{1, 2, 3}) })
	t.Run("array", func(t *testing.T) { testRcOf(t, [3]int{1, 2, 3}) })
	t.Run("map", func(t *testing.T) { testRcOf(t, map[string]int{"a": 1}) })
	t.Run("pointer", func(t *testing.T) { testRcOf(t, new(int)) })
	t.Run("interface", func(t *testing.T) { testRcOf[fmt.Stringer](t, reflect.ValueOf(1)) })
	t.Run("nil interface", func(t *testing.T) { testRcOf[error](t, nil) })
}

func testRcOf[T any](t *testing.T, v T) {
	a, runs := hooked(v)
	require.Equal(t, v, *a.Value())
	w := a.Downgrade()
	b, ok := w.Upgrade()
	require.True(t, ok)
	require.Equal(t, v, *b.Value())

	other := rc.New(v)
	require.True(t, a.PtrEq(b))
	require.False(t, a.PtrEq(other), "equal is not the same")
	other.Drop()

	a.Drop()
	b.Drop()
	require.Equal(t, 1, *runs)
	_, ok = w.Upgrade()
	require.False(t, ok)
	w.Drop()
}

// Clones own the same value; an equal value of its own is another one. Rust:
// test_ptr_eq.
func TestRcPtrEq(t *testing.T) {
	five, other := rc.New(5), rc.New(5)
	same := five.Clone()
	require.True(t, five.PtrEq(five))
	require.True(t, five.PtrEq(same))
	require.True(t, same.PtrEq(five))
	require.False(t, five.PtrEq(other))
	five.Drop()
	same.Drop()
	other.Drop()
}

// StrongCount follows clones, upgrades and drops, and a Weak is no owner. Rust:
// test_strong_count.
func TestRcStrongCount(t *testing.T) {
	a := rc.New(0)
	require.Equal(t, 1, a.StrongCount())
	w := a.Downgrade()
	require.Equal(t, 1, a.StrongCount())
	b, ok := w.Upgrade()
	require.True(t, ok)
	require.Equal(t, 2, b.StrongCount())
	require.Equal(t, 2, a.StrongCount())
	w.Drop()
	a.Drop()
	require.Equal(t, 1, b.StrongCount())
	c := b.Clone()
	require.Equal(t, 2, b.StrongCount())
	require.Equal(t, 2, c.StrongCount())
	b.Drop()
	c.Drop()
}

// WeakCount follows downgrades, and clones and drops of Weaks, whichever owner is
// asked. Rust: test_weak_count.
func TestRcWeakCount(t *testing.T) {
	a := rc.New(0)
	require.Equal(t, counts{1, 0}, countsOf(a))
	w := a.Downgrade()
	require.Equal(t, counts{1, 1}, countsOf(a))
	x := w.Clone()
	require.Equal(t, counts{1, 2}, countsOf(a))
	w.Drop()
	x.Drop()
	require.Equal(t, counts{1, 0}, countsOf(a))
	c := a.Clone()
	require.Equal(t, counts{2, 0}, countsOf(a))
	d := c.Downgrade()
	require.Equal(t, counts{2, 1}, countsOf(c))
	require.Equal(t, counts{2, 1}, countsOf(a))
	a.Drop()
	c.Drop()
	d.Drop()
}

// The hook runs when the last owner goes, in the Drop that does it, with the
// value. Rust: test_destructor.
func TestRcDropRunsHookOnce(t *testing.T) {
	v, runs := 1, 0
	a := rc.From(&v, func(p *int) {
		require.Same(t, &v, p)
		runs++
	})
	b := a.Clone()
	a.Drop()
	require.Zero(t, runs, "b is still an owner")
	b.Drop()
	require.Equal(t, 1, runs)
}

// A handle releases once. What comes later does nothing: not even to the other
// owners.
func TestRcDropTwice(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	func() {
		defer a.Drop()
		a.Drop() // early, on one path
	}()
	a.Drop()
	require.Equal(t, counts{1, 0}, countsOf(b))
	require.Zero(t, *runs)

	b.Drop()
	b.Drop()
	a.Drop()
	require.Equal(t, 1, *runs)
}

// Copies of the pointer are the same owner.
func TestRcDropAlias(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	alias := a
	a.Drop()
	alias.Drop()
	require.Equal(t, counts{1, 0}, countsOf(b))
	b.Drop()
	require.Equal(t, 1, *runs)
}

// Drop is safe on what never was an owner.
func TestRcDropNothing(t *testing.T) {
	var none *rc.Rc[int]
	none.Drop()
	func() {
		defer none.Drop()
	}()
	var zero rc.Rc[int]
	zero.Drop()
	zero.Drop()
}

// An owner inside a value is not dropped with it: there is no drop glue, the
// hook does it.
func TestRcInsideRc(t *testing.T) {
	inner, runs := hooked("inner")
	outer := rc.New(inner.Clone())
	owned := *outer.Value()
	outer.Drop()
	require.Equal(t, 2, inner.StrongCount(), "forgotten with the outer value")
	owned.Drop()
	require.Equal(t, 1, inner.StrongCount())

	outer = rc.From(new(inner.Clone()), func(p **rc.Rc[string]) { (*p).Drop() })
	require.Equal(t, 2, inner.StrongCount())
	outer.Drop()
	require.Equal(t, 1, inner.StrongCount())
	require.Zero(t, *runs)
	inner.Drop()
	require.Equal(t, 1, *runs)
}

// The whole lot may move to another goroutine and back, if something synchronizes.
// The race detector looks on.
func TestRcMovesToAnotherGoroutine(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend)
	type lot struct {
		a, b *rc.Rc[int]
		w    *rc.Weak[int]
	}
	a, runs := hooked(1)
	there, back := make(chan lot), make(chan lot)
	go func() {
		l := <-there
		*l.a.Value()++
		l.b.Drop()
		l.b, _ = l.w.Upgrade()
		back <- l
	}()
	there <- lot{a, a.Clone(), a.Downgrade()}
	l := <-back
	require.Equal(t, counts{2, 1}, countsOf(a))
	require.Equal(t, 2, *l.b.Value())
	l.w.Drop()
	l.b.Drop()
	l.a.Drop()
	require.Equal(t, 1, *runs)
}

// Move hands the one owner on: the count stays and the old handle is empty, so
// that its deferred Drop does nothing.
func TestRcMove(t *testing.T) {
	a, runs := hooked(1)
	p := a.Value()
	b := func() *rc.Rc[int] {
		defer a.Drop()
		return a.Move()
	}()
	require.Zero(t, *runs)
	require.Equal(t, counts{1, 0}, countsOf(b))
	require.Same(t, p, b.Value())
	require.PanicsWithValue(t, emptyRc, func() { a.Value() })
	b.Drop()
	require.Equal(t, 1, *runs)
}

// GetMut is for the only owner of a value without Weaks. Rust: get_mut.
func TestRcGetMut(t *testing.T) {
	x := rc.New(3)
	p, ok := x.GetMut()
	require.True(t, ok)
	require.Same(t, x.Value(), p)
	*p = 4
	require.Equal(t, 4, *x.Value())

	y := x.Clone()
	p, ok = x.GetMut()
	require.False(t, ok)
	require.Nil(t, p)
	y.Drop()
	_, ok = x.GetMut()
	require.True(t, ok)

	w := x.Downgrade()
	p, ok = x.GetMut()
	require.False(t, ok)
	require.Nil(t, p)
	w.Drop()
	_, ok = x.GetMut()
	require.True(t, ok)
	x.Drop()
}

// The only owner edits in place: nothing is cloned.
func TestRcMakeMutOnlyOwner(t *testing.T) {
	a, runs := hooked(1)
	p := a.Value()
	got := a.MakeMut(func(*int) int { t.Error("cloned"); return 0 })
	require.Same(t, p, got)
	require.Same(t, p, a.Value())
	require.Zero(t, *runs)
	a.Drop()
	require.Equal(t, 1, *runs)
}

// Three owners that each write end up with three values. The third is the only
// owner by then and keeps the first value. Rust: test_cowrc_clone_make_unique.
func TestRcMakeMutAll(t *testing.T) {
	clones := 0
	clone := func(v *int) int { clones++; return *v }
	cow0 := rc.New(75)
	cow1 := cow0.Clone()
	cow2 := cow1.Clone()
	first := cow0.Value()

	for _, cow := range []*rc.Rc[int]{cow0, cow1, cow2} {
		p := cow.MakeMut(clone)
		require.Equal(t, 75, *p)
		require.Same(t, p, cow.Value())
	}
	require.Equal(t, 2, clones)
	require.Same(t, first, cow2.Value())

	*cow0.MakeMut(clone) += 1
	*cow1.MakeMut(clone) += 2
	*cow2.MakeMut(clone) += 3
	require.Equal(t, 2, clones, "each is an only owner by now")
	require.Equal(t, 76, *cow0.Value())
	require.Equal(t, 77, *cow1.Value())
	require.Equal(t, 78, *cow2.Value())
	for _, cow := range []*rc.Rc[int]{cow0, cow1, cow2} {
		require.Equal(t, counts{1, 0}, countsOf(cow))
		cow.Drop()
	}
}

// One of three owners that writes leaves the value to the other two. Rust:
// test_cowrc_clone_unique2.
func TestRcMakeMutOne(t *testing.T) {
	cow0 := rc.New(75)
	cow1 := cow0.Clone()
	cow2 := cow1.Clone()
	*cow0.MakeMut(copyOf)++
	require.Equal(t, 76, *cow0.Value())
	require.Equal(t, 75, *cow1.Value())
	require.True(t, cow1.PtrEq(cow2))
	require.False(t, cow0.PtrEq(cow1))
	require.Equal(t, counts{1, 0}, countsOf(cow0))
	require.Equal(t, counts{2, 0}, countsOf(cow1))
	cow0.Drop()
	cow1.Drop()
	cow2.Drop()
}

// What clone has to copy is the caller's knowledge: the elements of a slice are
// shared unless it copies them. Rust: test_cowrc_unsized.
func TestRcMakeMutSlice(t *testing.T) {
	clone := func(v *[]int) []int { return append([]int(nil), *v...) }
	a := rc.New([]int{1, 2, 3})
	(*a.MakeMut(clone))[0] += 20
	b := a.Clone()
	(*b.MakeMut(clone))[1] += 30
	(*a.MakeMut(clone))[2] += 40
	require.Equal(t, []int{21, 2, 43}, *a.Value())
	require.Equal(t, []int{21, 32, 3}, *b.Value())
	a.Drop()
	b.Drop()
}

// With only Weaks besides, nothing is cloned: the value stays where it is, and
// the Weaks are cut off. Rust: test_cowrc_clone_weak.
func TestRcMakeMutCutsWeaksOff(t *testing.T) {
	cow, runs := hooked(75)
	w := cow.Downgrade()
	b, ok := w.Upgrade()
	require.True(t, ok)
	b.Drop()

	p := cow.Value()
	got := cow.MakeMut(func(*int) int { t.Error("cloned"); return 0 })
	require.Same(t, p, got)
	require.Same(t, p, cow.Value())
	*got++
	require.Equal(t, 76, *cow.Value())
	require.Equal(t, counts{1, 0}, countsOf(cow))
	require.Equal(t, counts{0, 0}, countsOf(w))
	_, ok = w.Upgrade()
	require.False(t, ok)

	again := cow.Downgrade()
	require.False(t, w.PtrEq(again), "the old Weak does not come alive again")
	again.Drop()
	w.Drop()
	require.Zero(t, *runs, "the value is not dropped, only moved")
	cow.Drop()
	require.Equal(t, 1, *runs)
}

// With other owners besides, the Weaks stay with them.
func TestRcMakeMutLeavesWeaks(t *testing.T) {
	a := rc.New(1)
	b := a.Clone()
	w := b.Downgrade()
	*a.MakeMut(copyOf) = 2
	require.Equal(t, counts{1, 0}, countsOf(a))
	require.Equal(t, counts{1, 1}, countsOf(b))
	up, ok := w.Upgrade()
	require.True(t, ok)
	require.True(t, up.PtrEq(b))
	up.Drop()
	a.Drop()
	b.Drop()
	w.Drop()
}

// A clone has the same hook, and each of the values is dropped once.
func TestRcMakeMutKeepsHook(t *testing.T) {
	var dropped []string
	a := rc.From(new("old"), func(s *string) { dropped = append(dropped, *s) })
	b := a.Clone()
	*a.MakeMut(copyOf) = "new"
	require.Empty(t, dropped)
	a.Drop()
	require.Equal(t, []string{"new"}, dropped)
	b.Drop()
	require.Equal(t, []string{"new", "old"}, dropped)
}

// If clone drops the other owners, MakeMut drops the old value.
func TestRcMakeMutLastOwnerGoesMeanwhile(t *testing.T) {
	var dropped []string
	a := rc.From(new("old"), func(s *string) { dropped = append(dropped, *s) })
	b := a.Clone()
	*a.MakeMut(func(*string) string { b.Drop(); return "new" }) += "er"
	require.Equal(t, []string{"old"}, dropped)
	a.Drop()
	require.Equal(t, []string{"old", "newer"}, dropped)
}

// If clone panics, nothing has changed. Rust has no test of it.
func TestRcMakeMutClonePanics(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	w := a.Downgrade()
	require.PanicsWithValue(t, "boom", func() { a.MakeMut(func(*int) int { panic("boom") }) })
	require.True(t, a.PtrEq(b))
	require.Equal(t, counts{2, 1}, countsOf(a))
	require.Equal(t, 1, *a.Value())
	w.Drop()
	a.Drop()
	require.Zero(t, *runs)
	b.Drop()
	require.Equal(t, 1, *runs)
}

// A clone that gives up the handle it is called for is told so, and what it gave
// up is given up once: the other owner stays one. (Rust's borrow checker refuses
// it.)
func TestRcMakeMutCloneGivesTheHandleUp(t *testing.T) {
	for name, giveUp := range map[string]func(a *rc.Rc[int]){
		"Drop":      func(a *rc.Rc[int]) { a.Drop() },
		"Move":      func(a *rc.Rc[int]) { a.Move().Drop() },
		"IntoInner": func(a *rc.Rc[int]) { a.IntoInner() },
	} {
		t.Run(name, func(t *testing.T) {
			a, runs := hooked(1)
			b := a.Clone()
			requireMessage(t, emptyRc, func() { a.MakeMut(func(*int) int { giveUp(a); return 2 }) })
			requireMessage(t, emptyRc, func() { a.Value() })
			require.Equal(t, counts{1, 0}, countsOf(b))
			require.Equal(t, 1, *b.Value())
			require.Zero(t, *runs)
			b.Drop()
			require.Equal(t, 1, *runs)
		})
	}
}

// A clone that calls MakeMut on the handle it is called for wins nothing: each
// value is dropped once all the same.
func TestRcMakeMutInsideClone(t *testing.T) {
	var dropped []int
	a := rc.From(new(1), func(v *int) { dropped = append(dropped, *v) })
	b := a.Clone()
	a.MakeMut(func(*int) int {
		*a.MakeMut(copyOf) = 2
		return 3
	})
	require.Equal(t, []int{2}, dropped)
	require.Equal(t, counts{1, 0}, countsOf(a))
	require.Equal(t, counts{1, 0}, countsOf(b))
	a.Drop()
	b.Drop()
	require.Equal(t, []int{2, 3, 1}, dropped)
}

// TryUnwrap gives the only owner its value back, Weaks or not, and runs no hook.
// Otherwise the owner stays one. Rust: try_unwrap.
func TestRcTryUnwrap(t *testing.T) {
	a, runs := hooked(3)
	p := a.Value()
	b := a.Clone()
	v, ok := a.TryUnwrap()
	require.False(t, ok)
	require.Nil(t, v)
	require.Equal(t, counts{2, 0}, countsOf(a))

	b.Drop()
	w := a.Downgrade()
	v, ok = a.TryUnwrap()
	require.True(t, ok)
	require.Same(t, p, v)
	require.Equal(t, 3, *v)
	require.PanicsWithValue(t, emptyRc, func() { a.Value() })
	_, ok = w.Upgrade()
	require.False(t, ok)
	require.Equal(t, counts{0, 0}, countsOf(w))

	a.Drop()
	w.Drop()
	require.Zero(t, *runs, "the value is the caller's")
}

// IntoInner drops the owner in any case; the last one gets the value, and no hook
// runs. Rust: into_inner.
func TestRcIntoInner(t *testing.T) {
	a, runs := hooked(4)
	p := a.Value()
	b := a.Clone()
	v, ok := a.IntoInner()
	require.False(t, ok)
	require.Nil(t, v)
	require.PanicsWithValue(t, emptyRc, func() { a.Value() })
	require.Equal(t, counts{1, 0}, countsOf(b))

	w := b.Downgrade()
	v, ok = b.IntoInner()
	require.True(t, ok)
	require.Same(t, p, v)
	require.Equal(t, 4, *v)
	require.PanicsWithValue(t, emptyRc, func() { b.Value() })
	_, ok = w.Upgrade()
	require.False(t, ok)

	a.Drop()
	b.Drop()
	w.Drop()
	require.Zero(t, *runs, "the value is the caller's")
}

// UnwrapOrClone gives the only owner its value, and others a clone that no hook
// will close. Rust has no test of it.
func TestRcUnwrapOrClone(t *testing.T) {
	a, runs := hooked(5)
	p := a.Value()
	b := a.Clone()
	v := a.UnwrapOrClone(copyOf)
	require.NotSame(t, p, v)
	require.Equal(t, 5, *v)
	require.PanicsWithValue(t, emptyRc, func() { a.Value() })
	require.Equal(t, counts{1, 0}, countsOf(b))

	w := b.Downgrade()
	v = b.UnwrapOrClone(func(*int) int { t.Error("cloned"); return 0 })
	require.Same(t, p, v)
	require.PanicsWithValue(t, emptyRc, func() { b.Value() })
	require.Equal(t, counts{0, 0}, countsOf(w))
	w.Drop()
	require.Zero(t, *runs, "neither value is the hook's")
}

// If clone drops the other owners, UnwrapOrClone drops the old value, as any last
// owner does.
func TestRcUnwrapOrCloneLastOwnerGoesMeanwhile(t *testing.T) {
	a, runs := hooked(5)
	b := a.Clone()
	v := a.UnwrapOrClone(func(v *int) int { b.Drop(); return *v + 1 })
	require.Equal(t, 6, *v)
	require.Equal(t, 1, *runs)
}

// If clone panics, the handle stays an owner.
func TestRcUnwrapOrCloneClonePanics(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	require.PanicsWithValue(t, "boom", func() { a.UnwrapOrClone(func(*int) int { panic("boom") }) })
	require.True(t, a.PtrEq(b))
	require.Equal(t, counts{2, 0}, countsOf(a))
	a.Drop()
	b.Drop()
	require.Equal(t, 1, *runs)
}

// A clone that drops the handle it is called for drops it once.
func TestRcUnwrapOrCloneCloneDropsTheHandle(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	v := a.UnwrapOrClone(func(*int) int { a.Drop(); return 2 })
	require.Equal(t, 2, *v)
	require.Equal(t, counts{1, 0}, countsOf(b))
	require.Zero(t, *runs)
	b.Drop()
	require.Equal(t, 1, *runs)
}

// Inside the hook the value is dead already: no Weak can be upgraded, all counts
// are 0, and Weaks can still be cloned and dropped. Rust has no test of it.
func TestRcInsideHook(t *testing.T) {
	var w *rc.Weak[int]
	ran := false
	a := rc.From(new(1), func(p *int) {
		ran = true
		require.Equal(t, 1, *p, "the value is whole")
		_, ok := w.Upgrade()
		require.False(t, ok)
		require.Equal(t, counts{0, 0}, countsOf(w))
		x := w.Clone()
		require.True(t, x.PtrEq(w))
		_, ok = x.Upgrade()
		require.False(t, ok)
		x.Drop()
	})
	w = a.Downgrade()
	a.Drop()
	require.True(t, ran)
	w.Drop()
}

// The hook may drop the handle that it comes from: it is empty already.
func TestRcHookDropsItself(t *testing.T) {
	runs := 0
	var a *rc.Rc[int]
	a = rc.From(new(1), func(*int) { runs++; a.Drop() })
	a.Drop()
	require.Equal(t, 1, runs)
}

// A panic in the hook comes out of the Drop that ran it, and changes nothing
// else: the handle is empty, the value dead, and the hook does not run again.
// Rust: panic_no_leak.
func TestRcHookPanics(t *testing.T) {
	runs := 0
	boom := errors.New("boom")
	a := rc.From(new(1), func(*int) { runs++; panic(boom) })
	w := a.Downgrade()
	require.Same(t, boom, panicOf(a.Drop))

	require.PanicsWithValue(t, emptyRc, func() { a.Value() })
	require.Equal(t, counts{0, 0}, countsOf(w))
	_, ok := w.Upgrade()
	require.False(t, ok)
	a.Drop()
	w.Drop()
	require.Equal(t, 1, runs)
}

// A hook that ends the goroutine leaves everything right, too.
func TestRcHookGoexit(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend) // the goroutine ends in Drop, so another has to look
	a := rc.From(new(1), func(*int) { runtime.Goexit() })
	w := a.Downgrade()
	how, _ := finish(a.Drop)
	require.Equal(t, exited, how)
	require.Equal(t, counts{0, 0}, countsOf(w))
	a.Drop()
	w.Drop()
}

// A hook that MakeMut runs may panic: the handle then owns the clone.
func TestRcMakeMutHookPanics(t *testing.T) {
	var dropped []int
	a := rc.From(new(1), func(v *int) {
		dropped = append(dropped, *v)
		if *v == 1 {
			panic("boom")
		}
	})
	b := a.Clone()
	require.PanicsWithValue(t, "boom", func() { a.MakeMut(func(*int) int { b.Drop(); return 2 }) })
	require.Equal(t, counts{1, 0}, countsOf(a))
	require.Equal(t, 2, *a.Value())
	a.Drop()
	require.Equal(t, []int{1, 2}, dropped)
}

// link is an element of a list: it owns the next one.
type link struct{ next *rc.Rc[link] }

// list returns a list of n links with that hook.
func list(n int, hook func(*link)) *rc.Rc[link] {
	var head *rc.Rc[link]
	for range n {
		head = rc.From(&link{head}, hook)
	}
	return head
}

// A hook that drops the next link nests, which Go's stacks have room for: with
// 100 000 links, Rust's drop glue comes close to the end of its stack.
func TestRcLongListNests(t *testing.T) {
	const n = 100_000
	runs, depth, deepest := 0, 0, 0
	head := list(n, func(l *link) {
		runs++
		depth++
		deepest = max(deepest, depth)
		l.next.Drop()
		depth--
	})
	head.Drop()
	require.Equal(t, n, runs)
	require.Equal(t, n, deepest)
}

// A hook that takes the list apart with IntoInner does not nest. It stops at a
// link that has another owner, who takes the rest apart later.
func TestRcLongListLoops(t *testing.T) {
	const n, kept = 100_000, 60_000
	runs, links, depth, deepest := 0, 0, 0, 0
	var hook func(l *link)
	hook = func(l *link) {
		runs++
		links++
		depth++
		deepest = max(deepest, depth)
		for next := l.next; next != nil; {
			v, last := next.IntoInner()
			if !last {
				break
			}
			links++
			next = v.next
		}
		depth--
	}
	head := list(n, hook)
	rest := head
	for range n - kept {
		rest = rest.Value().next
	}
	rest = rest.Clone()

	head.Drop()
	require.Equal(t, n-kept, links)
	require.Equal(t, counts{1, 0}, countsOf(rest))
	rest.Drop()
	require.Equal(t, n, links)
	require.Equal(t, 2, runs, "the hooks of the others had nothing to do")
	require.Equal(t, 1, deepest)
}

// cyclic is a value that may refer to itself.
type cyclic struct {
	self []*rc.Weak[cyclic]
}

// While the value is being built it has no owner; then its Weaks come alive. A
// builder that has no use for self drops it, at no cost to the value. Rust:
// test_rc_cyclic_with_zero_refs, test_rc_cyclic_with_one_ref,
// test_rc_cyclic_with_two_ref, test_unique_rc_weak, test_unique_rc_drop_weak,
// test_unique_rc_weak_clone_holding_ref.
func TestRcNewCyclic(t *testing.T) {
	for refs := range 3 {
		t.Run(fmt.Sprint(refs), func(t *testing.T) {
			a, err := rc.NewCyclic(func(self *rc.Weak[cyclic]) (cyclic, error) {
				require.Equal(t, counts{0, 0}, countsOf(self))
				_, ok := self.Upgrade()
				require.False(t, ok)
				var v cyclic
				for range refs {
					v.self = append(v.self, self.Clone())
				}
				require.Equal(t, counts{0, 0}, countsOf(self))
				self.Drop()
				return v, nil
			})
			require.NoError(t, err)
			require.Equal(t, counts{1, refs}, countsOf(a))

			for i, w := range a.Value().self {
				require.Equal(t, counts{i + 1, refs}, countsOf(w))
				b, ok := w.Upgrade()
				require.True(t, ok)
				require.True(t, a.PtrEq(b))
				require.Same(t, a.Value(), b.Value())
				require.Equal(t, counts{i + 2, refs}, countsOf(a))
				defer b.Drop()
			}
			_, ok := a.GetMut()
			require.Equal(t, refs == 0, ok)
			a.Drop()
		})
	}
}

// self itself may be kept, without a clone.
func TestRcNewCyclicKeepsSelf(t *testing.T) {
	a, err := rc.NewCyclic(func(self *rc.Weak[cyclic]) (cyclic, error) {
		return cyclic{[]*rc.Weak[cyclic]{self}}, nil
	})
	require.NoError(t, err)
	require.Equal(t, counts{1, 1}, countsOf(a))
	b, ok := a.Value().self[0].Upgrade()
	require.True(t, ok)
	require.True(t, a.PtrEq(b))
	b.Drop()

	self := a.Value().self[0]
	a.Drop()
	_, ok = self.Upgrade()
	require.False(t, ok, "a Weak to itself keeps no value alive")
}

// If build fails, in whatever way, a Weak that it kept stays dead for ever. Rust
// has no test of it.
func TestRcNewCyclicFails(t *testing.T) {
	boom := errors.New("boom")
	for _, test := range []struct {
		name string
		end  func() error
		how  ending
		with any
	}{
		{"error", func() error { return boom }, returned, nil},
		{"panic", func() error { panic("boom") }, panicked, "boom"},
		{"Goexit", func() error { runtime.Goexit(); return nil }, exited, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var kept, clone *rc.Weak[cyclic]
			var a *rc.Rc[cyclic]
			var err error
			how, v := finish(func() {
				a, err = rc.NewCyclic(func(self *rc.Weak[cyclic]) (cyclic, error) {
					kept, clone = self, self.Clone()
					return cyclic{}, test.end()
				})
			})
			require.Equal(t, test.how, how)
			require.Equal(t, test.with, v)
			require.Nil(t, a)
			if test.how == returned {
				require.Same(t, boom, err)
			}
			for _, w := range []*rc.Weak[cyclic]{kept, clone} {
				require.Equal(t, counts{0, 0}, countsOf(w))
				_, ok := w.Upgrade()
				require.False(t, ok)
			}
			require.True(t, kept.PtrEq(clone))
			kept.Drop()
			clone.Drop()
		})
	}
}

// rcMethods are the uses of a handle that must have an owner.
var rcMethods = map[string]func(a *rc.Rc[int]){
	"Clone":         func(a *rc.Rc[int]) { a.Clone() },
	"Downgrade":     func(a *rc.Rc[int]) { a.Downgrade() },
	"GetMut":        func(a *rc.Rc[int]) { a.GetMut() },
	"IntoInner":     func(a *rc.Rc[int]) { a.IntoInner() },
	"MakeMut":       func(a *rc.Rc[int]) { a.MakeMut(copyOf) },
	"Move":          func(a *rc.Rc[int]) { a.Move() },
	"PtrEq":         func(a *rc.Rc[int]) { a.PtrEq(a) },
	"StrongCount":   func(a *rc.Rc[int]) { a.StrongCount() },
	"TryUnwrap":     func(a *rc.Rc[int]) { a.TryUnwrap() },
	"UnwrapOrClone": func(a *rc.Rc[int]) { a.UnwrapOrClone(copyOf) },
	"Value":         func(a *rc.Rc[int]) { a.Value() },
	"WeakCount":     func(a *rc.Rc[int]) { a.WeakCount() },
}

// The table above has every method that uses the owner. Drop and Format are for
// any handle.
func TestRcMethodsAreAll(t *testing.T) {
	want := []string{"Drop", "Format"}
	for name := range rcMethods {
		want = append(want, name)
	}
	var got []string
	for m := range reflect.TypeFor[*rc.Rc[int]]().Methods() {
		got = append(got, m.Name)
	}
	require.ElementsMatch(t, want, got)
}

// Every use of a nil handle panics and says so.
func TestRcNil(t *testing.T) {
	for name, use := range rcMethods {
		t.Run(name, func(t *testing.T) { requireMessage(t, nilRc, func() { use(nil) }) })
	}
	a := rc.New(1)
	defer a.Drop()
	requireMessage(t, nilRc, func() { a.PtrEq(nil) })
}

// Every use of a handle whose owner is gone panics and says so, in whichever way
// it went, and changes nothing for the owners that are left.
func TestRcEmpty(t *testing.T) {
	for how, empty := range map[string]func(a *rc.Rc[int]){
		"dropped":   func(a *rc.Rc[int]) { a.Drop() },
		"moved":     func(a *rc.Rc[int]) { a.Move().Drop() },
		"IntoInner": func(a *rc.Rc[int]) { a.IntoInner() },
		"unwrapped": func(a *rc.Rc[int]) { a.UnwrapOrClone(copyOf) },
	} {
		for name, use := range rcMethods {
			t.Run(how+"/"+name, func(t *testing.T) {
				left := rc.New(1)
				defer left.Drop()
				a := left.Clone()
				empty(a)
				requireMessage(t, emptyRc, func() { use(a) })
				requireMessage(t, emptyRc, func() { left.PtrEq(a) })
				require.Equal(t, counts{1, 0}, countsOf(left))
			})
		}
	}
	for name, use := range rcMethods {
		t.Run("zero/"+name, func(t *testing.T) { requireMessage(t, emptyRc, func() { use(new(rc.Rc[int])) }) })
	}
}

// What the functions of the package cannot do without is asked for at once.
func TestRcNilArguments(t *testing.T) {
	requireMessage(t, "own: rc.From(nil): pass the value to take over",
		func() { rc.From[int](nil, func(*int) {}) })
	requireMessage(t, "own: rc.NewCyclic(nil): pass the function that builds the value",
		func() { rc.NewCyclic[int](nil) })

	a, runs := hooked(1)
	requireMessage(t, "own: Rc.MakeMut(nil): pass the function that clones the value",
		func() { a.MakeMut(nil) })
	requireMessage(t, "own: Rc.UnwrapOrClone(nil): pass the function that clones the value",
		func() { a.UnwrapOrClone(nil) })
	require.Equal(t, counts{1, 0}, countsOf(a), "asked for although it was not needed")
	a.Drop()
	require.Equal(t, 1, *runs)

	b := rc.From(new(1), nil)
	b.Drop() // no hook is no fault
}

// A count that is full refuses one more, stays as it was, and goes on counting
// once there is room. Rust: #27174, for Rc as well; it aborts.
func TestRcOverflow(t *testing.T) {
	const (
		owners = "own: more than 2147483647 owners of one value: a Drop is missing"
		weaks  = "own: more than 2147483647 Weaks of one value: a Drop is missing"
	)
	for _, test := range []struct {
		name, message string
		oneMore       func(a *rc.Rc[int], w *rc.Weak[int]) (drop func())
	}{
		{"Rc.Clone", owners, func(a *rc.Rc[int], _ *rc.Weak[int]) func() { return a.Clone().Drop }},
		{"Weak.Upgrade", owners, func(_ *rc.Rc[int], w *rc.Weak[int]) func() {
			b, ok := w.Upgrade()
			require.True(t, ok)
			return b.Drop
		}},
		{"Rc.Downgrade", weaks, func(a *rc.Rc[int], _ *rc.Weak[int]) func() { return a.Downgrade().Drop }},
		{"Weak.Clone", weaks, func(_ *rc.Rc[int], w *rc.Weak[int]) func() { return w.Clone().Drop }},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, runs := hooked(1)
			w := a.Downgrade()

			set, full := rc.SetStrongCount[int], counts{rc.MaxCount, 1}
			if test.message == weaks {
				set, full = rc.SetWeakCount[int], counts{1, rc.MaxCount}
			}
			set(a, rc.MaxCount)
			for range 3 {
				requireMessage(t, test.message, func() { test.oneMore(a, w) })
				require.Equal(t, full, countsOf(a))
			}

			set(a, rc.MaxCount-1)
			drop := test.oneMore(a, w)
			require.Equal(t, full, countsOf(a))
			requireMessage(t, test.message, func() { test.oneMore(a, w) })
			drop()

			set(a, 1)
			test.oneMore(a, w)()
			require.Equal(t, counts{1, 1}, countsOf(a))
			a.Drop()
			require.Equal(t, 1, *runs)
			w.Drop()
		})
	}
}

// bulky is a value that the garbage collector sees by itself: it has a pointer
// and is no tiny object.
type bulky struct {
	p   *int
	pad [4]int
}

// collected reports whether the garbage collector frees what p points to.
func collected[T any](p weak.Pointer[T]) bool {
	for range 20 {
		runtime.GC()
		if p.Value() == nil {
			return true
		}
	}
	return false
}

// A Weak does not keep the memory of the value, in whichever way it died, nor
// that of the hook. (A Rust Weak keeps the allocation.)
func TestRcValueIsCollected(t *testing.T) {
	for name, end := range map[string]func(*rc.Rc[bulky]){
		"Drop":      func(a *rc.Rc[bulky]) { a.Drop() },
		"IntoInner": func(a *rc.Rc[bulky]) { a.IntoInner() },
		"TryUnwrap": func(a *rc.Rc[bulky]) { a.TryUnwrap() },
		"MakeMut":   func(a *rc.Rc[bulky]) { a.MakeMut(copyOf); a.Drop() },
		"clone":     func(a *rc.Rc[bulky]) { b := a.Clone(); a.MakeMut(copyOf); b.Drop() },
		"panic":     func(a *rc.Rc[bulky]) { *a.Value().p = 1; panicOf(a.Drop) },
	} {
		t.Run(name, func(t *testing.T) {
			a, w, value, hook := func() (*rc.Rc[bulky], *rc.Weak[bulky], weak.Pointer[bulky], weak.Pointer[bulky]) {
				ofHook := &bulky{p: new(int)}
				a := rc.From(&bulky{p: new(int)}, func(b *bulky) {
					if *b.p += ofHook.pad[0]; *b.p != 0 {
						panic("boom")
					}
				})
				return a, a.Downgrade(), weak.Make(a.Value()), weak.Make(ofHook)
			}()
			require.NotNil(t, value.Value())
			end(a)
			require.True(t, collected(value), "the value")
			if name != "clone" { // a lives there, with its hook
				require.True(t, collected(hook), "the hook")
			}
			require.Equal(t, counts{0, 0}, countsOf(w))
			a.Drop() // which was done, but for "clone"
			runtime.KeepAlive(w)
		})
	}
}

// A value that refers to itself is collected, too: a Weak is no owner.
func TestRcNewCyclicIsCollected(t *testing.T) {
	type node struct {
		bulky
		self *rc.Weak[node]
	}
	w, value := func() (*rc.Weak[node], weak.Pointer[node]) {
		a, err := rc.NewCyclic(func(self *rc.Weak[node]) (node, error) { return node{self: self}, nil })
		require.NoError(t, err)
		defer a.Drop()
		return a.Value().self, weak.Make(a.Value())
	}()
	require.True(t, collected(value))
	require.Equal(t, counts{0, 0}, countsOf(w))
	runtime.KeepAlive(w)
}

// The last Drop writes nothing to the value: who kept the pointer reads what was
// there.
func TestRcLastDropDoesNotWrite(t *testing.T) {
	a, runs := hooked([3]int{1, 2, 3})
	p := a.Value()
	a.Drop()
	require.Equal(t, 1, *runs)
	require.Equal(t, [3]int{1, 2, 3}, *p)
}

// Types to be formatted.
type (
	byPointer struct{ n int }    // String on the pointer
	byValue   struct{ n int }    // String on the value
	failure   struct{ n int }    // Error on the pointer
	formatter struct{ n int }    // Format on the pointer
	pair      struct{ A, B int } // no method
	locked    struct {           // no method, and a lock
		mu sync.Mutex
		n  int
	}
	counter struct{ n atomic.Int64 } // no method, and an atomic
)

func (v *byPointer) String() string { return fmt.Sprintf("pointer %d", v.n) }
func (v byValue) String() string    { return fmt.Sprintf("value %d", v.n) }
func (v *failure) Error() string    { return fmt.Sprintf("failure %d", v.n) }
func (v *formatter) Format(s fmt.State, verb rune) {
	fmt.Fprintf(s, "%s of %d", fmt.FormatString(s, verb), v.n)
}

// An Rc prints as its value, with the verb and flags, and with the methods that
// the pointer to the value has. A lock inside is not read. Rust: test_show,
// test_unsized.
func TestRcFormat(t *testing.T) {
	dropped := rc.New(1)
	dropped.Drop()
	mutex := new(own.NewMutex(1))
	inner := rc.New(1)
	defer inner.Drop()
	type handle interface {
		fmt.Formatter
		Drop()
	}
	for _, test := range []struct {
		format string
		rc     handle
		want   string
	}{
		{"%v", rc.New(75), "75"},
		{"%+v", rc.New(75), "75"},
		{"%d", rc.New(75), "75"},
		{"%+04d", rc.New(75), "+075"},
		{"%s", rc.New(75), "%!s(int=75)"},
		{"%v", rc.New("a"), "a"},
		{"%q", rc.New("a"), `"a"`},
		{"%#v", rc.New("a"), `"a"`},
		{"%-4s|", rc.New("a"), "a   |"},
		{"%.2f", rc.New(1.5), "1.50"},
		{"%v", rc.New([]int{1, 2, 3}), "[1 2 3]"},
		{"%v", rc.New(pair{1, 2}), "{1 2}"},
		{"%+v", rc.New(pair{1, 2}), "{A:1 B:2}"},
		{"%#v", rc.New(pair{1, 2}), "rc_test.pair{A:1, B:2}"},
		{"%v", rc.New(byPointer{1}), "pointer 1"},
		{"%s", rc.New(byPointer{1}), "pointer 1"},
		{"%d", rc.New(byPointer{1}), "{1}"},
		{"%v", rc.New(byValue{1}), "value 1"},
		{"%d", rc.New(byValue{1}), "{1}"},
		{"%v", rc.New(failure{1}), "failure 1"},
		{"%v", rc.New(errors.New("boom")), "boom"},
		{"%v", rc.New[error](nil), "<nil>"},
		{"%s", rc.New(fmt.Stringer(byValue{1})), "value 1"},
		{"%v", rc.New(formatter{1}), "%v of 1"},
		{"%08.3d", rc.New(formatter{1}), "%08.3d of 1"},
		{"%v", rc.From(mutex, nil), "Mutex { data: 1, poisoned: false, .. }"},
		{"%v", rc.From(new(locked), nil), "rc_test.locked{..}"},
		{"%+v", rc.From(new(locked), nil), "rc_test.locked{..}"},
		{"%d", rc.From(new(locked), nil), "rc_test.locked{..}"},
		{"%v", rc.From(new([2]locked), nil), "[2]rc_test.locked{..}"},
		{"%v", rc.From(new(counter), nil), "rc_test.counter{..}"},
		{"%v", rc.New(inner), "1"},
		{"%v", dropped, "<dropped>"},
		{"%+v", dropped, "<dropped>"},
		{"%d", dropped, "<dropped>"},
		{"%s", dropped, "<dropped>"},
		{"%v", new(rc.Rc[int]), "<dropped>"},
		{"%v", (*rc.Rc[int])(nil), "<nil>"},
		{"%+v", (*rc.Rc[int])(nil), "<nil>"},
		{"%d", (*rc.Rc[int])(nil), "<nil>"},
		{"%s", (*rc.Rc[int])(nil), "<nil>"},
	} {
		t.Run(fmt.Sprintf("%s of %T", test.format, test.rc), func(t *testing.T) {
			require.Equal(t, test.want, fmt.Sprintf(test.format, test.rc))
		})
		test.rc.Drop() // here, where it was made: a subtest is another goroutine
	}
}
