package own_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// The zero AtomicArc is empty, and emptying it again does nothing. arc-swap:
// lease_null.
func TestAtomicArcZeroValue(t *testing.T) {
	var cell own.AtomicArc[int]
	require.Nil(t, cell.Load())
	cell.Drop()
	cell.Store(nil)
	require.Nil(t, cell.Swap(nil))
	require.Nil(t, cell.Load())
}

// Store takes the owner: the handle is empty, the count is what it was, and Load
// gives a new owner each time. arc-swap: swap_load.
func TestAtomicArcStoreLoad(t *testing.T) {
	a, runs := hooked(42)
	p := a.Value()
	var cell own.AtomicArc[int]
	cell.Store(a)
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	a.Drop() // deferred, say

	b := cell.Load()
	require.Same(t, p, b.Value())
	require.Equal(t, counts{2, 0}, countsOf(b))
	c := cell.Load()
	require.True(t, b.PtrEq(c))
	require.NotSame(t, b, c)
	require.Equal(t, counts{3, 0}, countsOf(b))

	b.Drop()
	cell.Drop()
	require.Nil(t, cell.Load())
	require.Equal(t, counts{1, 0}, countsOf(c), "who loaded it keeps it")
	require.Zero(t, runs.Load())
	c.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// What replaces the value, or empties the cell, drops the old owner, and its
// hook has run when it returns. By then the cell has the new value.
func TestAtomicArcReplaceRunsHook(t *testing.T) {
	for name, replace := range map[string]func(cell *own.AtomicArc[string], next *own.Arc[string]){
		"Store": func(cell *own.AtomicArc[string], next *own.Arc[string]) { cell.Store(next) },
		"Swap":  func(cell *own.AtomicArc[string], next *own.Arc[string]) { cell.Swap(next).Drop() },
		"CompareAndSwap": func(cell *own.AtomicArc[string], next *own.Arc[string]) {
			old := cell.Load()
			cell.CompareAndSwap(old, next)
			old.Drop() // it is an owner, so the last one here
		},
	} {
		t.Run(name, func(t *testing.T) {
			var cell own.AtomicArc[string]
			var log []string
			hook := func(v *string) { log = append(log, fmt.Sprintf("%s, in the cell: %v", *v, &cell)) }
			cell.Store(own.ArcFrom(new("one"), hook))
			require.Empty(t, log)
			replace(&cell, own.ArcFrom(new("two"), hook))
			require.Equal(t, []string{"one, in the cell: two"}, log)
			replace(&cell, nil)
			require.Equal(t, []string{"one, in the cell: two", "two, in the cell: <empty>"}, log)
		})
	}
}

// Drop is Store(nil).
func TestAtomicArcDrop(t *testing.T) {
	a, runs := hooked(1)
	var cell own.AtomicArc[int]
	cell.Store(a)
	cell.Drop()
	require.EqualValues(t, 1, runs.Load())
	cell.Drop()
	require.EqualValues(t, 1, runs.Load())
	require.Nil(t, cell.Load())

	b, runs := hooked(2)
	cell.Store(b) // the cell is as good as new
	cell.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Swap gives out the owner that was in the cell: the count does not change and no
// hook runs. arc-swap: swap_load, nulls.
func TestAtomicArcSwap(t *testing.T) {
	a, runs := hooked("a")
	b := own.NewArc("b")
	keepA, keepB := a.Clone(), b.Clone()
	var cell own.AtomicArc[string]

	require.Nil(t, cell.Swap(a))
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	require.Equal(t, counts{2, 0}, countsOf(keepA))

	old := cell.Swap(b)
	require.PanicsWithValue(t, emptyArc, func() { b.Value() })
	require.True(t, old.PtrEq(keepA))
	require.Equal(t, counts{2, 0}, countsOf(keepA))
	old.Drop()
	require.Equal(t, counts{1, 0}, countsOf(keepA))

	old = cell.Swap(nil)
	require.True(t, old.PtrEq(keepB))
	require.Equal(t, counts{2, 0}, countsOf(keepB))
	require.Nil(t, cell.Load())
	old.Drop()
	keepB.Drop()
	require.Zero(t, runs.Load())
	keepA.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// Storing the value that the cell holds already leaves it there, with one owner
// less.
func TestAtomicArcStoreSameValue(t *testing.T) {
	a, runs := hooked(1)
	keep := a.Clone()
	var cell own.AtomicArc[int]
	cell.Store(a)

	again := cell.Load()
	require.Equal(t, counts{3, 0}, countsOf(keep))
	cell.Store(again)
	require.Equal(t, counts{2, 0}, countsOf(keep))

	again = cell.Load()
	old := cell.Swap(again)
	require.True(t, old.PtrEq(keep))
	require.Equal(t, counts{3, 0}, countsOf(keep))
	old.Drop()

	keep.Drop()
	only := cell.Load()
	require.Equal(t, counts{2, 0}, countsOf(only))
	cell.Store(only)
	require.Zero(t, runs.Load(), "the cell is an owner all the time")
	cell.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// CompareAndSwap exchanges the value if it is the same one, not an equal one. It
// takes new only then; old stays the caller's. arc-swap: cas_ref_cnt, nulls.
func TestAtomicArcCompareAndSwap(t *testing.T) {
	for _, test := range []struct {
		cell, old, new string // the names of the values; "" is nil
		want           bool
	}{
		{cell: "a", old: "a", new: "b", want: true},
		{cell: "a", old: "a", new: "a", want: true},
		{cell: "a", old: "a", new: "", want: true},
		{cell: "", old: "", new: "a", want: true},
		{cell: "", old: "", new: "", want: true},
		{cell: "a", old: "b", new: "c", want: false},
		{cell: "a", old: "b", new: "a", want: false},
		{cell: "a", old: "b", new: "b", want: false},
		{cell: "a", old: "b", new: "", want: false},
		{cell: "a", old: "", new: "b", want: false},
		{cell: "a", old: "", new: "a", want: false},
		{cell: "a", old: "", new: "", want: false},
		{cell: "", old: "a", new: "b", want: false},
		{cell: "", old: "a", new: "a", want: false},
		{cell: "", old: "a", new: "", want: false},
	} {
		t.Run(fmt.Sprintf("cell %q, old %q, new %q", test.cell, test.old, test.new), func(t *testing.T) {
			// All values are equal. Each has one owner here that stays.
			keep := map[string]*own.Arc[int]{}
			var runs []*atomic.Int32
			for _, name := range []string{"a", "b", "c"} {
				a, n := hooked(0)
				keep[name], runs = a, append(runs, n)
			}
			handle := func(name string) *own.Arc[int] {
				if name == "" {
					return nil
				}
				return keep[name].Clone()
			}
			var cell own.AtomicArc[int]
			cell.Store(handle(test.cell))
			old, next := handle(test.old), handle(test.new)

			require.Equal(t, test.want, cell.CompareAndSwap(old, next))

			in, stays := test.cell, test.new
			if test.want {
				in, stays = test.new, ""
			}
			for name, a := range keep {
				want := 1
				for _, holder := range []string{in, test.old, stays} {
					if holder == name {
						want++
					}
				}
				require.Equal(t, counts{want, 0}, countsOf(a), name)
			}
			if got := cell.Load(); in == "" {
				require.Nil(t, got)
			} else {
				require.True(t, got.PtrEq(keep[in]))
				got.Drop()
			}
			if old != nil {
				require.True(t, old.PtrEq(keep[test.old]), "old stays the caller's")
			}
			if stays != "" {
				require.True(t, next.PtrEq(keep[stays]), "new stays the caller's")
			} else if next != nil {
				require.PanicsWithValue(t, emptyArc, func() { next.Value() })
			}

			old.Drop()
			next.Drop()
			cell.Drop()
			for name, a := range keep {
				require.Equal(t, counts{1, 0}, countsOf(a), name)
				a.Drop()
			}
			for _, n := range runs {
				require.EqualValues(t, 1, n.Load())
			}
		})
	}
}

// One handle as both old and new is an owner that replaces another of the same
// value: the cell takes it.
func TestAtomicArcCompareAndSwapSameHandle(t *testing.T) {
	a, runs := hooked(1)
	var cell own.AtomicArc[int]
	cell.Store(a.Clone())
	require.True(t, cell.CompareAndSwap(a, a))
	require.PanicsWithValue(t, emptyArc, func() { a.Value() })
	b := cell.Load()
	require.Equal(t, counts{2, 0}, countsOf(b))
	b.Drop()
	require.Zero(t, runs.Load())
	cell.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// An empty handle has nothing to give: the cell refuses it, and the cell, the
// other handle and all counts stay as they were.
func TestAtomicArcEmptyHandle(t *testing.T) {
	for name, use := range map[string]func(cell *own.AtomicArc[int], other, empty *own.Arc[int]){
		"Store": func(cell *own.AtomicArc[int], _, empty *own.Arc[int]) { cell.Store(empty) },
		"Swap":  func(cell *own.AtomicArc[int], _, empty *own.Arc[int]) { cell.Swap(empty) },
		"CompareAndSwap old": func(cell *own.AtomicArc[int], other, empty *own.Arc[int]) {
			cell.CompareAndSwap(empty, other)
		},
		"CompareAndSwap old, nil": func(cell *own.AtomicArc[int], _, empty *own.Arc[int]) {
			cell.CompareAndSwap(empty, nil)
		},
		"CompareAndSwap new": func(cell *own.AtomicArc[int], _, empty *own.Arc[int]) {
			old := cell.Load()
			defer old.Drop()
			cell.CompareAndSwap(old, empty) // would succeed
		},
		"CompareAndSwap new, other": func(cell *own.AtomicArc[int], other, empty *own.Arc[int]) {
			cell.CompareAndSwap(other, empty)
		},
	} {
		for how, empty := range map[string]*own.Arc[int]{
			"zero":    new(own.Arc[int]),
			"dropped": func() *own.Arc[int] { a := own.NewArc(1); a.Drop(); return a }(),
			"moved":   func() *own.Arc[int] { a := own.NewArc(1); a.Move().Drop(); return a }(),
			"stored": func() *own.Arc[int] {
				var cell own.AtomicArc[int]
				a := own.NewArc(1)
				cell.Store(a)
				cell.Drop()
				return a
			}(),
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				in, inRuns := hooked(1)
				p := in.Value()
				other, otherRuns := hooked(2)
				var cell own.AtomicArc[int]
				cell.Store(in)

				requireMessage(t, emptyArc, func() { use(&cell, other, empty) })

				got := cell.Load()
				require.Same(t, p, got.Value())
				require.Equal(t, counts{2, 0}, countsOf(got))
				require.Equal(t, counts{1, 0}, countsOf(other))
				_, ok := other.GetMut()
				require.True(t, ok, "other was not in the cell")
				got.Drop()
				cell.Drop()
				other.Drop()
				require.EqualValues(t, 1, inRuns.Load())
				require.EqualValues(t, 1, otherRuns.Load())
			})
		}
	}
}

// What a CompareAndSwap refused is the caller's, to store otherwise.
func TestAtomicArcFailedThenStored(t *testing.T) {
	var cell own.AtomicArc[int]
	cell.Store(own.NewArc(1))
	a, runs := hooked(2)
	require.False(t, cell.CompareAndSwap(nil, a))
	cell.Store(a)
	require.Equal(t, "2", fmt.Sprint(&cell))
	cell.Drop()
	require.EqualValues(t, 1, runs.Load())
}

// A value that was ever in a cell is not edited in place any more, not even by
// its only owner: a reader that has just read the cell may become an owner late.
func TestAtomicArcGetMutRefuses(t *testing.T) {
	for name, out := range map[string]func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int]{
		"Store, Swap": func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int] { cell.Store(a); return cell.Swap(nil) },
		"Swap, Swap":  func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int] { cell.Swap(a); return cell.Swap(nil) },
		"exchanged, Swap": func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int] {
			cell.CompareAndSwap(nil, a)
			return cell.Swap(nil)
		},
		"Load, Drop": func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int] {
			cell.Store(a)
			defer cell.Drop()
			return cell.Load()
		},
		"a clone that stayed outside": func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int] {
			cell.Store(a.Clone())
			cell.Drop()
			return a
		},
		"in, out, and refused": func(cell *own.AtomicArc[int], a *own.Arc[int]) *own.Arc[int] {
			cell.Store(a.Clone())
			cell.Store(own.NewArc(0))
			cell.CompareAndSwap(nil, a) // fails, and takes back only its own mark
			cell.Drop()
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			var cell own.AtomicArc[int]
			var dropped []int
			a := out(&cell, own.ArcFrom(new(1), func(v *int) { dropped = append(dropped, *v) }))
			require.Equal(t, counts{1, 0}, countsOf(a), "the only owner")
			p, ok := a.GetMut()
			require.False(t, ok)
			require.Nil(t, p)

			// MakeMut clones, then. The clone has the hook, and was in no cell.
			before := a.Value()
			*a.MakeMut(copyOf) = 2
			require.NotSame(t, before, a.Value())
			require.Equal(t, []int{1}, dropped)
			_, ok = a.GetMut()
			require.True(t, ok)
			after := a.Value()
			require.Same(t, after, a.MakeMut(func(*int) int { t.Error("cloned"); return 0 }))
			a.Drop()
			require.Equal(t, []int{1, 2}, dropped)
		})
	}
}

