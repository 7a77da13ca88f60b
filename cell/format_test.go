package cell_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/owndebug"
)

// Rust's format. While the cell is written, the value is not looked at; while it
// is read, it is.
func TestRefCellFormat(t *testing.T) {
	c := cell.NewRefCell(5)
	require.Equal(t, "RefCell { value: 5 }", fmt.Sprint(&c))
	b := c.Borrow()
	require.Equal(t, "RefCell { value: 5 }", fmt.Sprint(&c))
	b.Drop()
	w := c.BorrowMut()
	require.Equal(t, "RefCell { value: <borrowed> }", fmt.Sprint(&c))
	w.Drop()
	requireFree(t, &c)
	require.Equal(t, "<nil>", fmt.Sprint((*cell.RefCell[int])(nil)))
}

// Rust: ref_and_refmut_have_sensible_show, refcell_format.
func TestRefCellFormatHandles(t *testing.T) {
	c := cell.NewRefCell("foo")
	b := c.Borrow()
	require.Equal(t, `foo foo "foo"`, fmt.Sprintf("%v %s %q", b, b, b))
	b.Drop()
	require.Equal(t, "<dropped>", fmt.Sprint(b))
	w := c.BorrowMut()
	require.Equal(t, `foo foo "foo"`, fmt.Sprintf("%v %s %q", w, w, w))
	w.Drop()
	require.Equal(t, "<dropped>", fmt.Sprint(w))

	require.Equal(t, "<dropped>", fmt.Sprint(new(cell.Ref[int])))
	require.Equal(t, "<dropped>", fmt.Sprint(new(cell.RefMut[int])))
	require.Equal(t, "<nil>", fmt.Sprint((*cell.Ref[int])(nil)))
	require.Equal(t, "<nil>", fmt.Sprint((*cell.RefMut[int])(nil)))
}

type celsius float64

func (c *celsius) String() string { return fmt.Sprintf("%.1f°C", float64(*c)) } // pointer receiver

// The value is formatted as fmt does, with verb and flags, but also by methods
// with a pointer receiver. A cell within a value is not read behind its back.
func TestRefCellFormatValue(t *testing.T) {
	type point struct{ X, Y int }
	p := cell.NewRefCell(point{1, 2})
	require.Equal(t, "RefCell { value: {X:1 Y:2} }", fmt.Sprintf("%+v", &p))
	b := p.Borrow()
	require.Equal(t, "cell_test.point{X:1, Y:2}", fmt.Sprintf("%#v", b))
	b.Drop()

	n := cell.NewRefCell(42)
	w := n.BorrowMut()
	require.Equal(t, "00042|42   |", fmt.Sprintf("%05d|%-5d|", w, w))
	w.Drop()
	require.Equal(t, "RefCell { value: 0x2a }", fmt.Sprintf("%#x", &n))

	d := cell.NewRefCell(celsius(20))
	require.Equal(t, "RefCell { value: 20.0°C }", fmt.Sprint(&d))

	in := cell.NewRefCell(cell.NewRefCell(1))
	require.Equal(t, "RefCell { value: RefCell { value: 1 } }", fmt.Sprint(&in))
	type node struct{ next cell.RefCell[int] }
	hidden := cell.NewRefCell(node{})
	require.Equal(t, "RefCell { value: cell_test.node{..} }", fmt.Sprint(&hidden))
}

// speaks is a value whose formatting method runs something.
type speaks struct{ how func() }

func (s speaks) String() string { s.how(); return "spoken" }

// While it is being printed, a value is borrowed for reading, and no longer,
// whatever its formatting method does. Rust: Debug of RefCell.
func TestRefCellFormatReentrant(t *testing.T) {
	owndebug.Expect(t, owndebug.NotSend) // a goroutine ends, so another has to look
	var c cell.RefCell[speaks]
	var at string
	w := c.BorrowMut()
	w.Value().how = func() {
		requireRead(t, &c)
		requireRefused(t, cell.ErrBorrowed, at, func() { c.BorrowMut() })
	}
	w.Drop()
	at = near(+1) // the line that prints
	text := fmt.Sprint(&c)
	require.Equal(t, "RefCell { value: spoken }", text)
	requireFree(t, &c)

	c.Replace(speaks{func() { panic("boom") }})
	require.Contains(t, fmt.Sprint(&c), "PANIC=String method: boom")
	requireFree(t, &c)

	c.Replace(speaks{runtime.Goexit})
	how, _ := finish(func() { _ = fmt.Sprint(&c) })
	require.Equal(t, exited, how)
	requireFree(t, &c)
}

// So it is within something else that prints, and the line that prints is the
// place where the borrow began.
func TestRefCellFormatNested(t *testing.T) {
	m := own.NewMutex(cell.NewRefCell(cell.NewRefCell(speaks{})))
	var at string
	m.MustWith(func(outer *cell.RefCell[cell.RefCell[speaks]]) {
		w := outer.BorrowMut()
		defer w.Drop()
		inner := w.Value()
		inner.Replace(speaks{func() {
			requireRefused(t, cell.ErrBorrowed, at, func() { outer.BorrowMut() })
			requireRefused(t, cell.ErrBorrowed, at, func() { inner.BorrowMut() })
		}})
	})
	at = near(+1)
	text := fmt.Sprint(&m)
	require.Equal(t, "Mutex { data: RefCell { value: RefCell { value: spoken } }, poisoned: false, .. }", text)
}
