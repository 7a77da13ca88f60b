package cell_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/cell"
)

// Tests of which borrow a refusal names. They run in a normal build as well, where
// a refusal names none, and the rest must be the same.

// It is the earliest that has not ended. A borrow that has ended is not named,
// whatever became of those after it.
func TestRefCellWhereEarliestActive(t *testing.T) {
	c := cell.NewRefCell(5)
	a, atA := c.Borrow(), here()
	b, atB := c.Borrow(), here()
	d, atD := b.Clone(), here()
	refused := func(at string) {
		t.Helper()
		requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	}

	refused(atA)
	a.Drop()
	refused(atB)
	b.Drop()
	refused(atD)
	e, atE := c.Borrow(), here()
	refused(atD)
	d.Drop()
	d.Drop()
	refused(atE)
	e.Drop()
	requireFree(t, &c)

	w, atW := c.BorrowMut(), here()
	refused(atW)
	w.Drop()
	b, atB = c.Borrow(), here()
	refused(atB)
	b.Drop()
	requireFree(t, &c)
}

// A borrow that was refused is not in the way of the next.
func TestRefCellWhereRefused(t *testing.T) {
	c := cell.NewRefCell(5)
	b, at := c.Borrow(), here()
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	requireRefused(t, cell.ErrBorrowed, at, func() { c.Replace(6) })
	b.Drop()
	w, at := c.BorrowMut(), here()
	requireRefused(t, cell.ErrMutBorrowed, at, func() { c.Borrow() })
	w.Drop()
	requireFree(t, &c)
}

// The place is that of the call outside this package, however it is made.
func TestRefCellWhereCallSite(t *testing.T) {
	for name, borrow := range map[string]func(c *cell.RefCell[int]) (*cell.Ref[int], string){
		"Borrow": func(c *cell.RefCell[int]) (*cell.Ref[int], string) { return c.Borrow(), here() },
		"TryBorrow": func(c *cell.RefCell[int]) (*cell.Ref[int], string) {
			b, err := c.TryBorrow()
			at := near(-1)
			require.NoError(t, err)
			return b, at
		},
		"Clone": func(c *cell.RefCell[int]) (*cell.Ref[int], string) {
			b := c.Borrow()
			defer b.Drop()
			return b.Clone(), here()
		},
		"method value": func(c *cell.RefCell[int]) (*cell.Ref[int], string) {
			f := c.Borrow
			return f(), here()
		},
		"method expression": func(c *cell.RefCell[int]) (*cell.Ref[int], string) {
			f := (*cell.RefCell[int]).Borrow
			return f(c), here()
		},
		"interface": func(c *cell.RefCell[int]) (*cell.Ref[int], string) {
			var i interface{ Borrow() *cell.Ref[int] } = c
			return i.Borrow(), here()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := cell.NewRefCell(5)
			b, at := borrow(&c)
			requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
			b.Drop()
			requireFree(t, &c)
		})
	}

	c := cell.NewRefCell(5)
	w, err := c.TryBorrowMut()
	at := near(-1)
	require.NoError(t, err)
	requireRefused(t, cell.ErrMutBorrowed, at, func() { c.Borrow() })
	w.Drop()

	// A deferred call is made where the function ends.
	func() { defer c.Borrow(); at = here() }()
	requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
}
