package cell_test

import (
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/cell"
	"github.com/go-own/own/owndebug"
)

// Tests of RefCell. Those of its handles are in ref_test.go. Where one is a case
// of Rust's own suite (library/coretests/tests/cell.rs), it says which; the cases
// are Rust's, the code is not.

// The texts are part of the contract.
func TestRefCellErrors(t *testing.T) {
	require.EqualError(t, cell.ErrMutBorrowed, "own: RefCell already mutably borrowed")
	require.EqualError(t, cell.ErrBorrowed, "own: RefCell already borrowed")
	require.NotErrorIs(t, cell.ErrBorrowed, cell.ErrMutBorrowed)
}

var global = cell.NewRefCell(5)

// The zero value is ready, and a new cell is a value. Rust: refcell_default,
// const_cells.
func TestRefCellZeroValue(t *testing.T) {
	var c cell.RefCell[map[string]int]
	requireFree(t, &c)
	b := c.Borrow()
	require.Nil(t, *b.Value())
	b.Drop()

	w := c.BorrowMut()
	*w.Value() = map[string]int{"a": 1}
	w.Drop()
	require.Equal(t, map[string]int{"a": 1}, c.Take())

	s := struct {
		name string
		n    cell.RefCell[int]
	}{"s", cell.NewRefCell(3)}
	require.Equal(t, 3, s.n.Replace(4))
	require.Equal(t, 4, s.n.IntoInner())
	require.Equal(t, 5, global.Replace(5))
}

// Any type goes in: a value without a size, an interface, a slice. Rust:
// refcell_unsized, refcell_ref_coercion.
func TestRefCellAnyType(t *testing.T) {
	var nothing cell.RefCell[struct{}]
	w := nothing.BorrowMut()
	requireWritten(t, &nothing)
	w.Drop()
	requireFree(t, &nothing)

	v := cell.NewRefCell[any](1)
	require.Equal(t, 1, v.Replace("one"))
	require.Equal(t, "one", v.Take())
	require.Nil(t, v.Take())

	s := cell.NewRefCell([]int{1, 2, 3})
	b := s.BorrowMut()
	(*b.Value())[0] = 4
	(*b.Value())[2] = 5
	b.Drop()
	r := s.Borrow()
	defer r.Drop()
	require.Equal(t, []int{4, 2, 5}, *r.Value())
}

// Readers go together, and see the same value. Rust: double_imm_borrow.
func TestRefCellReaders(t *testing.T) {
	c := cell.NewRefCell(5)
	a := c.Borrow()
	b := c.Borrow()
	d, err := c.TryBorrow()
	require.NoError(t, err)
	require.Equal(t, 5, *a.Value())
	require.Same(t, a.Value(), b.Value())
	require.Same(t, a.Value(), d.Value())
	a.Drop()
	b.Drop()
	d.Drop()
	requireFree(t, &c)
}

// No reader beside a writer. Rust: no_mut_then_imm_borrow.
func TestRefCellBorrowWhileWritten(t *testing.T) {
	c := cell.NewRefCell(5)
	w, at := c.BorrowMut(), here()
	b, err := c.TryBorrow()
	require.ErrorIs(t, err, cell.ErrMutBorrowed)
	require.NotErrorIs(t, err, cell.ErrBorrowed)
	require.EqualError(t, err, refusal(cell.ErrMutBorrowed, at))
	require.Nil(t, b)
	requireRefused(t, cell.ErrMutBorrowed, at, func() { c.Borrow() })
	*w.Value() = 6 // a refusal takes nothing away
	w.Drop()
	require.Equal(t, 6, c.Take())
}

