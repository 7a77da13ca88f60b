package main

import (
	"context"
	"errors"

	"github.com/go-own/own"
)

// An attempt is what those share who want the same value, which is not there yet.
// They are its owners. One has the lock, and loads; the others wait for the lock,
// each with a context. That is all there is to it: whoever gets the lock finds
// what has come of it, or finds nothing and is the one to load.
type attempt[T any] = own.Mutex[outcome[T]]

type outcome[T any] struct {
	done  bool
	err   error
	value *own.Arc[T] // keeps the value until all who waited have their own
}

var errNoReturn = errors.New("load did not return")

// newAttempt returns the only owner of an attempt. Its hook runs when all who
// wanted the value have it or have given up.
func (c *cache[K, T]) newAttempt(key K) *own.Arc[attempt[T]] {
	var self *own.Weak[attempt[T]]
	a := own.ArcFrom(new(attempt[T]), func(a *attempt[T]) {
		c.entries.MustWith(func(e *entries[K, T]) { remove(e.loads, key, self) })
		// Now, with that lock released: for a user who was quick, this was the
		// last owner.
		if o, err := a.IntoInner(); err == nil { // poisoned: there is no value
			o.value.Drop()
		}
	})
	self = a.Downgrade()
	return a
}

// wait returns an owner of the value that comes of a, which may mean to load it.
func (c *cache[K, T]) wait(ctx context.Context, key K, a *own.Arc[attempt[T]]) (*own.Arc[T], error) {
	g, err := a.Value().LockContext(ctx)
	if err != nil {
		return nil, err // ctx has ended, or somebody's load has panicked
	}
	defer g.Unlock() // poisons if load panics: that is how those who wait learn of it
	o := g.Value()
	if !o.done {
		if err := c.run(ctx, key, o); err != nil {
			return nil, err
		}
	}
	if o.err != nil {
		return nil, o.err
	}
	return o.value.Clone(), nil
}

// run loads the value and writes down what comes of it.
func (c *cache[K, T]) run(ctx context.Context, key K, o *outcome[T]) error {
	// What the others find if load ends its goroutine, as t.FailNow does: that is
	// no panic and does not poison.
	o.done, o.err = true, errNoReturn
	defer func() {
		if o.done { // however it went: who comes from now on makes an attempt of their own
			c.entries.MustWith(func(e *entries[K, T]) { delete(e.loads, key) })
		}
	}()

	v, err := c.load(ctx, key)
	switch {
	case err == nil:
		o.value, o.err = c.share(key, v), nil
	case ctx.Err() != nil:
		o.done = false // this one gives up, and the next in line loads
	default:
		o.err = err
	}
	return err
}