// With Weaks as well, MakeMut clones and the Weaks go down with the old value.
func TestAtomicArcMakeMutWithWeak(t *testing.T) {
	a, runs := hooked(1)
	w := a.Downgrade()
	var cell own.AtomicArc[int]
	cell.Store(a)
	a = cell.Swap(nil)
	before := a.Value()
	*a.MakeMut(copyOf) = 2
	require.Equal(t, 1, *before)
	require.EqualValues(t, 1, runs.Load())
	_, ok := w.Upgrade()
	require.False(t, ok)
	require.Equal(t, counts{1, 0}, countsOf(a))
	a.Drop()
	require.EqualValues(t, 2, runs.Load())
}

// A CompareAndSwap that fails has not published the value.
func TestAtomicArcFailedCompareAndSwapLeavesGetMut(t *testing.T) {
	var cell own.AtomicArc[int]
	cell.Store(own.NewArc(0))
	defer cell.Drop()
	a := own.NewArc(1)
	defer a.Drop()
	for range 3 {
		require.False(t, cell.CompareAndSwap(nil, a))
		p, ok := a.GetMut()
		require.True(t, ok)
		require.Same(t, p, a.MakeMut(func(*int) int { t.Error("cloned"); return 0 }))
	}
}

// What was taken out of a cell can be unwrapped: a late reader finds no owner
// any more, so it cannot become one.
func TestAtomicArcUnwrap(t *testing.T) {
	for name, unwrap := range map[string]func(a *own.Arc[int]) *int{
		"TryUnwrap":     func(a *own.Arc[int]) *int { v, _ := a.TryUnwrap(); return v },
		"IntoInner":     func(a *own.Arc[int]) *int { v, _ := a.IntoInner(); return v },
		"UnwrapOrClone": func(a *own.Arc[int]) *int { return a.UnwrapOrClone(func(*int) int { panic("cloned") }) },
	} {
		t.Run(name, func(t *testing.T) {
			a, runs := hooked(1)
			p := a.Value()
			var cell own.AtomicArc[int]
			cell.Store(a)
			require.Same(t, p, unwrap(cell.Swap(nil)))
			require.Zero(t, runs.Load())
		})
	}
}