// No writer beside a reader. Rust: no_imm_then_borrow_mut.
func TestRefCellBorrowMutWhileRead(t *testing.T) {
	c := cell.NewRefCell(5)
	b, at := c.Borrow(), here()
	w, err := c.TryBorrowMut()
	require.ErrorIs(t, err, cell.ErrBorrowed)
	require.NotErrorIs(t, err, cell.ErrMutBorrowed)
	require.EqualError(t, err, refusal(cell.ErrBorrowed, at))
	require.Nil(t, w)
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	require.Equal(t, 5, *b.Value())
	requireRead(t, &c)
	b.Drop()
	requireFree(t, &c)
}

// No writer beside a writer, with the same text as beside a reader. Rust:
// no_double_borrow_mut.
func TestRefCellBorrowMutWhileWritten(t *testing.T) {
	c := cell.NewRefCell(5)
	w, at := c.BorrowMut(), here()
	v, err := c.TryBorrowMut()
	require.ErrorIs(t, err, cell.ErrBorrowed)
	require.EqualError(t, err, refusal(cell.ErrBorrowed, at))
	require.Nil(t, v)
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	requireWritten(t, &c)
	w.Drop()
	requireFree(t, &c)
}

// A reader that is done lets a writer in, and the other way round. Rust:
// imm_release_borrow_mut, mut_release_borrow_mut.
func TestRefCellAfterDrop(t *testing.T) {
	c := cell.NewRefCell(5)
	c.Borrow().Drop()
	w := c.BorrowMut()
	*w.Value() = 6
	w.Drop()
	b := c.Borrow()
	require.Equal(t, 6, *b.Value())
	b.Drop()

	w, err := c.TryBorrowMut()
	require.NoError(t, err)
	w.Drop()
	b, err = c.TryBorrow()
	require.NoError(t, err)
	b.Drop()
	requireFree(t, &c)
}

// One of two readers is not both. Rust: double_borrow_single_release_no_borrow_mut.
func TestRefCellOneOfTwoReadersDone(t *testing.T) {
	for first := range 2 {
		c := cell.NewRefCell(5)
		b := []*cell.Ref[int]{c.Borrow(), c.Borrow()}
		b[first].Drop()
		requireRead(t, &c)
		require.Equal(t, 5, *b[1-first].Value())
		b[1-first].Drop()
		requireFree(t, &c)
	}
}

// A handle that nobody keeps is a borrow that nobody ends. Rust:
// discard_doesnt_unborrow.
func TestRefCellDiscardedHandle(t *testing.T) {
	c := cell.NewRefCell(5)
	_, at := c.Borrow(), here()
	runtime.GC()
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	requireRead(t, &c)

	d := cell.NewRefCell(5)
	_, at = d.BorrowMut(), here()
	requireRefused(t, cell.ErrMutBorrowed, at, func() { d.Borrow() })
	requireWritten(t, &d)
}

func TestRefCellReplaceTakeIntoInner(t *testing.T) {
	c := cell.NewRefCell("a")
	require.Equal(t, "a", c.Replace("b"))
	require.Equal(t, "b", c.Take())
	require.Equal(t, "", c.Take(), "Take leaves the zero value")
	c.Replace("c")
	require.Equal(t, "c", c.IntoInner())
	require.Equal(t, "", c.IntoInner())
	requireFree(t, &c)
}

func TestRefCellSwap(t *testing.T) {
	a, b := cell.NewRefCell("a"), cell.NewRefCell("b")
	a.Swap(&b)
	require.Equal(t, "b", a.Take())
	require.Equal(t, "a", b.Take())
	requireFree(t, &a)
	requireFree(t, &b)
}

