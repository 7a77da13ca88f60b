package cell

import (
	"errors"
	"math"

	"github.com/go-own/own/internal/track"
)

var (
	// ErrMutBorrowed is why a cell cannot be borrowed for reading: there is a
	// [RefMut]. [RefCell.TryBorrow] returns it. Test for it with [errors.Is]: in the
	// debug build the error is another, which also says where. Rust: BorrowError.
	ErrMutBorrowed = errors.New("own: RefCell already mutably borrowed")

	// ErrBorrowed is why a cell cannot be borrowed for writing: there is a [Ref]
	// or a [RefMut]. [RefCell.TryBorrowMut] returns it. Test for it with
	// [errors.Is], as for ErrMutBorrowed. Rust: BorrowMutError.
	ErrBorrowed = errors.New("own: RefCell already borrowed")

	// errTooManyReaders says what to do, unlike Rust's BorrowError, which calls
	// the cell mutably borrowed.
	errTooManyReaders = errors.New("own: RefCell has 2147483647 readers already: Drop each Ref where it is done")
)

// borrows is who uses the value of a cell: the part of a RefCell that is not
// generic, and that its methods call so that they are small enough to be inlined.
// They must be, or the handles would escape from them.
type borrows struct {
	sites sites
	home  track.Home // of the borrows that there are, for the debug build; nothing in others

	// n is a plain number, so that the race detector reports a cell that two
	// goroutines use.
	n int32 // readers, or writing
}

const (
	writing    = -1
	maxReaders = math.MaxInt32
)

// read adds a reader and reports whether it could.
func (b *borrows) read() (site, bool) {
	b.home.Here("a RefCell")
	// As an unsigned number, writing is larger than any number of readers.
	if uint32(b.n) >= maxReaders {
		return site{}, false
	}
	b.n++
	return b.sites.begin(), true
}

// endRead removes the reader that began at the given site.
func (b *borrows) endRead(at site) {
	b.home.Here("a RefCell")
	if b.n--; b.n == 0 {
		b.home.Leave()
	}
	b.sites.end(at)
}

// write adds a writer and reports whether it could.
func (b *borrows) write() (site, bool) {
	b.home.Here("a RefCell")
	if b.n != 0 {
		return site{}, false
	}
	b.n = writing
	return b.sites.begin(), true
}

// endWrite removes the writer, which began at the given site.
func (b *borrows) endWrite(at site) {
	b.home.Here("a RefCell")
	b.n = 0
	b.home.Leave()
	b.sites.end(at)
}

// mustRead is read that panics.
func (b *borrows) mustRead() site {
	at, ok := b.read()
	if !ok {
		panic(b.readError().Error())
	}
	return at
}

// mustWrite is write that panics.
func (b *borrows) mustWrite() site {
	at, ok := b.write()
	if !ok {
		panic(b.writeError().Error())
	}
	return at
}

// mustBeFree panics unless write could begin.
func (b *borrows) mustBeFree() {
	b.home.Here("a RefCell")
	if b.n != 0 {
		panic(b.writeError().Error())
	}
	b.home.Leave()
}

// readError is why read said no.
func (b *borrows) readError() error {
	if b.n == maxReaders {
		return errTooManyReaders
	}
	return b.sites.name(ErrMutBorrowed)
}

// writeError is why write said no.
func (b *borrows) writeError() error { return b.sites.name(ErrBorrowed) }