// A hook may use the cell that its value was in: no lock is held.
func TestAtomicArcHookUsesCell(t *testing.T) {
	var cell own.AtomicArc[int]
	var dropped []int
	var hook func(v *int)
	hook = func(v *int) {
		dropped = append(dropped, *v)
		if *v < 3 {
			cell.Store(own.ArcFrom(new(*v+1), hook))
		}
	}
	cell.Store(own.ArcFrom(new(1), hook))
	cell.Drop() // 1 puts 2 in
	require.Equal(t, []int{1}, dropped)
	require.Equal(t, "2", fmt.Sprint(&cell))

	cell.Store(own.ArcFrom(new(10), hook)) // 2 puts 3 in, in place of 10
	require.Equal(t, []int{1, 2, 10}, dropped)
	require.Equal(t, "3", fmt.Sprint(&cell))
	cell.Drop()
	require.Equal(t, []int{1, 2, 10, 3}, dropped)
	require.Nil(t, cell.Load())
}

// A panic in the old value's hook comes out of the method that replaced it; the
// new value is in the cell all the same.
func TestAtomicArcHookPanics(t *testing.T) {
	var cell own.AtomicArc[int]
	boom := func(*int) { panic("boom") }
	cell.Store(own.ArcFrom(new(1), boom))
	next := own.ArcFrom(new(2), boom)
	require.PanicsWithValue(t, "boom", func() { cell.Store(next) })
	require.PanicsWithValue(t, emptyArc, func() { next.Value() })
	b := cell.Load()
	require.Equal(t, 2, *b.Value())
	require.Equal(t, counts{2, 0}, countsOf(b))
	b.Drop()
	require.PanicsWithValue(t, "boom", cell.Drop)
	require.Nil(t, cell.Load())
}

