package verify

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// What a Mutex does for several goroutines at once is what it can do for one after
// the other.
func TestMutexIsLinearizable(t *testing.T) {
	eachHistory(t, mutexModel, func(seed uint64) (*history, error) {
		const threads, sections = 3, 5
		var m own.Mutex[int]
		var contexts endings
		defer contexts.wg.Wait()
		h := record(threads)
		together(seed, threads, func(thread int, r *rand.Rand) {
			u := &mutexThread{id: thread, m: &m, h: h, context: contexts.context}
			for i := range sections {
				mutexSection(u, r, 1+threads*i+thread)
			}
		})
		return h, nil
	})
}

// mutexSection makes one critical section, of one call or of several. n is a number
// that no other section has, for what it writes and panics with.
func mutexSection(u *mutexThread, r *rand.Rand, n int) {
	dawdle(r)
	if r.IntN(2) == 0 {
		u.do(pick(r, "Load", "Store", "Swap", "With", "WithErr", "WithPanic", "WithGoexit",
			"Repair", "Repair", "RepairErr", "RepairPanic", "IsPoisoned", "ClearPoison"), n, never)
		return
	}
	switch name := pick(r, "Lock", "TryLock", "TryLock", "LockContext", "LockWhen", "LockIgnorePoison"); name {
	case "LockContext":
		u.do(name, 0, anEnd(r))
	case "LockWhen":
		u.do(name, r.IntN(2*n), meanwhile) // the value may never be that large
	default:
		u.do(name, 0, never)
	}
	for range r.IntN(3) {
		if u.g == nil {
			return
		}
		dawdle(r)
		switch name := pick(r, "Value", "Write", "Await", "ClearPoison", "IsPoisoned"); name {
		case "Await":
			u.do(name, r.IntN(2*n), [...]end{before, meanwhile, meanwhile}[r.IntN(3)])
		case "Write":
			u.do(name, n, never)
		default:
			u.do(name, 0, never)
		}
	}
	if u.g != nil {
		u.do(pick(r, "Unlock", "Unlock", "Unlock", "Goexit", "Panic"), n, never)
	}
}

// Two sections that were left by Goexit are two poisonings, though nothing in the
// errors tells them apart: Await ignores the one that was there before, and reports
// the one that came after. The model once took them for the same.
func TestAwaitTellsGoexitsApart(t *testing.T) {
	var m own.Mutex[int]
	var contexts endings
	h := newHistory(2)
	waits := &mutexThread{id: 0, m: &m, h: h, context: contexts.context}
	other := &mutexThread{id: 1, m: &m, h: h, context: contexts.context}
	waits.do("WithGoexit", 1, never)
	waits.do("LockIgnorePoison", 0, never)
	var wg sync.WaitGroup
	wg.Go(func() { waits.do("Await", 100, never) })
	other.do("Repair", 2, never) // gets in when Await has let go
	other.do("WithGoexit", 3, never)
	wg.Wait()
	require.Nil(t, waits.g, "poisoned again, so Await has to say so")
	require.NoError(t, h.check(mutexModel))
}
