package cell_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/cell"
)

// Tests of the handles.

// A clone is one more reader, to be dropped by itself, in any order. Rust:
// ref_clone_updates_flag.
func TestRefCellRefClone(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		c := cell.NewRefCell(5)
		b := c.Borrow()
		clone := b.Clone()
		handles := []*cell.Ref[int]{b, clone, clone.Clone()}
		require.NotSame(t, b, clone)
		require.Same(t, b.Value(), clone.Value())
		for _, i := range order {
			requireRead(t, &c)
			require.Equal(t, 5, *handles[i].Value())
			handles[i].Drop()
		}
		requireFree(t, &c)
	}
}

// What is written through a RefMut is in the cell. A pointer to a part is a part.
// Rust: ref_mut_map_accessor, ref_mut_map_split, as_ptr.
func TestRefCellRefMutValue(t *testing.T) {
	c := cell.NewRefCell([2]string{"a", "b"})
	w := c.BorrowMut()
	first, second := &w.Value()[0], &w.Value()[1]
	*first, *second = "A", "B"
	require.Equal(t, [2]string{"A", "B"}, *w.Value())
	w.Drop()
	b := c.Borrow()
	require.Equal(t, [2]string{"A", "B"}, *b.Value())
	b.Drop()
	require.Equal(t, [2]string{"A", "B"}, c.Take())
}

// The second Drop of a handle does nothing, and above all does not end somebody
// else's borrow.
func TestRefCellDropTwice(t *testing.T) {
	c := cell.NewRefCell(5)
	b, other := c.Borrow(), c.Borrow()
	b.Drop()
	b.Drop()
	requireRead(t, &c)
	other.Drop()
	requireFree(t, &c)

	w := c.BorrowMut()
	b.Drop()
	requireWritten(t, &c)
	w.Drop()
	w.Drop()
	requireFree(t, &c)

	v := c.BorrowMut()
	w.Drop()
	requireWritten(t, &c)
	v.Drop()

	b = c.Borrow()
	w.Drop()
	v.Drop()
	requireRead(t, &c)
	b.Drop()
	requireFree(t, &c)
}

// An early Drop and a deferred one go together.
func TestRefCellEarlyDrop(t *testing.T) {
	c := cell.NewRefCell(5)
	func() {
		b := c.Borrow()
		defer b.Drop()
		b.Drop()
		w := c.BorrowMut()
		defer w.Drop()
		*w.Value()++
		w.Drop()
		requireFree(t, &c)
	}()
	requireFree(t, &c)
	require.Equal(t, 6, c.Take())
}

// Copies of the pointer are the same handle.
func TestRefCellHandleIdentity(t *testing.T) {
	c := cell.NewRefCell(5)
	b := c.Borrow()
	same := b
	same.Drop()
	require.Panics(t, func() { b.Value() })
	b.Drop()
	requireFree(t, &c)
}

// A handle that is used too late says what to do; so does one that came with an
// error, and one that nobody made.
func TestRefCellHandleMisuse(t *testing.T) {
	c := cell.NewRefCell(5)
	b := c.Borrow()
	b.Drop()
	w := c.BorrowMut()
	w.Drop()
	for _, r := range []*cell.Ref[int]{b, new(cell.Ref[int])} {
		r.Drop()
		require.PanicsWithValue(t, "own: Ref.Value after Drop: the cell is not borrowed any more, borrow again",
			func() { r.Value() })
		require.PanicsWithValue(t, "own: Ref.Clone after Drop: the cell is not borrowed any more, borrow again",
			func() { r.Clone() })
	}
	for _, r := range []*cell.RefMut[int]{w, new(cell.RefMut[int])} {
		r.Drop()
		require.PanicsWithValue(t, "own: RefMut.Value after Drop: the cell is not borrowed any more, borrow again",
			func() { r.Value() })
	}

	b, w = nil, nil
	b.Drop()
	w.Drop()
	require.PanicsWithValue(t, "own: Ref.Value of a nil Ref: check the error that came with it before using it",
		func() { b.Value() })
	require.PanicsWithValue(t, "own: Ref.Clone of a nil Ref: check the error that came with it before using it",
		func() { b.Clone() })
	require.PanicsWithValue(t, "own: RefMut.Value of a nil RefMut: check the error that came with it before using it",
		func() { w.Value() })
	requireFree(t, &c)
}

// A handle that came with an error may have its Drop deferred without a look.
func TestRefCellDropWithError(t *testing.T) {
	c := cell.NewRefCell(5)
	w := c.BorrowMut()
	func() {
		b, err := c.TryBorrow()
		defer b.Drop()
		require.Error(t, err)
		v, err := c.TryBorrowMut()
		defer v.Drop()
		require.Error(t, err)
	}()
	requireWritten(t, &c)
	w.Drop()
	requireFree(t, &c)
}