// Readers see a value that has not been dropped, whatever the writer does, and
// every value is dropped once, when its last reader is done. The fields are
// plain: the race detector looks on. arc-swap: publish, lease_parallel.
func TestAtomicArcReadersAndWriter(t *testing.T) {
	const readers, writes = 8, 5000
	type value struct {
		n       int
		dropped bool
	}
	var runs atomic.Int32
	hook := func(v *value) { v.dropped = true; runs.Add(1) }
	var cell own.AtomicArc[value]
	cell.Store(own.ArcFrom(new(value), hook))

	var stop atomic.Bool
	var dead, backwards, missing atomic.Int32
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			last := 0
			for !stop.Load() {
				a := cell.Load()
				if a == nil {
					missing.Add(1)
					return
				}
				if v := a.Value(); v == nil || v.dropped {
					dead.Add(1)
				} else if v.n < last {
					backwards.Add(1)
				} else {
					last = v.n
				}
				a.Drop()
			}
		})
	}
	for i := range writes {
		next := own.ArcFrom(&value{n: i + 1}, hook)
		switch i % 3 {
		case 0:
			cell.Store(next)
		case 1:
			cell.Swap(next).Drop()
		case 2:
			old := cell.Load()
			if !cell.CompareAndSwap(old, next) {
				t.Error("there is only one writer")
			}
			old.Drop()
		}
	}
	stop.Store(true)
	wg.Wait()
	require.Zero(t, missing.Load(), "the cell was never empty")
	require.Zero(t, dead.Load(), "a reader got a dropped value")
	require.Zero(t, backwards.Load(), "a reader got an older value than before")

	a := cell.Load()
	require.Equal(t, counts{2, 0}, countsOf(a))
	require.Equal(t, writes, a.Value().n)
	a.Drop()
	require.EqualValues(t, writes, runs.Load())
	cell.Drop()
	require.EqualValues(t, writes+1, runs.Load())
}

