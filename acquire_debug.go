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
	done, deadlock := c.track.Block(false, c.mu.TryLock)
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
	held := false
	defer func() {
		if !held { // a deadlock, or a handler of reports that ended the goroutine
			c.writers.unlockUnchanged()
		}
	}()
	done, deadlock := c.writers.track.Block(true, c.readers.TryLock)
	if deadlock != nil {
		panic(deadlock)
	}
	held = true
	if !done {
		c.readers.Lock()
		c.writers.track.Unblock()
	}
}

// acquireRead waits in the queue, where others can see whether it still does. From outside
// nobody can say of a reader that waits for a sync.RWMutex which writer it is that keeps it
// out: one may have left, and let it in or not, and another come.
func (c *rwcore) acquireRead() { c.rlockBehind() }
