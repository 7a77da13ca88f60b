package cell_test

import (
	"errors"
	"fmt"

	"github.com/go-own/own/cell"
)

// Examples of cells, as a course: from the first borrow to the bug that they are
// for.

// A list of observers is walked while one of them changes it. With a plain slice
// nobody would notice; here the line that changes it is refused.
func Example() {
	var observers cell.RefCell[[]func()]

	subscribe := func(f func()) error {
		w, err := observers.TryBorrowMut() // BorrowMut would panic, here
		if err != nil {
			return err
		}
		defer w.Drop()
		*w.Value() = append(*w.Value(), f)
		return nil
	}
	notify := func() {
		b := observers.Borrow()
		defer b.Drop()
		for _, f := range *b.Value() {
			f()
		}
	}

	subscribe(func() {
		err := subscribe(func() {})
		fmt.Println("while they are notified:", errors.Is(err, cell.ErrBorrowed))
	})
	notify()
	fmt.Println("afterwards:", subscribe(func() {}))
	// Output:
	// while they are notified: true
	// afterwards: <nil>
}

// The zero RefCell is ready for use.
func ExampleRefCell() {
	var visits cell.RefCell[map[string]int]

	w := visits.BorrowMut()
	*w.Value() = map[string]int{"/": 1}
	w.Drop()

	fmt.Println(&visits)
	// Output: RefCell { value: map[/:1] }
}

// NewRefCell returns a value, so that a struct can hold it without a pointer.
func ExampleNewRefCell() {
	type world struct {
		name     string
		entities cell.RefCell[[]string]
	}
	w := world{name: "earth", entities: cell.NewRefCell([]string{"cat", "dog"})}

	b := w.entities.Borrow()
	defer b.Drop()
	fmt.Println(w.name, len(*b.Value()))
	// Output: earth 2
}

// Readers go together.
func ExampleRefCell_Borrow() {
	c := cell.NewRefCell([]int{1, 2, 3})

	outer := c.Borrow()
	defer outer.Drop()
	for _, v := range *outer.Value() {
		inner := c.Borrow()
		fmt.Println(v, "of", len(*inner.Value()))
		inner.Drop()
	}
	// Output:
	// 1 of 3
	// 2 of 3
	// 3 of 3
}

// A writer is alone.
func ExampleRefCell_BorrowMut() {
	c := cell.NewRefCell([]int{1, 2, 3})

	w := c.BorrowMut()
	*w.Value() = append(*w.Value(), 4)
	w.Drop()

	fmt.Println(&c)
	// Output: RefCell { value: [1 2 3 4] }
}

// Borrowing against the rules is a bug, so BorrowMut panics: at the line that is
// wrong, and not somewhere else a week later.
func ExampleRefCell_BorrowMut_refused() {
	c := cell.NewRefCell([]int{1, 2, 3})

	double := func() {
		b := c.Borrow()
		defer b.Drop()
		for _, v := range *b.Value() {
			w := c.BorrowMut() // the slice that is being walked
			defer w.Drop()
			*w.Value() = append(*w.Value(), v)
		}
	}
	func() {
		defer func() { fmt.Println("refused:", recover() != nil) }()
		double()
	}()

	fmt.Println(&c) // unchanged, and not borrowed any more
	// Output:
	// refused: true
	// RefCell { value: [1 2 3] }
}

// TryBorrow is for code that may be called while the value is being written.
func ExampleRefCell_TryBorrow() {
	c := cell.NewRefCell(5)
	show := func() {
		b, err := c.TryBorrow()
		if err != nil {
			fmt.Println("busy")
			return
		}
		defer b.Drop()
		fmt.Println(*b.Value())
	}

	w := c.BorrowMut()
	show()
	w.Drop()
	show()
	// Output:
	// busy
	// 5
}

// TryBorrowMut is for a change that can also be made later.
func ExampleRefCell_TryBorrowMut() {
	queue := cell.NewRefCell([]string{"a", "b"})
	var later []string
	add := func(job string) {
		w, err := queue.TryBorrowMut()
		if err != nil {
			later = append(later, job)
			return
		}
		defer w.Drop()
		*w.Value() = append(*w.Value(), job)
	}

	b := queue.Borrow()
	for _, job := range *b.Value() {
		add(job + "'")
	}
	b.Drop()
	for _, job := range later {
		add(job)
	}

	fmt.Println(&queue)
	// Output: RefCell { value: [a b a' b'] }
}

func ExampleRefCell_Replace() {
	c := cell.NewRefCell("old")
	fmt.Println(c.Replace("new"), &c)
	// Output: old RefCell { value: new }
}

func ExampleRefCell_Swap() {
	front, back := cell.NewRefCell("drawn"), cell.NewRefCell("being drawn")
	front.Swap(&back)
	fmt.Println(&front, &back)
	// Output: RefCell { value: being drawn } RefCell { value: drawn }
}

// What is taken out can be walked without a borrow, so that those who are called
// may fill the cell again.
func ExampleRefCell_Take() {
	tasks := cell.NewRefCell([]string{"boil", "brew"})
	schedule := func(task string) {
		w := tasks.BorrowMut()
		defer w.Drop()
		*w.Value() = append(*w.Value(), task)
	}

	for _, task := range tasks.Take() {
		schedule(task + " again")
	}

	fmt.Println(&tasks)
	// Output: RefCell { value: [boil again brew again] }
}

