//go:build !owndebug

package own

// How the locks are acquired. In the debug build there is more to it: acquire_debug.go.

// acquire takes c.mu, waiting for as long as somebody else holds it.
func (c *core) acquire() { c.mu.Lock() }

// tryAcquire takes c.mu if it is free.
func (c *core) tryAcquire() bool { return c.mu.TryLock() }

// acquireWrite asks the readers to go and waits until they have. The caller holds
// writers.
func (c *rwcore) acquireWrite() { c.readers.Lock() }

// acquireRead takes c.readers for reading, waiting for writers.
func (c *rwcore) acquireRead() { c.readers.RLock() }
