package own_test

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// hooked returns the only owner of v, and how often its hook has run.
func hooked[T any](v T) (*own.Arc[T], *atomic.Int32) {
	runs := new(atomic.Int32)
	return own.ArcFrom(&v, func(*T) { runs.Add(1) }), runs
}

// copyOf is the clone function for a type that may be copied.
func copyOf[T any](v *T) T { return *v }

// counts are the owners and the Weaks of a value.
type counts struct{ strong, weak int }

// countsOf returns both counts of an Arc or a Weak.
func countsOf(handle interface {
	StrongCount() int
	WeakCount() int
}) counts {
	return counts{handle.StrongCount(), handle.WeakCount()}
}

// atOnce runs each function on a goroutine of its own, all from one moment on, and
// waits for them.
func atOnce(fs ...func()) {
	var ready atomic.Int32
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(func() {
			ready.Add(1)
			for int(ready.Load()) < len(fs) {
				runtime.Gosched()
			}
			f()
		})
	}
	wg.Wait()
}

// What all uses of a nil and of an empty handle say.
const (
	nilArc   = "own: use of a nil Arc: check where the handle comes from"
	emptyArc = "own: use of an empty Arc: it was dropped or moved, Clone it before giving it away"
)

// Owners in two goroutines reach the same value. Rust: manually_share_arc; loom:
// basic_usage.
func TestArcShare(t *testing.T) {
	a := own.NewArc([]int{1, 2, 3})
	arcs := make(chan *own.Arc[[]int])
	got := make(chan int)
	go func() {
		mine := <-arcs
		defer mine.Drop()
		got <- (*mine.Value())[2]
	}()
	arcs <- a.Clone()
	require.Equal(t, 2, (*a.Value())[1])
	require.Equal(t, 3, <-got)
	a.Drop()
}

// All owners have the same pointer: to a copy of what NewArc got, and to the very
// value that ArcFrom got. Rust: test_from_owned, test_from_box.
func TestArcValue(t *testing.T) {
	v := 1
	a := own.NewArc(v)
	defer a.Drop()
	b := a.Clone()
	defer b.Drop()
	require.NotSame(t, &v, a.Value())
	require.Same(t, a.Value(), b.Value())
	require.Equal(t, 1, *b.Value())

	c := own.ArcFrom(&v, nil)
	defer c.Drop()
	require.Same(t, &v, c.Value())
}

// An Arc holds any type, also one without a size, or an interface. Rust:
// test_unsized, test_maybe_thin_unsized, trait_object, slice, uninhabited,
// test_from_str, test_copy_from_slice, test_clone_from_slice, test_from_box_str,
// test_from_box_slice, test_from_box_trait, test_from_box_trait_zero_sized,
// test_from_vec, test_array_from_slice.
func TestArcAnyType(t *testing.T) {
	t.Run("zero-sized", func(t *testing.T) { testArcOf(t, struct{}{}) })
	t.Run("string", func(t *testing.T) { testArcOf(t, "swordfish") })
	t.Run("slice", func(t *testing.T) { testArcOf(t, []int{1, 2, 3}) })
	t.Run("array", func(t *testing.T) { testArcOf(t, [3]int{1, 2, 3}) })
	t.Run("map", func(t *testing.T) { testArcOf(t, map[string]int{"a": 1}) })
	t.Run("pointer", func(t *testing.T) { testArcOf(t, new(int)) })
	t.Run("interface", func(t *testing.T) { testArcOf[fmt.Stringer](t, reflect.ValueOf(1)) })
	t.Run("nil interface", func(t *testing.T) { testArcOf[error](t, nil) })
}

func testArcOf[T any](t *testing.T, v T) {
	a, runs := hooked(v)
	require.Equal(t, v, *a.Value())
	w := a.Downgrade()
	b, ok := w.Upgrade()
	require.True(t, ok)
	require.Equal(t, v, *b.Value())

	other := own.NewArc(v)
	require.True(t, a.PtrEq(b))
	require.False(t, a.PtrEq(other), "equal is not the same")
	other.Drop()

	a.Drop()
	b.Drop()
	require.EqualValues(t, 1, runs.Load())
	_, ok = w.Upgrade()
	require.False(t, ok)
	w.Drop()
}

