package main

import (
	"sync"

	"github.com/go-own/own"
)

// A bank is a ledger that many requests use at the same time.
type bank interface {
	transfer(transfer) error
	total() (int, error)
}

type ownBank struct {
	ledger own.Mutex[ledger]
}

func (b *ownBank) transfer(t transfer) error {
	g, err := b.ledger.Lock()
	if err != nil {
		// Not locked, and it would be of no use: somebody panicked in here.
		// b.ledger.ClearPoison() and once more, as one would retry a lost
		// connection, makes a sync.Mutex of it.
		return err
	}
	// Deferred as it is, so that Unlock sees the panic. As the last line of a
	// deferred func() { … } it would unlock and not poison.
	defer g.Unlock()
	return g.Value().move(t)
}

func (b *ownBank) total() (sum int, err error) {
	err = b.ledger.With(func(l *ledger) { sum = l.total() })
	return sum, err
}

// repair rebuilds the ledger if it is poisoned, and returns the cause.
//
// Repair holds the lock from the look at the poison to its end, so nobody sees
// the ledger while it is being rebuilt, and of two administrators who press the
// button together one finds nothing to do. If rebuild fails, the ledger stays
// poisoned.
func (b *ownBank) repair() (cause *own.PoisonError, err error) {
	err = b.ledger.Repair(func(l *ledger, c *own.PoisonError) error {
		cause = c
		return l.rebuild()
	})
	return cause, err
}

type syncBank struct {
	mu     sync.Mutex
	ledger ledger // guarded by mu, says this comment
}

func (b *syncBank) transfer(t transfer) error {
	b.mu.Lock()
	// Without defer, a panic leaves the lock held, and the next request waits
	// for ever: that is noticed, at least. With it, the next request gets the
	// lock and what is left of the ledger, and has no way to know.
	defer b.mu.Unlock()
	return b.ledger.move(t)
}

func (b *syncBank) total() (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ledger.total(), nil
}