// Several writers that store and take out at the same time lose nothing: what
// was made is dropped, once.
func TestAtomicArcWriters(t *testing.T) {
	const goroutines, rounds = 4, 2000
	var runs atomic.Int32
	var cell own.AtomicArc[int]
	var wg sync.WaitGroup
	var wrong atomic.Int32
	for i := range goroutines {
		wg.Go(func() {
			for n := range rounds {
				a := own.ArcFrom(new(n), func(v *int) { *v = -1; runs.Add(1) })
				switch (n + i) % 4 {
				case 0:
					cell.Store(a)
				case 1:
					cell.Swap(a).Drop()
				case 2:
					cell.Drop()
					cell.Store(a)
				case 3:
					old := cell.Load()
					cell.CompareAndSwap(old, a)
					if old != nil && *old.Value() < 0 {
						wrong.Add(1)
					}
					old.Drop()
					a.Drop() // does nothing if the cell took it
				}
			}
		})
	}
	wg.Wait()
	cell.Drop()
	require.Zero(t, wrong.Load(), "an owner of a dropped value")
	require.EqualValues(t, goroutines*rounds, runs.Load())
}

// Each reader sees what one writer stored in the order in which it did. arc-swap:
// multi_writers.
func TestAtomicArcWritersInOrder(t *testing.T) {
	const writers, readers, writes = 2, 3, 2000
	type value struct{ writer, n int }
	var cell own.AtomicArc[value]
	cell.Store(own.NewArc(value{}))
	var stop atomic.Bool
	var backwards atomic.Int32
	var writing, reading sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n := range writes {
				cell.Store(own.NewArc(value{w, n}))
			}
		})
	}
	for range readers {
		reading.Go(func() {
			var last [writers]int
			for !stop.Load() {
				a := cell.Load()
				v := *a.Value()
				if v.n < last[v.writer] {
					backwards.Add(1)
				}
				last[v.writer] = v.n
				a.Drop()
			}
		})
	}
	writing.Wait()
	stop.Store(true)
	reading.Wait()
	cell.Drop()
	require.Zero(t, backwards.Load())
}