// What would change the value is refused while somebody uses it, and changes
// nothing. Rust: refcell_replace_borrows, refcell_swap_borrows.
func TestRefCellChangeWhileBorrowed(t *testing.T) {
	c, other := cell.NewRefCell("c"), cell.NewRefCell("other")
	for name, change := range map[string]func(){
		"Replace":        func() { c.Replace("new") },
		"Take":           func() { c.Take() },
		"IntoInner":      func() { c.IntoInner() },
		"Swap":           func() { c.Swap(&other) },
		"Swap as other":  func() { other.Swap(&c) },
		"Swap by itself": func() { c.Swap(&c) },
	} {
		t.Run(name, func(t *testing.T) {
			b, at := c.Borrow(), here()
			requireRefused(t, cell.ErrBorrowed, at, change)
			requireRead(t, &c)
			require.Equal(t, "c", *b.Value())
			b.Drop()

			w, at := c.BorrowMut(), here()
			requireRefused(t, cell.ErrBorrowed, at, change)
			requireWritten(t, &c)
			require.Equal(t, "c", *w.Value())
			w.Drop()

			requireFree(t, &c)
			requireFree(t, &other)
			require.Equal(t, "other", other.Replace("other"))
		})
	}
}

// Rust's swap borrows both, so that a cell is in its own way. Nor is there a nil
// cell to swap with.
func TestRefCellSwapMisuse(t *testing.T) {
	c := cell.NewRefCell(5)
	require.PanicsWithValue(t, "own: RefCell already borrowed by this very Swap: pass another cell, not the same",
		func() { c.Swap(&c) })
	require.PanicsWithValue(t, "own: RefCell.Swap(nil): pass the cell to exchange values with",
		func() { c.Swap(nil) })
	requireFree(t, &c)
	require.Equal(t, 5, c.Take())
}

// The bug that a RefCell is for: a structure is changed by what is called while it
// is being walked.
func TestRefCellReentrant(t *testing.T) {
	var observers cell.RefCell[[]func()]
	subscribe := func(f func()) {
		w := observers.BorrowMut()
		defer w.Drop()
		*w.Value() = append(*w.Value(), f)
	}
	var at string
	notify := func() {
		b, where := observers.Borrow(), here()
		defer b.Drop()
		at = where
		for _, f := range *b.Value() {
			f()
		}
	}

	calls := 0
	subscribe(func() { calls++ })
	notify()
	require.Equal(t, 1, calls)

	subscribe(func() { subscribe(func() {}) })
	value := panicOf(notify)
	require.Equal(t, refusal(cell.ErrBorrowed, at), value)
	require.Equal(t, 2, calls, "the first observer was served")
	requireFree(t, &observers)
	require.Len(t, observers.Take(), 2)
}

// A reader inside a reader goes together; a borrow inside of what computes the new
// value does not, as in Rust's replace_with.
func TestRefCellReentrantBorrow(t *testing.T) {
	c := cell.NewRefCell(5)
	var sum func(depth int) int
	sum = func(depth int) int {
		b := c.Borrow()
		defer b.Drop()
		if depth == 0 {
			return 0
		}
		return *b.Value() + sum(depth-1)
	}
	require.Equal(t, 50, sum(10))
	requireFree(t, &c)

	var at string
	replaceWith := func(f func(int) int) {
		w, where := c.BorrowMut(), here()
		defer w.Drop()
		at = where
		*w.Value() = f(*w.Value())
	}
	replaceWith(func(v int) int { return v + 1 })
	value := panicOf(func() { replaceWith(func(int) int { return sum(1) }) })
	require.Equal(t, refusal(cell.ErrMutBorrowed, at), value)
	requireFree(t, &c)
	require.Equal(t, 6, c.Take(), "what failed has changed nothing")
}

// A panic that passes a deferred Drop ends the borrow. There is no poisoning: the
// value is what the panic has made of it.
func TestRefCellPanicWhileBorrowed(t *testing.T) {
	c := cell.NewRefCell([2]int{})
	require.PanicsWithValue(t, "boom", func() {
		w := c.BorrowMut()
		defer w.Drop()
		w.Value()[0] = 1
		panic("boom")
	})
	requireFree(t, &c)

	require.PanicsWithValue(t, "boom", func() {
		b := c.Borrow()
		defer func() { b.Drop() }() // in a closure is as good
		panic("boom")
	})
	requireFree(t, &c)
	require.Equal(t, [2]int{1, 0}, c.Take(), "half changed, and handed out")
}

