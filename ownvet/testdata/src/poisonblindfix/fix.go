package poisonblindfix

import "github.com/go-own/own"

func literal(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { g.Unlock() }() // want `poison-blind`
	println("locked")
}

func lines(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer func() {
		g.Unlock() // want `poison-blind`
	}()
	println("locked")
	return nil
}

func parameter(w *own.WriteGuard[int]) {
	defer func() { w.Unlock() }() // want `poison-blind`
}

// No fix: it is another guard when it runs.
func reassigned(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { g.Unlock() }() // want `poison-blind`
	g.Unlock()
	g = m.MustLock()
}

// No fix: there is no guard yet.
func later(m *own.Mutex[int]) {
	var g *own.Guard[int]
	defer func() { g.Unlock() }() // want `poison-blind`
	g = m.MustLock()
}

// No fix: it does more.
func more(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		println("done")
		g.Unlock() // want `poison-blind`
	}()
}

// No fix: a comment would get lost.
func commented(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		// Here ends the critical section.
		g.Unlock() // want `poison-blind`
	}()
}