// Read, copy, update by CompareAndSwap loses no update, and every copy is
// dropped, also those that were not taken. arc-swap: rcu, fallback_rcu.
func TestAtomicArcCompareAndSwapLosesNothing(t *testing.T) {
	const goroutines, rounds = 8, 5000
	var made, dropped atomic.Int32
	number := func(n int) *own.Arc[int] {
		made.Add(1)
		return own.ArcFrom(new(n), func(*int) { dropped.Add(1) })
	}
	var cell own.AtomicArc[int]
	cell.Store(number(0))
	increment := func() {
		for {
			old := cell.Load()
			next := number(*old.Value() + 1)
			done := cell.CompareAndSwap(old, next)
			old.Drop()
			if done {
				return
			}
			*next.MakeMut(copyOf)++ // refused, so it is still ours to edit
			next.Drop()
		}
	}
	var fs []func()
	for range goroutines {
		fs = append(fs, func() {
			for range rounds {
				increment()
			}
		})
	}
	atOnce(fs...)
	a := cell.Load()
	require.Equal(t, goroutines*rounds, *a.Value())
	require.Equal(t, counts{2, 0}, countsOf(a))
	a.Drop()
	cell.Drop()
	require.Equal(t, made.Load(), dropped.Load())
}

// A stack whose values own the next one each: nothing is lost, popped twice or
// dropped twice. A value that comes back does no harm, as CompareAndSwap compares
// with an owner, not with an address. arc-swap: storm_link_list, storm_unroll.
func TestAtomicArcStack(t *testing.T) {
	const goroutines, rounds = 4, 1000
	type node struct {
		n    int
		next *own.Arc[node]
	}
	var head own.AtomicArc[node]
	var dropped atomic.Int32
	push := func(n int) {
		a := own.ArcFrom(&node{n: n}, func(v *node) { v.next.Drop(); dropped.Add(1) })
		for {
			next := head.Load()
			a.Value().next = next
			if head.CompareAndSwap(next, a) {
				return
			}
			next.Drop()
		}
	}
	pop := func() (n int, ok bool) {
		for {
			old := head.Load()
			if old == nil {
				return 0, false
			}
			var next *own.Arc[node]
			if below := old.Value().next; below != nil {
				next = below.Clone()
			}
			n, ok = old.Value().n, head.CompareAndSwap(old, next)
			old.Drop()
			if ok {
				return n, true
			}
			next.Drop()
		}
	}
	var popped [goroutines * rounds]atomic.Int32
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for n := range rounds {
				push(i*rounds + n)
				if n%4 != 0 { // leave some
					if v, ok := pop(); ok {
						popped[v].Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	for {
		v, ok := pop()
		if !ok {
			break
		}
		popped[v].Add(1)
	}
	for v := range popped {
		require.EqualValues(t, 1, popped[v].Load(), "value %d", v)
	}
	require.EqualValues(t, goroutines*rounds, dropped.Load())
}

// GetMut against an owner that goes through a cell: there are two owners, or one
// and the mark of the cell, so GetMut must never say yes.
func TestAtomicArcGetMutVersusStore(t *testing.T) {
	var cell own.AtomicArc[int]
	granted := 0
	for range 5000 {
		a := own.NewArc(1)
		b := a.Clone()
		var done atomic.Bool
		go func() {
			cell.Store(b)
			cell.Drop()
			done.Store(true)
		}()
		for !done.Load() {
			if _, ok := a.GetMut(); ok {
				granted++
			}
		}
		a.Drop()
	}
	require.Zero(t, granted)
}

// Whoever takes a value out of the cell finds it marked, however quick he is: the
// mark comes before the value.
func TestAtomicArcGetMutVersusSwap(t *testing.T) {
	for name, put := range map[string]func(cell *own.AtomicArc[int], a *own.Arc[int]){
		"Store":          func(cell *own.AtomicArc[int], a *own.Arc[int]) { cell.Store(a) },
		"CompareAndSwap": func(cell *own.AtomicArc[int], a *own.Arc[int]) { cell.CompareAndSwap(nil, a) },
	} {
		t.Run(name, func(t *testing.T) {
			var cell own.AtomicArc[int]
			granted := 0
			for range 5000 {
				go put(&cell, own.NewArc(1))
				var a *own.Arc[int]
				for a == nil {
					a = cell.Swap(nil)
				}
				if _, ok := a.GetMut(); ok {
					granted++
				}
				a.Drop()
			}
			require.Zero(t, granted)
		})
	}
}

// A writer that takes the value out and edits a copy of it never writes to what
// late readers have: the fields are plain, and the race detector looks on.
func TestAtomicArcMakeMutVersusLoad(t *testing.T) {
	type value struct{ a, b int }
	var cell own.AtomicArc[value]
	cell.Store(own.NewArc(value{}))
	var stop atomic.Bool
	var torn atomic.Int32
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !stop.Load() {
				if a := cell.Load(); a != nil {
					if v := a.Value(); v.a != v.b {
						torn.Add(1)
					}
					a.Drop()
				}
			}
		})
	}
	for range 3000 {
		a := cell.Swap(nil)
		v := a.MakeMut(copyOf)
		v.a++
		v.b++
		cell.Store(a)
	}
	stop.Store(true)
	wg.Wait()
	cell.Drop()
	require.Zero(t, torn.Load())
}