// So does a Goexit, which is what t.FailNow is.
func TestRefCellGoexitWhileBorrowed(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend) // the goroutine ends, so another has to look
	c := cell.NewRefCell([2]int{})
	how, _ := finish(func() {
		w := c.BorrowMut()
		defer w.Drop()
		w.Value()[0] = 1
		runtime.Goexit()
	})
	require.Equal(t, exited, how)
	requireFree(t, &c)
	require.Equal(t, [2]int{1, 0}, c.Take())
}

// A panic that passes a Drop which is not deferred leaves the cell borrowed for
// ever, and the next to borrow it is told.
func TestRefCellPanicWithoutDefer(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend) // a goroutine ends, so another has to look
	c := cell.NewRefCell(5)
	var at string
	panicOf(func() {
		w, where := c.BorrowMut(), here()
		at = where
		*w.Value() = 6
		panic("boom")
	})
	requireRefused(t, cell.ErrMutBorrowed, at, func() { c.Borrow() })
	requireRefused(t, cell.ErrBorrowed, at, func() { c.Take() })

	c = cell.NewRefCell(5)
	finish(func() {
		_, at = c.Borrow(), here()
		runtime.Goexit()
	})
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	requireRead(t, &c)
}

// A cell may move to another goroutine, with its borrows, if the first is done
// with it. In Rust, RefCell is Send, but its borrows stay.
func TestRefCellHandedOver(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend)
	type work struct {
		c *cell.RefCell[int]
		b *cell.RefMut[int]
	}
	c := cell.NewRefCell(5)
	todo, done := make(chan work), make(chan work)
	go func() {
		w := <-todo
		*w.b.Value()++
		w.b.Drop()
		w.b = w.c.BorrowMut()
		done <- w
	}()
	todo <- work{&c, c.BorrowMut()}
	w := <-done
	*w.b.Value()++
	w.b.Drop()
	require.Equal(t, 7, c.Take())
}

// A reader too many is refused, and the count stays as it is: it does not wrap
// around to a cell that looks free. Rust: issue 25841.
func TestRefCellOverflow(t *testing.T) {
	const tooMany = "own: RefCell has 2147483647 readers already: Drop each Ref where it is done"
	c := cell.NewRefCell(5)
	b, at := c.Borrow(), here()
	c.SetReaders(cell.MaxReaders - 1)
	last := c.Borrow()
	require.Equal(t, cell.MaxReaders, c.Readers())

	none, err := c.TryBorrow()
	require.Nil(t, none)
	require.EqualError(t, err, tooMany)
	require.NotErrorIs(t, err, cell.ErrMutBorrowed)
	require.NotErrorIs(t, err, cell.ErrBorrowed)
	require.PanicsWithValue(t, tooMany, func() { c.Borrow() })
	require.PanicsWithValue(t, tooMany, func() { b.Clone() })
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	require.Equal(t, cell.MaxReaders, c.Readers())

	last.Drop()
	require.Equal(t, cell.MaxReaders-1, c.Readers())
	last = b.Clone()
	last.Drop()
	c.SetReaders(1)
	b.Drop()
	requireFree(t, &c)
}

// A copy would be a second cell, or a second handle, with the borrows of the first.
// go vet reports it.
func TestRefCellCopyIsReported(t *testing.T) {
	file := overlay(t, "copies.go", `package cell

func copies(c RefCell[int], r Ref[int], w RefMut[int]) {}
`)
	out, err := exec.Command("go", "vet", "-copylocks", "-overlay", file, ".").CombinedOutput()
	require.Error(t, err)
	for _, name := range []string{"RefCell", "Ref", "RefMut"} {
		require.Contains(t, string(out), "copies passes lock by value: github.com/go-own/own/cell."+name+"[int] contains")
	}
}
