package guardleakfix

import (
	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func never(m *own.Mutex[int]) int {
	g := m.MustLock() // want `guard-leak`
	return *g.Value()
}

func checked(m *own.Mutex[int]) (int, error) {
	g, err := m.Lock() // want `guard-leak`
	if err != nil {
		return 0, err
	}
	return *g.Value(), nil
}

func inBranch(m *own.Mutex[int], n int) {
	if n > 0 {
		g := m.MustLock() // want `guard-leak`
		*g.Value() = n
	}
}

func borrow(c *cell.RefCell[int]) {
	b := c.BorrowMut() // want `guard-leak`
	*b.Value() = 1
}

// No fix: it is released on a path, and who knows what is meant for the other.
func early(m *own.Mutex[int]) {
	g := m.MustLock() // want `guard-leak`
	if *g.Value() == 0 {
		return
	}
	g.Unlock()
}

// No fix: deferred to the end of the function, not of the iteration.
func inLoop(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock() // want `guard-leak`
		*g.Value() = 1
	}
}

// No fix: there is no statement to put it behind.
func inIf(m *own.Mutex[int]) int {
	if g, err := m.Lock(); err == nil { // want `guard-leak`
		return *g.Value()
	}
	return 0
}