// A cell prints as the value in it, with the verb and flags, or <empty>; printing
// leaves the count as it was.
func TestAtomicArcFormat(t *testing.T) {
	var cell own.AtomicArc[int]
	for _, format := range []string{"%v", "%+v", "%d", "%s"} {
		require.Equal(t, "<empty>", fmt.Sprintf(format, &cell))
		require.Equal(t, "<nil>", fmt.Sprintf(format, (*own.AtomicArc[int])(nil)))
	}
	a := own.NewArc(5)
	cell.Store(a.Clone())
	for format, want := range map[string]string{
		"%v": "5", "%+v": "5", "%d": "5", "%04d": "0005", "%-4d|": "5   |", "%s": "%!s(int=5)",
	} {
		require.Equal(t, want, fmt.Sprintf(format, &cell))
	}
	require.Equal(t, counts{2, 0}, countsOf(a))
	cell.Drop()
	a.Drop()

	var pointers own.AtomicArc[byPointer]
	pointers.Store(own.NewArc(byPointer{1}))
	require.Equal(t, "pointer 1", fmt.Sprint(&pointers))
	pointers.Drop()

	var locks own.AtomicArc[locked]
	locks.Store(own.ArcFrom(new(locked), nil))
	require.Equal(t, "own_test.locked{..}", fmt.Sprintf("%+v", &locks))
	locks.Drop()
}

// Printing while others replace the value prints one of the values, and keeps
// none of them.
func TestAtomicArcFormatConcurrently(t *testing.T) {
	var runs atomic.Int32
	hook := func(v *[2]int) { *v = [2]int{-1, -1}; runs.Add(1) }
	var cell own.AtomicArc[[2]int]
	cell.Store(own.ArcFrom(new([2]int{0, 0}), hook))
	var stop atomic.Bool
	var texts []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
			texts = append(texts, fmt.Sprint(&cell))
		}
	}()
	const writes = 2000
	for i := range writes {
		cell.Store(own.ArcFrom(new([2]int{i, i}), hook))
	}
	stop.Store(true)
	<-done
	for _, text := range texts {
		var a, b int
		_, err := fmt.Sscanf(text, "[%d %d]", &a, &b)
		require.NoError(t, err, text)
		require.Equal(t, a, b)
		require.GreaterOrEqual(t, a, 0)
	}
	cell.Drop()
	require.EqualValues(t, writes+1, runs.Load())
}
