package verify

import (
	"math/rand/v2"
	"testing"

	"github.com/go-own/own"
)

// What an RWMutex does for several goroutines at once is what it can do for one
// after the other.
func TestRWMutexIsLinearizable(t *testing.T) {
	eachHistory(t, rwmutexModel, func(seed uint64) (*history, error) {
		const threads, sections = 4, 5
		var m own.RWMutex[int]
		var contexts endings
		defer contexts.wg.Wait()
		h := record(threads)
		together(seed, threads, func(thread int, r *rand.Rand) {
			u := &rwmutexThread{id: thread, m: &m, h: h, context: contexts.context}
			for i := range sections {
				rwmutexSection(u, r, 1+threads*i+thread)
			}
		})
		return h, nil
	})
}

// rwmutexSection makes one critical section, of one call or of several. n is a
// number that no other section has, for what it writes and panics with.
func rwmutexSection(u *rwmutexThread, r *rand.Rand, n int) {
	dawdle(r)
	if r.IntN(3) == 0 {
		u.do(pick(r, "Load", "Store", "Swap", "With", "WithPanic", "RWith", "RWithPanic",
			"Repair", "Repair", "Repair", "IsPoisoned", "ClearPoison"), n, never)
		return
	}
	switch name := pick(r, "Lock", "TryLock", "LockContext", "LockContext", "LockIgnorePoison",
		"RLock", "TryRLock", "RLockContext", "RLockContext", "RLockIgnorePoison"); name {
	case "LockContext", "RLockContext":
		u.do(name, 0, anEnd(r))
	default:
		u.do(name, 0, never)
	}
	for range r.IntN(4) {
		dawdle(r)
		switch {
		case u.w != nil:
			u.do(pick(r, "Value", "Write", "Downgrade", "ClearPoison", "IsPoisoned"), n, never)
		case u.r != nil:
			u.do(pick(r, "Value", "IsPoisoned"), 0, never)
		}
	}
	switch {
	case u.w != nil:
		u.do(pick(r, "Unlock", "Unlock", "Panic"), n, never)
	case u.r != nil:
		u.do(pick(r, "RUnlock", "RUnlock", "RPanic"), n, never)
	}
}
