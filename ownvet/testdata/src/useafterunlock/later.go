package useafterunlock

import (
	"context"
	"errors"

	"github.com/go-own/own"
)

// Await has released the guard, or there is no error.
func givenUp(ctx context.Context, g *own.Guard[int]) int {
	if err := g.Await(ctx, func(n *int) bool { return *n > 0 }); errors.Is(err, context.Canceled) {
		return *g.Value() // want `use-after-unlock`
	}
	defer g.Unlock()
	return *g.Value()
}

// What is deferred runs when all is done.
func loggedAtTheEnd(m *own.Mutex[int]) (n int) {
	g := m.MustLock()
	defer func() { n = *g.Value() }() // want `use-after-unlock: this deferred call panics: g.Unlock\(\) at line \d+ has released g by then`
	*g.Value()++
	g.Unlock()
	return 0
}

func loggedIfLocked(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer printed(g) // want `use-after-unlock`
	g.Unlock()
	return nil
}

func printed(g *own.Guard[int]) { println(*g.Value()) }
