// Refcell puts Rc and RefCell beside Arc and Mutex: the comparison that ends the
// chapter. Ann and Bob share a purse. In one goroutine it is an Rc of a RefCell,
// in many it is an Arc of a Mutex, and the two programs are the same but for the
// names.
//
// The differences show when something goes wrong. A purse that is opened twice is
// a panic at once with a RefCell and a wait for ever with a Mutex. A purse that is
// dropped half way is poisoned with a Mutex, and nobody is told with a RefCell. And
// a purse for one goroutine that is given to another is refused by Rust's compiler
// (an Rc is not Send: error E0277), while Go takes it. What happens then is in
// race_test.go; what to do instead is in moveOut.
//
// The lesson: Rc and RefCell count and check, Arc and Mutex synchronize. In Go a
// pointer and a field do for most programs of one goroutine, and for all others
// only Arc and Mutex will do. The next example, queue, puts them into a service.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

func main() { run(os.Stdout) }

func run(w io.Writer) {
	fmt.Fprintln(w, "one goroutine, Rc and RefCell:", oneGoroutine())
	fmt.Fprintln(w, "many goroutines, Arc and Mutex:", manyGoroutines())
	fmt.Fprintln(w)
	openTwice(w)
	fmt.Fprintln(w)
	dropHalfWay(w)
	fmt.Fprintln(w)
	moveOut(w)
}

// oneGoroutine returns what is left of 100 when Ann and Bob have each spent 10
// three times, in turns.
func oneGoroutine() int {
	ann := rc.New(cell.NewRefCell(100))
	defer ann.Drop()
	bob := ann.Clone()
	defer bob.Drop()

	for range 3 {
		for _, owner := range []*rc.Rc[cell.RefCell[int]]{ann, bob} {
			spend(owner.Value(), 10)
		}
	}
	b := ann.Value().Borrow()
	defer b.Drop()
	return *b.Value()
}

// spend takes n out of a purse that nobody else may have open.
func spend(purse *cell.RefCell[int], n int) {
	b := purse.BorrowMut()
	defer b.Drop()
	*b.Value() -= n
}

// manyGoroutines is oneGoroutine with Ann and Bob on goroutines of their own. Both
// types change together: an Rc of a Mutex would lose count of its owners, and an
// Arc of a RefCell would lose money.
func manyGoroutines() int {
	ann := own.NewArc(own.NewMutex(100))
	bob := ann.Clone()
	watch := ann.Clone()
	defer watch.Drop()

	var wg sync.WaitGroup
	for _, owner := range []*own.Arc[own.Mutex[int]]{ann, bob} {
		wg.Go(func() {
			defer owner.Drop() // each goroutine has an owner, and drops its own
			for range 3 {
				spendLocked(owner.Value(), 10)
			}
		})
	}
	wg.Wait()
	g := watch.Value().MustLock()
	defer g.Unlock()
	return *g.Value()
}

// spendLocked takes n out of a purse that somebody else may have open: it waits.
func spendLocked(purse *own.Mutex[int], n int) {
	g := purse.MustLock()
	defer g.Unlock()
	*g.Value() -= n
}

// openTwice opens what it has open already, which is a bug in both worlds. Whoever
// checks does not wait, and so can say it: with a RefCell there is nobody to wait
// for but oneself. A Mutex cannot tell whether the holder will ever be done.
func openTwice(w io.Writer) {
	purse := cell.NewRefCell(100)
	b := purse.BorrowMut()
	defer b.Drop()
	_, err := purse.TryBorrow()
	fmt.Fprintln(w, "RefCell, opened twice: refused:", errors.Is(err, cell.ErrMutBorrowed), "(and Borrow would panic)")

	locked := own.NewMutex(100)
	g := locked.MustLock()
	defer g.Unlock()
	_, err = locked.TryLock()
	fmt.Fprintln(w, "Mutex, opened twice: refused:", errors.Is(err, own.ErrWouldBlock), "(and Lock would wait for ever)")
}

// dropHalfWay moves 30 from one pocket to another and panics in between.
func dropHalfWay(w io.Writer) {
	type pockets struct{ left, right int }
	move := func(p *pockets) {
		p.left -= 30
		panic("dropped")
	}

	purse := cell.NewRefCell(pockets{left: 100})
	caught(func() {
		b := purse.BorrowMut()
		defer b.Drop() // ends the borrow, and looks for no panic
		move(b.Value())
	})
	// As in Rust: what one goroutine does to itself it is expected to know.
	fmt.Fprintln(w, "RefCell, after a panic:", &purse)

	locked := own.NewMutex(pockets{left: 100})
	caught(func() { locked.MustWith(move) })
	_, err := locked.Load()
	fmt.Fprintln(w, "Mutex, after a panic: poisoned:", errors.Is(err, own.ErrPoisoned))
}

// caught runs f and recovers its panic, as a server does for a request.
func caught(f func()) {
	defer func() { _ = recover() }()
	f()
}

// moveOut gives the purse to another goroutine. To give it one of the Rcs compiles,
// and is wrong: both goroutines would write to counts that are plain integers. What
// may go is the value, when nobody else owns it, and TryUnwrap asks for that.
func moveOut(w io.Writer) {
	ann := rc.New(cell.NewRefCell(100))
	bob := ann.Clone()

	_, ok := ann.TryUnwrap()
	fmt.Fprintln(w, "while Bob owns the purse, too, it can leave:", ok)
	bob.Drop()
	purse, ok := ann.TryUnwrap()
	fmt.Fprintln(w, "when Ann is alone with it, it can leave:", ok)

	// From here on it belongs to the other goroutine; the go statement and Wait
	// are what synchronizes the two.
	var wg sync.WaitGroup
	wg.Go(func() { spend(purse, 10) })
	wg.Wait()
	fmt.Fprintln(w, "and comes back as", purse)
}
