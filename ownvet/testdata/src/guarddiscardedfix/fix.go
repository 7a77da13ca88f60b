package guarddiscardedfix

import (
	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func statement(m *own.Mutex[int]) {
	m.MustLock() // want `guard-discarded`
	println("locked")
}

func blank(m *own.Mutex[int]) {
	_ = m.MustLock() // want `guard-discarded`
}

func checked(m *own.Mutex[int]) error {
	_, err := m.Lock() // want `guard-discarded`
	if err != nil {
		return err
	}
	println("locked")
	return nil
}

func unchecked(m *own.Mutex[int]) bool {
	_, err := m.TryLock() // want `guard-discarded`
	return err == nil
}

func inCase(m *own.Mutex[int], n int) {
	switch n {
	case 1:
		m.MustLock() // want `guard-discarded`
	}
}

func borrow(c *cell.RefCell[int]) {
	c.BorrowMut() // want `guard-discarded`
	println("borrowed")
}

// No fix: the error would be lost, too.
func withError(m *own.Mutex[int]) {
	m.Lock() // want `guard-discarded`
}

// No fix: deferred to the end of the function, not of the iteration.
func inLoop(ms []own.Mutex[int]) {
	for i := range ms {
		ms[i].MustLock() // want `guard-discarded`
	}
}

// No fix: the name is taken.
func taken(m *own.Mutex[int], g int) {
	m.MustLock() // want `guard-discarded`
	println(g)
}

// No fix: there is no statement to put it behind.
func inIf(m *own.Mutex[int]) error {
	if _, err := m.Lock(); err != nil { // want `guard-discarded`
		return err
	}
	return nil
}

// No fix: err exists already.
func assigned(m *own.Mutex[int]) (err error) {
	_, err = m.Lock() // want `guard-discarded`
	return err
}