// Clones own the same value; an equal value of its own is another one. Rust:
// test_ptr_eq.
func TestArcPtrEq(t *testing.T) {
	five, other := own.NewArc(5), own.NewArc(5)
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
func TestArcStrongCount(t *testing.T) {
	a := own.NewArc(0)
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

// WeakCount follows downgrades, and clones and drops of Weaks, whichever owner
// is asked. Rust: test_weak_count.
func TestArcWeakCount(t *testing.T) {
	a := own.NewArc(0)
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
// value. Rust: drop_arc.
func TestArcDropRunsHookOnce(t *testing.T) {
	v, runs := 1, 0
	a := own.ArcFrom(&v, func(p *int) {
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
func TestArcDropTwice(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	func() {
		defer a.Drop()
		a.Drop() // early, on one path
	}()
	a.Drop()
	require.Equal(t, counts{1, 0}, countsOf(b))
	require.Zero(t, runs.Load())

	b.Drop()
	b.Drop()
	a.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Copies of the pointer are the same owner.
func TestArcDropAlias(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	alias := a
	a.Drop()
	alias.Drop()
	require.Equal(t, counts{1, 0}, countsOf(b))
	b.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Drop is safe on what never was an owner.
func TestArcDropNothing(t *testing.T) {
	var none *own.Arc[int]
	none.Drop()
	func() {
		defer none.Drop()
	}()
	var zero own.Arc[int]
	zero.Drop()
	zero.Drop()
}

// An owner inside a value is not dropped with it: there is no drop glue, the
// hook does it.
func TestArcInsideArc(t *testing.T) {
	inner, runs := hooked("inner")
	outer := own.NewArc(inner.Clone())
	owned := *outer.Value()
	outer.Drop()
	require.Equal(t, 2, inner.StrongCount(), "forgotten with the outer value")
	owned.Drop()
	require.Equal(t, 1, inner.StrongCount())

	outer = own.ArcFrom(new(inner.Clone()), func(p **own.Arc[string]) { (*p).Drop() })
	require.Equal(t, 2, inner.StrongCount())
	outer.Drop()
	require.Equal(t, 1, inner.StrongCount())
	require.Zero(t, runs.Load())
	inner.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Move hands the one owner on: the count stays and the old handle is empty, so
// that its deferred Drop does nothing.
func TestArcMove(t *testing.T) {
	a, runs := hooked(1)
	p := a.Value()
	b := func() *own.Arc[int] {
		defer a.Drop()
		return a.Move()
	}()
	require.Zero(t, runs.Load())
	require.Equal(t, counts{1, 0}, countsOf(b))
	require.Same(t, p, b.Value())
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	b.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// GetMut is for the only owner of a value without Weaks. Rust: test_arc_get_mut.
func TestArcGetMut(t *testing.T) {
	x := own.NewArc(3)
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
func TestArcMakeMutOnlyOwner(t *testing.T) {
	a, runs := hooked(1)
	p := a.Value()
	got := a.MakeMut(func(*int) int { t.Error("cloned"); return 0 })
	require.Same(t, p, got)
	require.Same(t, p, a.Value())
	require.Zero(t, runs.Load())
	a.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Three owners that each write end up with three values. The third is the only
// owner by then and keeps the first value. Rust: test_cowarc_clone_make_mut,
// make_mut_unsized.
func TestArcMakeMutAll(t *testing.T) {
	clones := 0
	clone := func(v *int) int { clones++; return *v }
	cow0 := own.NewArc(75)
	cow1 := cow0.Clone()
	cow2 := cow1.Clone()
	first := cow0.Value()

	for _, cow := range []*own.Arc[int]{cow0, cow1, cow2} {
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
	for _, cow := range []*own.Arc[int]{cow0, cow1, cow2} {
		require.Equal(t, counts{1, 0}, countsOf(cow))
		cow.Drop()
	}
}

// One of three owners that writes leaves the value to the other two. Rust:
// test_cowarc_clone_unique2.
func TestArcMakeMutOne(t *testing.T) {
	cow0 := own.NewArc(75)
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

// With only Weaks besides, nothing is cloned: the value stays where it is, and
// the Weaks are cut off. Rust: test_cowarc_clone_weak.
func TestArcMakeMutCutsWeaksOff(t *testing.T) {
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
	require.Zero(t, runs.Load(), "the value is not dropped, only moved")
	cow.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// With other owners besides, the Weaks stay with them.
func TestArcMakeMutLeavesWeaks(t *testing.T) {
	a := own.NewArc(1)
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
func TestArcMakeMutKeepsHook(t *testing.T) {
	var dropped []string
	a := own.ArcFrom(new("old"), func(s *string) { dropped = append(dropped, *s) })
	b := a.Clone()
	*a.MakeMut(copyOf) = "new"
	require.Empty(t, dropped)
	a.Drop()
	require.Equal(t, []string{"new"}, dropped)
	b.Drop()
	require.Equal(t, []string{"new", "old"}, dropped)
}

// If the other owners go while the clone is made, MakeMut drops the old value.
func TestArcMakeMutLastOwnerGoesMeanwhile(t *testing.T) {
	var dropped []string
	a := own.ArcFrom(new("old"), func(s *string) { dropped = append(dropped, *s) })
	b := a.Clone()
	*a.MakeMut(func(*string) string { b.Drop(); return "new" }) += "er"
	require.Equal(t, []string{"old"}, dropped)
	a.Drop()
	require.Equal(t, []string{"old", "newer"}, dropped)
}

// If clone panics, nothing has changed. Rust has no test of it.
func TestArcMakeMutClonePanics(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	w := a.Downgrade()
	require.PanicsWithValue(t, "boom", func() { a.MakeMut(func(*int) int { panic("boom") }) })
	require.True(t, a.PtrEq(b))
	require.Equal(t, counts{2, 1}, countsOf(a))
	require.Equal(t, 1, *a.Value())
	w.Drop()
	a.Drop()
	require.Zero(t, runs.Load())
	b.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// A clone that gives up the handle it is called for is told so, and what it gave
// up is given up once: the other owner stays one. (Rust's borrow checker refuses
// it.)
func TestArcMakeMutCloneGivesTheHandleUp(t *testing.T) {
	for name, giveUp := range map[string]func(a *own.Arc[int]){
		"Drop":      func(a *own.Arc[int]) { a.Drop() },
		"Move":      func(a *own.Arc[int]) { a.Move().Drop() },
		"IntoInner": func(a *own.Arc[int]) { a.IntoInner() },
	} {
		t.Run(name, func(t *testing.T) {
			a, runs := hooked(1)
			b := a.Clone()
			require.PanicsWithValue(t, emptyArc, func() { a.MakeMut(func(*int) int { giveUp(a); return 2 }) })
			require.Equal(t, counts{1, 0}, countsOf(b))
			require.Equal(t, 1, *b.Value())
			require.Zero(t, runs.Load())
			b.Drop()
			require.EqualValues(t, 1, runs.Load())
		})
	}
}

// A clone that calls MakeMut on the handle it is called for wins nothing: each
// value is dropped once all the same.
func TestArcMakeMutInsideClone(t *testing.T) {
	var dropped []int
	a := own.ArcFrom(new(1), func(v *int) { dropped = append(dropped, *v) })
	b := a.Clone()
	a.MakeMut(func(*int) int {
		*a.MakeMut(copyOf) = 2
		return 3
	})
	require.Equal(t, []int{2}, dropped)
	require.Equal(t, counts{1, 0}, countsOf(b))
	a.Drop()
	b.Drop()
	require.Equal(t, []int{2, 3, 1}, dropped)
}

// TryUnwrap gives the only owner its value back, Weaks or not, and runs no hook.
// Otherwise the owner stays one. Rust: try_unwrap; triomphe: try_unwrap.
func TestArcTryUnwrap(t *testing.T) {
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
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	_, ok = w.Upgrade()
	require.False(t, ok)
	require.Equal(t, counts{0, 0}, countsOf(w))

	a.Drop()
	w.Drop()
	require.Zero(t, runs.Load(), "the value is the caller's")
}

// IntoInner drops the owner in any case; the last one gets the value, and no
// hook runs. Rust: into_inner.
func TestArcIntoInner(t *testing.T) {
	a, runs := hooked(4)
	p := a.Value()
	b := a.Clone()
	v, ok := a.IntoInner()
	require.False(t, ok)
	require.Nil(t, v)
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	require.Equal(t, counts{1, 0}, countsOf(b))

	w := b.Downgrade()
	v, ok = b.IntoInner()
	require.True(t, ok)
	require.Same(t, p, v)
	require.Equal(t, 4, *v)
	require.PanicsWithValue(t, emptyArc, func() { b.Value() })
	_, ok = w.Upgrade()
	require.False(t, ok)

	a.Drop()
	b.Drop()
	w.Drop()
	require.Zero(t, runs.Load(), "the value is the caller's")
}

// UnwrapOrClone gives the only owner its value, and others a clone that no hook
// will close. Rust has no test of it.
func TestArcUnwrapOrClone(t *testing.T) {
	a, runs := hooked(5)
	p := a.Value()
	b := a.Clone()
	v := a.UnwrapOrClone(copyOf)
	require.NotSame(t, p, v)
	require.Equal(t, 5, *v)
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	require.Equal(t, counts{1, 0}, countsOf(b))

	w := b.Downgrade()
	v = b.UnwrapOrClone(func(*int) int { t.Error("cloned"); return 0 })
	require.Same(t, p, v)
	require.PanicsWithValue(t, emptyArc, func() { b.Value() })
	require.Equal(t, counts{0, 0}, countsOf(w))
	w.Drop()
	require.Zero(t, runs.Load(), "neither value is the hook's")
}

// If the other owners go while the clone is made, UnwrapOrClone drops the old
// value, as any last owner does.
func TestArcUnwrapOrCloneLastOwnerGoesMeanwhile(t *testing.T) {
	a, runs := hooked(5)
	b := a.Clone()
	v := a.UnwrapOrClone(func(v *int) int { b.Drop(); return *v + 1 })
	require.Equal(t, 6, *v)
	require.EqualValues(t, 1, runs.Load())
}

// If clone panics, the handle stays an owner.
func TestArcUnwrapOrCloneClonePanics(t *testing.T) {
	a, runs := hooked(1)
	b := a.Clone()
	require.PanicsWithValue(t, "boom", func() { a.UnwrapOrClone(func(*int) int { panic("boom") }) })
	require.True(t, a.PtrEq(b))
	require.Equal(t, counts{2, 0}, countsOf(a))
	a.Drop()
	b.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Inside the hook the value is dead already: no Weak can be upgraded, all counts
// are 0, and Weaks can still be cloned and dropped. Rust has no test of it;
// compare #72533, a Weak used while the data is being dropped.
func TestArcInsideHook(t *testing.T) {
	var w *own.Weak[int]
	ran := false
	a := own.ArcFrom(new(1), func(p *int) {
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
func TestArcHookDropsItself(t *testing.T) {
	runs := 0
	var a *own.Arc[int]
	a = own.ArcFrom(new(1), func(*int) { runs++; a.Drop() })
	a.Drop()
	require.Equal(t, 1, runs)
}

// A panic in the hook comes out of the Drop that ran it, and changes nothing
// else: the handle is empty, the value dead, and the hook does not run again.
// Rust: panic_no_leak, and #132231.
func TestArcHookPanics(t *testing.T) {
	runs := 0
	boom := errors.New("boom")
	a := own.ArcFrom(new(1), func(*int) { runs++; panic(boom) })
	w := a.Downgrade()
	how, v := finish(a.Drop)
	require.Equal(t, panicked, how)
	require.Same(t, boom, v)

	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	require.Equal(t, counts{0, 0}, countsOf(w))
	_, ok := w.Upgrade()
	require.False(t, ok)
	a.Drop()
	w.Drop()
	require.Equal(t, 1, runs)
}

// A hook that ends the goroutine leaves everything right, too.
func TestArcHookGoexit(t *testing.T) {
	a := own.ArcFrom(new(1), func(*int) { runtime.Goexit() })
	w := a.Downgrade()
	how, _ := finish(a.Drop)
	require.Equal(t, exited, how)
	require.Equal(t, counts{0, 0}, countsOf(w))
	a.Drop()
	w.Drop()
}

// A hook that MakeMut runs may panic: the handle then owns the clone.
func TestArcMakeMutHookPanics(t *testing.T) {
	var dropped []int
	a := own.ArcFrom(new(1), func(v *int) {
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

// cyclic is a value that may refer to itself.
type cyclic struct {
	self []*own.Weak[cyclic]
}

// While the value is being built it has no owner; then its Weaks come alive. A
// builder that has no use for self drops it. Rust: test_arc_cyclic_with_zero_refs,
// test_arc_new_cyclic_one_ref, test_arc_cyclic_two_refs, test_unique_arc_weak.
func TestNewCyclicArc(t *testing.T) {
	for refs := range 3 {
		t.Run(fmt.Sprint(refs), func(t *testing.T) {
			a, err := own.NewCyclicArc(func(self *own.Weak[cyclic]) (cyclic, error) {
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
func TestNewCyclicArcKeepsSelf(t *testing.T) {
	a, err := own.NewCyclicArc(func(self *own.Weak[cyclic]) (cyclic, error) {
		return cyclic{[]*own.Weak[cyclic]{self}}, nil
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
func TestNewCyclicArcFails(t *testing.T) {
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
			var kept, clone *own.Weak[cyclic]
			var a *own.Arc[cyclic]
			var err error
			how, v := finish(func() {
				a, err = own.NewCyclicArc(func(self *own.Weak[cyclic]) (cyclic, error) {
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
			for _, w := range []*own.Weak[cyclic]{kept, clone} {
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

// arcMethods are the uses of a handle that must have an owner.
var arcMethods = map[string]func(a *own.Arc[int]){
	"Clone":         func(a *own.Arc[int]) { a.Clone() },
	"Downgrade":     func(a *own.Arc[int]) { a.Downgrade() },
	"GetMut":        func(a *own.Arc[int]) { a.GetMut() },
	"IntoInner":     func(a *own.Arc[int]) { a.IntoInner() },
	"MakeMut":       func(a *own.Arc[int]) { a.MakeMut(copyOf) },
	"Move":          func(a *own.Arc[int]) { a.Move() },
	"PtrEq":         func(a *own.Arc[int]) { a.PtrEq(a) },
	"StrongCount":   func(a *own.Arc[int]) { a.StrongCount() },
	"TryUnwrap":     func(a *own.Arc[int]) { a.TryUnwrap() },
	"UnwrapOrClone": func(a *own.Arc[int]) { a.UnwrapOrClone(copyOf) },
	"Value":         func(a *own.Arc[int]) { a.Value() },
	"WeakCount":     func(a *own.Arc[int]) { a.WeakCount() },
}

// The table above has every method that uses the owner. Drop and Format are for
// any handle; SetStrongCount and SetWeakCount are for tests.
func TestArcMethodsAreAll(t *testing.T) {
	want := []string{"Drop", "Format", "SetStrongCount", "SetWeakCount"}
	for name := range arcMethods {
		want = append(want, name)
	}
	var got []string
	for m := range reflect.TypeFor[*own.Arc[int]]().Methods() {
		got = append(got, m.Name)
	}
	require.ElementsMatch(t, want, got)
}

// requireMessage fails t unless f panics with the message, which is one of this
// package's: one line, and it says where it comes from.
func requireMessage(t *testing.T, message string, f func()) {
	t.Helper()
	require.True(t, strings.HasPrefix(message, "own: "), message)
	require.NotContains(t, message, "\n")
	require.PanicsWithValue(t, message, f)
}

// Every use of a nil handle panics and says so.
func TestArcNil(t *testing.T) {
	for name, use := range arcMethods {
		t.Run(name, func(t *testing.T) { requireMessage(t, nilArc, func() { use(nil) }) })
	}
	a := own.NewArc(1)
	defer a.Drop()
	requireMessage(t, nilArc, func() { a.PtrEq(nil) })
}

// Every use of a handle whose owner is gone panics and says so, in whichever way
// it went, and changes nothing for the owners that are left.
func TestArcEmpty(t *testing.T) {
	for how, empty := range map[string]func(a *own.Arc[int]){
		"dropped":   func(a *own.Arc[int]) { a.Drop() },
		"moved":     func(a *own.Arc[int]) { a.Move().Drop() },
		"IntoInner": func(a *own.Arc[int]) { a.IntoInner() },
		"unwrapped": func(a *own.Arc[int]) { a.UnwrapOrClone(copyOf) },
		"stored":    func(a *own.Arc[int]) { var cell own.AtomicArc[int]; cell.Store(a); cell.Drop() },
		"swapped":   func(a *own.Arc[int]) { var cell own.AtomicArc[int]; cell.Swap(a); cell.Drop() },
		"exchanged": func(a *own.Arc[int]) { var cell own.AtomicArc[int]; cell.CompareAndSwap(nil, a); cell.Drop() },
	} {
		for name, use := range arcMethods {
			t.Run(how+"/"+name, func(t *testing.T) {
				left := own.NewArc(1)
				defer left.Drop()
				a := left.Clone()
				empty(a)
				requireMessage(t, emptyArc, func() { use(a) })
				requireMessage(t, emptyArc, func() { left.PtrEq(a) })
				require.Equal(t, counts{1, 0}, countsOf(left))
			})
		}
	}
	for name, use := range arcMethods {
		t.Run("zero/"+name, func(t *testing.T) { requireMessage(t, emptyArc, func() { use(new(own.Arc[int])) }) })
	}
}

// What the functions of the package cannot do without is asked for at once.
func TestArcNilArguments(t *testing.T) {
	requireMessage(t, "own: ArcFrom(nil): pass the value to take over",
		func() { own.ArcFrom[int](nil, func(*int) {}) })
	requireMessage(t, "own: NewCyclicArc(nil): pass the function that builds the value",
		func() { own.NewCyclicArc[int](nil) })

	a, runs := hooked(1)
	requireMessage(t, "own: Arc.MakeMut(nil): pass the function that clones the value",
		func() { a.MakeMut(nil) })
	requireMessage(t, "own: Arc.UnwrapOrClone(nil): pass the function that clones the value",
		func() { a.UnwrapOrClone(nil) })
	require.Equal(t, counts{1, 0}, countsOf(a), "asked for although it was not needed")
	a.Drop()
	require.EqualValues(t, 1, runs.Load())

	b := own.ArcFrom(new(1), nil)
	b.Drop() // no hook is no fault
}

// A count that is full refuses one more, stays as it was, and goes on counting
// once there is room. Rust: #27174, #30031, #108706; trc #21.
func TestArcOverflow(t *testing.T) {
	const (
		owners = "own: more than 2147483647 owners of one value: a Drop is missing"
		weaks  = "own: more than 2147483647 Weaks of one value: a Drop is missing"
	)
	for _, test := range []struct {
		name, message string
		oneMore       func(a *own.Arc[int], w *own.Weak[int], cell *own.AtomicArc[int]) (drop func())
	}{
		{"Arc.Clone", owners, func(a *own.Arc[int], _ *own.Weak[int], _ *own.AtomicArc[int]) func() {
			return a.Clone().Drop
		}},
		{"Weak.Upgrade", owners, func(_ *own.Arc[int], w *own.Weak[int], _ *own.AtomicArc[int]) func() {
			b, ok := w.Upgrade()
			require.True(t, ok)
			return b.Drop
		}},
		{"AtomicArc.Load", owners, func(_ *own.Arc[int], _ *own.Weak[int], cell *own.AtomicArc[int]) func() {
			return cell.Load().Drop
		}},
		{"Arc.Downgrade", weaks, func(a *own.Arc[int], _ *own.Weak[int], _ *own.AtomicArc[int]) func() {
			return a.Downgrade().Drop
		}},
		{"Weak.Clone", weaks, func(_ *own.Arc[int], w *own.Weak[int], _ *own.AtomicArc[int]) func() {
			return w.Clone().Drop
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, runs := hooked(1)
			w := a.Downgrade()
			var cell own.AtomicArc[int]
			cell.Store(a.Clone())

			set, full := a.SetStrongCount, counts{own.MaxCount, 1}
			if test.message == weaks {
				set, full = a.SetWeakCount, counts{2, own.MaxCount}
			}
			set(own.MaxCount)
			for range 3 {
				requireMessage(t, test.message, func() { test.oneMore(a, w, &cell) })
				require.Equal(t, full, countsOf(a))
			}

			set(own.MaxCount - 1)
			drop := test.oneMore(a, w, &cell)
			require.Equal(t, full, countsOf(a))
			requireMessage(t, test.message, func() { test.oneMore(a, w, &cell) })
			drop()

			a.SetStrongCount(2)
			a.SetWeakCount(1)
			test.oneMore(a, w, &cell)()
			require.Equal(t, counts{2, 1}, countsOf(a))
			cell.Drop()
			a.Drop()
			require.EqualValues(t, 1, runs.Load())
			w.Drop()
		})
	}
}

// Goroutines that hit the limits together are all refused, and leave both counts
// as they were.
func TestArcOverflowRace(t *testing.T) {
	const rounds = 20000
	a := own.NewArc(1)
	w := a.Downgrade()
	a.SetStrongCount(own.MaxCount)
	a.SetWeakCount(own.MaxCount)
	var refused atomic.Int32
	refuse := func(f func()) {
		defer func() {
			if recover() != nil {
				refused.Add(1)
			}
		}()
		f()
	}
	var fs []func()
	for _, f := range []func(){
		func() { a.Clone() },
		func() { w.Upgrade() },
		func() { a.Downgrade() },
		func() { w.Clone() },
	} {
		fs = append(fs, func() {
			for range rounds {
				refuse(f)
			}
		})
	}
	atOnce(fs[0], fs[1])
	atOnce(fs[2], fs[3])
	atOnce(fs...)
	require.EqualValues(t, 2*len(fs)*rounds, refused.Load())
	require.Equal(t, counts{own.MaxCount, own.MaxCount}, countsOf(a))
	a.SetStrongCount(1)
	a.SetWeakCount(1)
	w.Drop()
	a.Drop()
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
func TestArcValueIsCollected(t *testing.T) {
	for name, end := range map[string]func(*own.Arc[bulky]){
		"Drop":      func(a *own.Arc[bulky]) { a.Drop() },
		"IntoInner": func(a *own.Arc[bulky]) { a.IntoInner() },
		"TryUnwrap": func(a *own.Arc[bulky]) { a.TryUnwrap() },
		"MakeMut":   func(a *own.Arc[bulky]) { a.MakeMut(copyOf); a.Drop() },
		"clone":     func(a *own.Arc[bulky]) { b := a.Clone(); a.MakeMut(copyOf); b.Drop() },
		"Store":     func(a *own.Arc[bulky]) { var cell own.AtomicArc[bulky]; cell.Store(a); cell.Drop() },
		"panic":     func(a *own.Arc[bulky]) { *a.Value().p = 1; finish(a.Drop) },
	} {
		t.Run(name, func(t *testing.T) {
			a, w, value, hook := func() (*own.Arc[bulky], *own.Weak[bulky], weak.Pointer[bulky], weak.Pointer[bulky]) {
				ofHook := &bulky{p: new(int)}
				a := own.ArcFrom(&bulky{p: new(int)}, func(b *bulky) {
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
func TestNewCyclicArcIsCollected(t *testing.T) {
	type node struct {
		bulky
		self *own.Weak[node]
	}
	w, value := func() (*own.Weak[node], weak.Pointer[node]) {
		a, err := own.NewCyclicArc(func(self *own.Weak[node]) (node, error) { return node{self: self}, nil })
		require.NoError(t, err)
		defer a.Drop()
		return a.Value().self, weak.Make(a.Value())
	}()
	require.True(t, collected(value))
	require.Equal(t, counts{0, 0}, countsOf(w))
	runtime.KeepAlive(w)
}

// A guard may outlive the last owner: the value stays what it was, so the lock
// in it can be released. The deferred Drop here runs first.
func TestArcGuardOutlivesLastOwner(t *testing.T) {
	for name, hook := range map[string]func(*own.Mutex[int]){
		"no hook": nil,
		"hook":    func(*own.Mutex[int]) {},
	} {
		t.Run(name, func(t *testing.T) {
			m := new(own.NewMutex(1))
			func() {
				a := own.ArcFrom(m, hook)
				g := a.Value().MustLock()
				defer g.Unlock()
				defer a.Drop()
				*g.Value() = 2
			}()
			requireHealthy(t, m)
			v, err := m.Load()
			require.NoError(t, err)
			require.Equal(t, 2, v)
		})
	}
}

// The last Drop writes nothing to the value: who kept the pointer reads what was
// there, even at the same time.
func TestArcLastDropDoesNotWrite(t *testing.T) {
	a, runs := hooked([3]int{1, 2, 3})
	p := a.Value()
	var wg sync.WaitGroup
	var torn atomic.Bool
	for range 2 {
		wg.Go(func() {
			for range 1000 {
				if *p != [3]int{1, 2, 3} {
					torn.Store(true)
				}
			}
		})
	}
	a.Drop()
	wg.Wait()
	require.EqualValues(t, 1, runs.Load())
	require.False(t, torn.Load())
	require.Equal(t, [3]int{1, 2, 3}, *p)
}

// Owners that go at the same time run the hook once, and it sees what each of
// them wrote. Rust: arc_drop_dereferenceable_race (#55005); loom: sync_in_drop.
func TestArcDropRace(t *testing.T) {
	const owners, rounds = 3, 3000
	var runs, sum int // written by hooks, one after the other
	for range rounds {
		a := own.ArcFrom(new([owners]int), func(v *[owners]int) {
			runs++
			for _, n := range v {
				sum += n
			}
		})
		b, c := a.Clone(), a.Clone()
		atOnce(
			func() { a.Value()[0] = 1; a.Drop() },
			func() { b.Value()[1] = 1; b.Drop() },
			func() { c.Value()[2] = 1; c.Drop() },
		)
	}
	require.Equal(t, rounds, runs)
	require.Equal(t, rounds*owners, sum)
}

// Of all owners that call IntoInner at the same time, exactly one gets the
// value. Rust: into_inner, 100 times; here more often, for the same chances.
func TestArcIntoInnerRace(t *testing.T) {
	for range 3000 {
		a, runs := hooked(3)
		b, c := a.Clone(), a.Clone()
		var won, lost atomic.Int32
		into := func(mine *own.Arc[int]) func() {
			return func() {
				if v, ok := mine.IntoInner(); ok {
					won.Add(int32(*v))
				} else {
					lost.Add(1)
				}
			}
		}
		atOnce(into(a), into(b), into(c))
		require.EqualValues(t, 3, won.Load())
		require.EqualValues(t, 2, lost.Load())
		require.Zero(t, runs.Load())
	}
}

// Of all owners that call TryUnwrap and then Drop, one gets the value or the hook
// runs: never both, never twice, never neither. Rust: try_unwrap().ok(), #75911;
// loom: try_unwrap_multithreaded.
func TestArcTryUnwrapRace(t *testing.T) {
	for range 3000 {
		a, runs := hooked(1)
		b, c := a.Clone(), a.Clone()
		var won atomic.Int32
		unwrap := func(mine *own.Arc[int]) func() {
			return func() {
				defer mine.Drop()
				if _, ok := mine.TryUnwrap(); ok {
					won.Add(1)
				}
			}
		}
		atOnce(unwrap(a), unwrap(b), unwrap(c))
		require.EqualValues(t, 1, won.Load()+runs.Load())
	}
}

// Who gets the value for itself while others upgrade a Weak has it for itself:
// what they get is whole, and nobody writes to it. The field is plain: the race
// detector looks on.
func TestArcUnwrapVersusUpgrade(t *testing.T) {
	type value struct{ n int }
	for name, take := range map[string]func(a *own.Arc[value]) *value{
		"TryUnwrap":     func(a *own.Arc[value]) *value { v, _ := a.TryUnwrap(); return v },
		"IntoInner":     func(a *own.Arc[value]) *value { v, _ := a.IntoInner(); return v },
		"UnwrapOrClone": func(a *own.Arc[value]) *value { return a.UnwrapOrClone(copyOf) },
		"MakeMut":       func(a *own.Arc[value]) *value { return a.MakeMut(copyOf) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 3000 {
				a := own.NewArc(value{1})
				w := a.Downgrade()
				var wrong atomic.Int32
				atOnce(func() {
					if v := take(a); v != nil {
						v.n++
						if v.n != 2 {
							wrong.Add(1)
						}
					}
					a.Drop()
				}, func() {
					for {
						b, ok := w.Upgrade()
						if !ok {
							return
						}
						if v := b.Value(); v == nil || v.n != 1 {
							wrong.Add(1)
						}
						b.Drop()
					}
				})
				require.Zero(t, wrong.Load())
				w.Drop()
			}
		})
	}
}

// "One owner" and "no Weak" are one question. The other goroutine has an owner
// or a Weak at every moment, though not the same: GetMut must never say yes.
// Rust: #24880.
func TestArcGetMutVersusUpgrade(t *testing.T) {
	a := own.NewArc(0)
	var stop atomic.Bool
	var failed bool
	last := make(chan *own.Arc[int], 1)
	b := a.Clone()
	go func() {
		for range 50000 {
			w := b.Downgrade()
			b.Drop()
			up, ok := w.Upgrade()
			if !ok {
				failed = true
				break
			}
			b = up
			_ = *b.Value() // races with a write
			w.Drop()
		}
		stop.Store(true)
		last <- b
	}()
	granted := 0
	for !stop.Load() {
		if p, ok := a.GetMut(); ok {
			*p++
			granted++
		}
	}
	(<-last).Drop()
	require.False(t, failed, "Upgrade failed although a is an owner")
	require.Zero(t, granted)
	_, ok := a.GetMut()
	require.True(t, ok)
	a.Drop()
}

// While GetMut looks, the counts are what they are: it takes no Weak of its own
// that others could see. Rust: test_weak_count_locked (#43318).
func TestArcWeakCountVersusGetMut(t *testing.T) {
	a := own.NewArc(0)
	b := a.Clone()
	var stop atomic.Bool
	go func() {
		defer stop.Store(true)
		for range 300000 {
			b.GetMut()
		}
	}()
	var seen counts
	bad := 0
	for !stop.Load() {
		if seen = countsOf(a); seen != (counts{2, 0}) {
			bad++
		}
	}
	require.Zero(t, bad, "such as %v", seen)
	a.Drop()
	b.Drop()
}

// Who finds itself the only owner sees what the former owners wrote before they
// dropped theirs: the race detector would tell otherwise. Rust: #51780.
func TestArcDropSynchronizes(t *testing.T) {
	type value struct{ cloned, n int }
	clone := func(v *value) value { return value{cloned: 1} }
	for name, only := range map[string]func(a *own.Arc[value]) *value{
		"MakeMut":       func(a *own.Arc[value]) *value { return a.MakeMut(clone) },
		"UnwrapOrClone": func(a *own.Arc[value]) *value { return a.UnwrapOrClone(clone) },
		"IntoInner":     func(a *own.Arc[value]) *value { v, _ := a.IntoInner(); return v },
		"GetMut": func(a *own.Arc[value]) *value {
			for {
				if v, ok := a.GetMut(); ok {
					return v
				}
				runtime.Gosched()
			}
		},
		"TryUnwrap": func(a *own.Arc[value]) *value {
			for {
				if v, ok := a.TryUnwrap(); ok {
					return v
				}
				runtime.Gosched()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 500 {
				a := own.NewArc(value{})
				b := a.Clone()
				done := make(chan struct{})
				go func() {
					defer close(done)
					b.Value().n = 1
					b.Drop()
				}()
				if v := only(a); v != nil && v.cloned == 0 {
					v.n++
					require.Equal(t, 2, v.n)
				}
				a.Drop()
				<-done
			}
		})
	}
}

// Two owners that write at the same time write to different values, and each
// value is dropped once.
func TestArcMakeMutRace(t *testing.T) {
	for range 3000 {
		var sum atomic.Int32
		a := own.ArcFrom(new(1), func(v *int) { sum.Add(int32(*v)) })
		b := a.Clone()
		atOnce(
			func() { *a.MakeMut(copyOf) = 100 },
			func() { *b.MakeMut(copyOf) = 200 },
		)
		require.Equal(t, 100, *a.Value())
		require.Equal(t, 200, *b.Value())
		a.Drop()
		b.Drop()
		// The 1 was kept by one of them; or, if both cloned, dropped.
		require.Contains(t, []int32{300, 301}, sum.Load())
	}
}

// One handle may be used by many goroutines at a time for everything that does
// not change it.
func TestArcOneHandleManyGoroutines(t *testing.T) {
	a, runs := hooked(7)
	var wg sync.WaitGroup
	var wrong atomic.Int32
	for range 4 {
		wg.Go(func() {
			for range 300 {
				b := a.Clone()
				w := a.Downgrade()
				if *a.Value() != 7 || !a.PtrEq(b) || a.StrongCount() < 2 || a.WeakCount() < 1 || fmt.Sprint(a) != "7" {
					wrong.Add(1)
				}
				w.Drop()
				b.Drop()
			}
		})
	}
	wg.Wait()
	require.Zero(t, wrong.Load())
	require.Equal(t, counts{1, 0}, countsOf(a))
	a.Drop()
	require.EqualValues(t, 1, runs.Load())
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

// An Arc prints as its value, with the verb and flags, and with the methods that
// the pointer to the value has. A lock inside is not read. Rust: show_arc,
// test_unsized.
func TestArcFormat(t *testing.T) {
	dropped := own.NewArc(1)
	dropped.Drop()
	mutex := new(own.NewMutex(1))
	type handle interface {
		fmt.Formatter
		Drop()
	}
	for _, test := range []struct {
		format string
		arc    handle
		want   string
	}{
		{"%v", own.NewArc(5), "5"},
		{"%+v", own.NewArc(5), "5"},
		{"%d", own.NewArc(5), "5"},
		{"%+04d", own.NewArc(5), "+005"},
		{"%s", own.NewArc(5), "%!s(int=5)"},
		{"%v", own.NewArc("a"), "a"},
		{"%s", own.NewArc("a"), "a"},
		{"%q", own.NewArc("a"), `"a"`},
		{"%#v", own.NewArc("a"), `"a"`},
		{"%-4s|", own.NewArc("a"), "a   |"},
		{"%d", own.NewArc("a"), "%!d(string=a)"},
		{"%.2f", own.NewArc(1.5), "1.50"},
		{"%v", own.NewArc([]int{1, 2, 3}), "[1 2 3]"},
		{"%v", own.NewArc(pair{1, 2}), "{1 2}"},
		{"%+v", own.NewArc(pair{1, 2}), "{A:1 B:2}"},
		{"%d", own.NewArc(pair{1, 2}), "{1 2}"},
		{"%s", own.NewArc(pair{1, 2}), "{%!s(int=1) %!s(int=2)}"},
		{"%v", own.NewArc(byPointer{1}), "pointer 1"},
		{"%+v", own.NewArc(byPointer{1}), "pointer 1"},
		{"%s", own.NewArc(byPointer{1}), "pointer 1"},
		{"%d", own.NewArc(byPointer{1}), "{1}"},
		{"%v", own.NewArc(byValue{1}), "value 1"},
		{"%s", own.NewArc(byValue{1}), "value 1"},
		{"%d", own.NewArc(byValue{1}), "{1}"},
		{"%v", own.NewArc(failure{1}), "failure 1"},
		{"%+v", own.NewArc(failure{1}), "failure 1"},
		{"%s", own.NewArc(failure{1}), "failure 1"},
		{"%d", own.NewArc(failure{1}), "{1}"},
		{"%v", own.NewArc(errors.New("boom")), "boom"},
		{"%s", own.NewArc(fmt.Stringer(byValue{1})), "value 1"},
		{"%v", own.NewArc(formatter{1}), "%v of 1"},
		{"%+v", own.NewArc(formatter{1}), "%+v of 1"},
		{"%08.3d", own.NewArc(formatter{1}), "%08.3d of 1"},
		{"%s", own.NewArc(formatter{1}), "%s of 1"},
		{"%v", own.ArcFrom(mutex, nil), "Mutex { data: 1, poisoned: false, .. }"},
		{"%+v", own.ArcFrom(mutex, nil), "Mutex { data: 1, poisoned: false, .. }"},
		{"%02d", own.ArcFrom(mutex, nil), "Mutex { data: 01, poisoned: false, .. }"},
		{"%s", own.ArcFrom(mutex, nil), "Mutex { data: %!s(int=1), poisoned: false, .. }"},
		{"%v", own.ArcFrom(new(locked), nil), "own_test.locked{..}"},
		{"%+v", own.ArcFrom(new(locked), nil), "own_test.locked{..}"},
		{"%d", own.ArcFrom(new(locked), nil), "own_test.locked{..}"},
		{"%s", own.ArcFrom(new(locked), nil), "own_test.locked{..}"},
		{"%v", own.ArcFrom(new([2]locked), nil), "[2]own_test.locked{..}"},
		{"%v", own.ArcFrom(new(counter), nil), "own_test.counter{..}"},
		{"%v", dropped, "<dropped>"},
		{"%+v", dropped, "<dropped>"},
		{"%d", dropped, "<dropped>"},
		{"%s", dropped, "<dropped>"},
		{"%v", new(own.Arc[int]), "<dropped>"},
		{"%v", (*own.Arc[int])(nil), "<nil>"},
		{"%+v", (*own.Arc[int])(nil), "<nil>"},
		{"%d", (*own.Arc[int])(nil), "<nil>"},
		{"%s", (*own.Arc[int])(nil), "<nil>"},
	} {
		t.Run(fmt.Sprintf("%s of %T", test.format, test.arc), func(t *testing.T) {
			defer test.arc.Drop()
			require.Equal(t, test.want, fmt.Sprintf(test.format, test.arc))
		})
	}
}

// Printing reads nothing that others may write: clones come and go, and the
// locks inside are in use, as the race detector would tell.
func TestArcFormatConcurrently(t *testing.T) {
	safe := own.NewArc(own.NewMutex(1))
	hidden := own.ArcFrom(new(locked), nil)
	var texts []string
	var wg sync.WaitGroup
	var stop atomic.Bool
	for range 2 {
		a, b := safe.Clone(), hidden.Clone()
		wg.Go(func() {
			defer a.Drop()
			defer b.Drop()
			for !stop.Load() {
				a.Value().MustWith(func(n *int) { *n++ })
				a.Clone().Drop()
				v := b.Value()
				v.mu.Lock()
				v.n++
				v.mu.Unlock()
				b.Downgrade().Drop()
			}
		})
	}
	for range 300 {
		texts = append(texts, fmt.Sprint(safe)+" "+fmt.Sprintf("%+v", hidden))
	}
	stop.Store(true)
	wg.Wait()
	for _, text := range texts {
		require.Regexp(t, `^Mutex { data: (\d+|<locked>), poisoned: false, .. } own_test.locked{..}$`, text)
	}
	require.Equal(t, counts{1, 0}, countsOf(safe))
	safe.Drop()
	hidden.Drop()
}

// A hook that drops the next owner of a chain nests, which Go's stacks have room
// for.
func TestArcLongChain(t *testing.T) {
	type link struct{ next *own.Arc[link] }
	const n = 100_000
	runs := 0
	var head *own.Arc[link]
	for range n {
		head = own.ArcFrom(&link{head}, func(l *link) { runs++; l.next.Drop() })
	}
	head.Drop()
	require.Equal(t, n, runs)
}
