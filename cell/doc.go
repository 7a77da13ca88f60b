// Package cell provides [RefCell]: a value whose borrows are checked while the
// program runs, for a single goroutine. It is what Rust has as RefCell, Ref and
// RefMut.
//
// # The model
//
// A value lives inside its cell. There are any number of readers or one writer,
// each with a handle that is dropped where it is done:
//
//	c := cell.NewRefCell([]int{1, 2, 3})
//
//	b := c.Borrow() // c.BorrowMut() would panic from here on
//	for _, v := range *b.Value() {
//		…
//	}
//	b.Drop()
//
//	w := c.BorrowMut() // so would c.Borrow() from here on
//	*w.Value() = append(*w.Value(), 4)
//	w.Drop()
//
// A borrow that does not go together with those that there are panics at once, at
// the line where it is asked for; [RefCell.TryBorrow] and [RefCell.TryBorrowMut]
// return an error instead. Nothing ever waits: the one to wait for would be a
// caller further up the same stack.
//
// Handles are pointers with identity. Dropping one twice, or a nil one, does
// nothing, so a deferred Drop and an early one go together. Using one after its
// Drop panics with a line that starts with "own: " and says what to do. A handle
// that is used where it was made costs no allocation.
//
// # When it is worth it
//
// Rust needs RefCell to change shared data at all. Go does not: two pointers to a
// variable are two ways to change it, nothing makes a program go through a cell,
// and a pointer from Value can be kept after the Drop. A RefCell makes no program
// safe. It finds one kind of bug, and finds it early:
//
// A structure is changed while somebody further up the call stack still walks it.
// An observer that is being notified subscribes another one. A visitor removes the
// node that it was called for. A callback closes what its caller goes on to use.
//
//   - With a plain field the loop misses an element, sees one twice or works on an
//     array that nobody else has any more, and a test notices it on a lucky day.
//   - With a sync.RWMutex, Lock below RLock on the same goroutine waits for ever,
//     in silence if other goroutines are alive, and RLock below RLock does so when
//     a writer comes in between.
//   - With a RefCell the line that changes the structure panics, every time.
//
// So use it for structures that call code which they do not know while they are
// being walked, in one goroutine: event loops, trees with visitors, interpreters,
// game worlds. Use a plain field everywhere else: it costs nothing and is what
// readers of Go expect. As soon as a second goroutine comes in, use an own.Mutex or
// an own.RWMutex.
//
// Rust's Rc<RefCell<T>>, shared data in one thread, is two things in Go, and most
// programs need neither: a plain pointer shares, and a plain field can be changed.
// Put a RefCell into an owner of package rc where both reasons hold: something must
// happen when the last owner goes, and re-entrancy is to be found.
//
// # The debug build
//
// With -tags owndebug, each refusal also says where the earliest borrow began that
// has not ended:
//
//	own: RefCell already borrowed; a previous borrow was at bus.go:31
//
// For that it records each borrow as it begins, which takes much longer than the
// borrow itself.
// Nothing else differs: errors.Is says the same of the errors.
//
// # For readers who know Rust
//
//	Rust                                  Go
//	RefCell::new(v)                       NewRefCell(v)
//	c.borrow(), c.borrow_mut()            c.Borrow(), c.BorrowMut()
//	c.try_borrow(), c.try_borrow_mut()    c.TryBorrow(), c.TryBorrowMut()
//	*b                                    *b.Value()
//	drop(b)                               b.Drop()
//	Ref::clone(&b)                        b.Clone()
//	c.replace(v), c.swap(&d), c.take()    c.Replace(v), c.Swap(&d), c.Take()
//	c.into_inner()                        c.IntoInner()
//	BorrowError, BorrowMutError           ErrMutBorrowed, ErrBorrowed
//	c.replace_with(f)                     BorrowMut, and assign
//	Ref::map, Ref::map_split              - a pointer into *b.Value(), used before b.Drop()
//	Cell, UnsafeCell                      - a variable
//	feature debug_refcell of core         -tags owndebug
package cell