// IntoInner is for the end, when nobody else is left to borrow.
func ExampleRefCell_IntoInner() {
	lines := cell.NewRefCell([]string{"first"})
	w := lines.BorrowMut()
	*w.Value() = append(*w.Value(), "last")
	w.Drop()

	fmt.Println(lines.IntoInner())
	// Output: [first last]
}

// A cell can be printed at any time.
func ExampleRefCell_Format() {
	c := cell.NewRefCell(5)
	fmt.Printf("%v %03d\n", &c, &c)

	w := c.BorrowMut()
	defer w.Drop()
	fmt.Println(&c)
	// Output:
	// RefCell { value: 5 } RefCell { value: 005 }
	// RefCell { value: <borrowed> }
}

// A Ref is one borrow: an early Drop and a deferred one are one Drop.
func ExampleRef() {
	c := cell.NewRefCell(5)

	b := c.Borrow()
	defer b.Drop()
	v := *b.Value()
	b.Drop() // done with reading

	w := c.BorrowMut()
	defer w.Drop()
	*w.Value() = v * v
	fmt.Println(w)
	// Output: 25
}

// Value refuses access when the borrow is over.
func ExampleRef_Value() {
	c := cell.NewRefCell("here")
	b := c.Borrow()
	fmt.Println(*b.Value())
	b.Drop()

	defer func() { fmt.Println(recover()) }()
	fmt.Println(*b.Value())
	// Output:
	// here
	// own: Ref.Value after Drop: the cell is not borrowed any more, borrow again
}

// An iterator that holds its own borrow: the list cannot change under it, however
// long its maker lives.
func ExampleRef_Clone() {
	type iterator struct {
		list *cell.Ref[[]string]
		next int
	}
	c := cell.NewRefCell([]string{"a", "b"})

	b := c.Borrow()
	it := iterator{list: b.Clone()}
	b.Drop()

	_, err := c.TryBorrowMut()
	fmt.Println("in use:", errors.Is(err, cell.ErrBorrowed))
	fmt.Println((*it.list.Value())[it.next])
	it.list.Drop()

	w, err := c.TryBorrowMut()
	defer w.Drop()
	fmt.Println("done:", err)
	// Output:
	// in use: true
	// a
	// done: <nil>
}

// Each handle is dropped by itself, as often as one likes.
func ExampleRef_Drop() {
	c := cell.NewRefCell(5)
	a, b := c.Borrow(), c.Borrow()

	a.Drop()
	a.Drop()
	_, err := c.TryBorrowMut()
	fmt.Println("b is left:", errors.Is(err, cell.ErrBorrowed))

	b.Drop()
	w, err := c.TryBorrowMut()
	defer w.Drop()
	fmt.Println("free:", err == nil)
	// Output:
	// b is left: true
	// free: true
}

// A handle prints as its value.
func ExampleRef_Format() {
	c := cell.NewRefCell(3.14159)
	b := c.Borrow()
	fmt.Printf("%v %.2f\n", b, b)
	b.Drop()
	fmt.Println(b)
	// Output:
	// 3.14159 3.14
	// <dropped>
}

// The borrow ends with a panic that passes the deferred Drop. The value is what
// the panic has made of it: a RefCell is not poisoned.
func ExampleRefMut() {
	c := cell.NewRefCell([]int{1, 2})
	func() {
		defer func() { fmt.Println("panic:", recover()) }()
		w := c.BorrowMut()
		defer w.Drop()
		(*w.Value())[0] = 10
		panic("half done")
	}()
	fmt.Println(&c)
	// Output:
	// panic: half done
	// RefCell { value: [10 2] }
}

// A part of the value is a pointer into it, good until the Drop.
func ExampleRefMut_Value() {
	type player struct {
		name string
		pos  struct{ x, y int }
	}
	c := cell.NewRefCell(player{name: "ann"})

	w := c.BorrowMut()
	pos := &w.Value().pos
	pos.x++
	pos.y--
	w.Drop()

	fmt.Println(&c)
	// Output: RefCell { value: {ann {1 -1}} }
}

func ExampleRefMut_Drop() {
	c := cell.NewRefCell(5)
	w := c.BorrowMut()
	_, err := c.TryBorrow()
	fmt.Println("before:", errors.Is(err, cell.ErrMutBorrowed))
	w.Drop()
	b, err := c.TryBorrow()
	defer b.Drop()
	fmt.Println("after:", err)
	// Output:
	// before: true
	// after: <nil>
}

func ExampleRefMut_Format() {
	c := cell.NewRefCell([]string{"a"})
	w := c.BorrowMut()
	fmt.Printf("%v %q\n", w, w)
	w.Drop()
	fmt.Println(w)
	// Output:
	// [a] ["a"]
	// <dropped>
}

// Somebody reads or writes, so nobody can write. Test for it with errors.Is: in
// the debug build the error is another, which also says where.
func ExampleErrBorrowed() {
	c := cell.NewRefCell(5)
	b := c.Borrow()
	defer b.Drop()

	_, err := c.TryBorrowMut()
	fmt.Println(errors.Is(err, cell.ErrBorrowed))
	fmt.Println(cell.ErrBorrowed)
	// Output:
	// true
	// own: RefCell already borrowed
}

// Somebody writes, so nobody can read.
func ExampleErrMutBorrowed() {
	c := cell.NewRefCell(5)
	w := c.BorrowMut()
	defer w.Drop()

	_, err := c.TryBorrow()
	fmt.Println(errors.Is(err, cell.ErrMutBorrowed))
	fmt.Println(cell.ErrMutBorrowed)
	// Output:
	// true
	// own: RefCell already mutably borrowed
}
