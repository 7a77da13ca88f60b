//go:build owndebug

package own

import "github.com/go-own/own/internal/track"

// How the locks are acquired in the debug build. It wants to know before a goroutine waits,
// so the lock is tried first; apart from that the result is that of acquire.go.
//
// To be on record, a lock must have been taken, and it goes off the record before it is
// given back: package track draws its conclusions from that.

func (c *core) acquire() {
	c.track.Want(track.Write)
	done, deadlock := c.track.Block(track.Write, false, false, c.mu.TryLock)
	if deadlock != nil {
		panic(deadlock)
	}
	if !done {
		c.mu.Lock()
		c.track.Unblock()
	}
	c.track.Got(track.Write)
}

// tryAcquire does not wait, so it does not say in which order locks are taken.
func (c *core) tryAcquire() bool {
	ok := c.mu.TryLock()
	if ok {
		c.track.Got(track.Write)
	}
	return ok
}

// acquireWrite is on record as the writer already, since it holds writers: others wait for
// it, and it waits for the readers.
func (c *rwcore) acquireWrite() {
	done, deadlock := c.writers.track.Block(track.Write, true, false, c.readers.TryLock)
	if deadlock != nil {
		c.writers.unlockUnchanged()
		panic(deadlock)
	}
	if !done {
		c.readers.Lock()
		c.writers.track.Unblock()
	}
}

func (c *rwcore) acquireRead() {
	c.writers.track.Want(track.Read)
	done, deadlock := c.writers.track.Block(track.Read, false, false, c.readers.TryRLock)
	if deadlock != nil {
		panic(deadlock)
	}
	if !done {
		c.readers.RLock()
		c.writers.track.Unblock()
	}
	c.writers.track.Got(track.Read)
}
