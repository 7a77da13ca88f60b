//go:build owndebug

package owndebug_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/track"
	"github.com/go-own/own/owndebug"
)

// Deadlocks that are easy to miss.

// untilWaiting returns when n goroutines wait.
func untilWaiting(n int) {
	for len(track.Look().Waiting) < n {
		runtime.Gosched()
	}
}

// A reader that is about to wait for one writer waits for the next, if that is quicker. It
// hangs if it is taken to wait for the first.
func TestReaderBetweenTwoWriters(t *testing.T) {
	r := record(t)
	for range 3000 {
		r.reports() // there is room for some
		p := new(pair)
		locked := make(chan struct{})
		var both sync.WaitGroup
		both.Go(func() {
			defer func() { _ = recover() }()
			g := p.rw.LockIgnorePoison()
			close(locked)
			for range rand.IntN(3000) {
			}
			g.Unlock()
			defer p.rw.LockIgnorePoison().Unlock()
			p.mutex.LockIgnorePoison().Unlock()
		})
		both.Go(func() {
			defer func() { _ = recover() }()
			defer p.mutex.LockIgnorePoison().Unlock()
			<-locked
			p.rw.RLockIgnorePoison().Unlock()
		})
		both.Wait()
	}
}

// A writer waits for two readers, who both wait for a lock of its own. One can give up, the
// other cannot: that is a deadlock for ever, whichever is found first.
func TestPlainDeadlockBesideAnother(t *testing.T) {
	r := record(t, owndebug.Deadlock)
	p := new(pair)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g := p.mutex.MustLock()
	var readers sync.WaitGroup
	var gaveUp error
	readers.Go(func() {
		defer p.rw.MustRLock().Unlock()
		_, gaveUp = p.mutex.LockContext(ctx)
	})
	untilWaiting(1)
	readers.Go(func() {
		defer p.rw.MustRLock().Unlock()
		p.mutex.LockIgnorePoison().Unlock()
	})
	untilWaiting(2)
	func() {
		defer func() { requireDeadlock(t, recover()) }()
		p.rw.MustLock()
	}()
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.Deadlock))
	cancel()
	untilWaiting(1)
	g.Unlock()
	readers.Wait()
	require.ErrorIs(t, gaveUp, context.Canceled)
	p.rw.MustLock().Unlock()
}

// A deadlock that ends in a panic is reported, though one with the same writer was before.
func TestEachDeadlockIsReported(t *testing.T) {
	r := record(t, owndebug.Deadlock)
	p := new(pair)
	first := p.rw.MustRLock()
	reads, go2 := make(chan bool), make(chan bool)
	var others sync.WaitGroup
	others.Go(func() {
		g := p.rw.MustRLock()
		defer g.Unlock()
		close(reads)
		<-go2
		defer func() { _ = recover() }()
		p.mutex.MustLock()
	})
	<-reads
	others.Go(func() {
		defer p.mutex.MustLock().Unlock()
		p.rw.MustLock().Unlock()
	})
	untilWaiting(1)
	func() {
		defer func() { requireDeadlock(t, recover()) }()
		p.mutex.MustLock()
	}()
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.Deadlock))
	first.Unlock()
	close(go2)
	others.Wait()
	requireCycle(t, 2, 2, 2, r.requireOne(t, owndebug.Deadlock))
}

// A lock whose guard was forgotten, and collected, is waited for in vain, also by who holds
// nothing.
func TestForgottenLockIsWaitedFor(t *testing.T) {
	for _, w := range []way{byLock, byRWLock, byRLock} {
		r := record(t)
		p := new(pair)
		alone(func() { w.must(p) })
		r.collected(t)
		if w.name == byRLock.name {
			w = byRWLock
		}
		requireDeadlock(t, panics(func() { w.must(p) }))
		d := requireKind(t, owndebug.Deadlock, r.next())
		require.Contains(t, d.Headline, "whose guard was forgotten")
		require.NotNil(t, d.Guard)
		runtime.KeepAlive(p)
	}
}

// What a test cleans up runs on its goroutine.
func TestCleanupIsOfItsTest(t *testing.T) {
	r := record(t)
	var m own.Mutex[int]
	var v any
	t.Run("a test", func(t *testing.T) {
		g := m.MustLock()
		t.Cleanup(g.Unlock)
		t.Cleanup(func() {
			defer func() { v = recover() }()
			m.MustLock()
		})
	})
	requireDeadlock(t, v)
	requireCycle(t, 1, 1, 1, r.requireOne(t, owndebug.Deadlock))
}

// A handler that waits for a lock leaves the wait in which it was called on record.
func TestHandlerThatWaitsWithinAWait(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	owndebug.Expect(t, owndebug.Deadlock, owndebug.PotentialDeadlock)
	p := new(pair)
	var busy own.Mutex[int]
	owndebug.OnReport(func(r owndebug.Report) {
		if r.Kind == owndebug.Deadlock {
			busy.MustLock().Unlock()
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	held := busy.MustLock()
	var both sync.WaitGroup
	has := make(chan bool)
	both.Go(func() {
		defer p.mutex.MustLock().Unlock()
		close(has)
		untilWaiting(1) // the other
		if g, err := p.rw.LockContext(ctx); err == nil {
			g.Unlock()
		}
	})
	both.Go(func() {
		defer p.rw.MustLock().Unlock()
		<-has
		if g, err := p.mutex.LockContext(ctx); err == nil {
			g.Unlock()
		}
	})
	waitsFor := func(typ string) (n int) {
		for _, w := range track.Look().Waiting {
			if w.Lock.Type == typ {
				n++
			}
		}
		return n
	}
	for len(track.Look().Waiting) < 2 { // one of them in the handler
		runtime.Gosched()
	}
	held.Unlock()
	for waitsFor("Mutex[int]")+waitsFor("RWMutex[int]") < 2 {
		runtime.Gosched()
	}
	cancel()
	both.Wait()
}

// A handler that ends its goroutine leaves no lock behind.
func TestHandlerThatEndsAWriter(t *testing.T) {
	t.Cleanup(func() { owndebug.OnReport(nil) })
	owndebug.Expect(t, owndebug.Deadlock)
	owndebug.OnReport(func(owndebug.Report) { runtime.Goexit() })
	p := new(pair)
	alone(func() {
		defer p.rw.MustRLock().Unlock()
		p.rw.MustLock()
	})
	g, err := p.rw.TryLock()
	require.NoError(t, err)
	g.Unlock()
}

// A lock and its guard in one struct, and a panic value that leads to its lock, are garbage
// like others.
func TestCyclesThroughGuardsAreCollected(t *testing.T) {
	type session struct {
		mutex own.Mutex[int]
		guard *own.Guard[int]
		room  [1000]byte
	}
	r := record(t)
	collected := make(chan bool, 2)
	alone(func() {
		s := new(session)
		s.guard = s.mutex.MustLock()
		runtime.AddCleanup(s, func(int) { collected <- true }, 0)
	}, func() {
		s := new(session)
		defer func() { _ = recover() }()
		runtime.AddCleanup(s, func(int) { collected <- true }, 0)
		s.mutex.MustWith(func(*int) { panic(s) })
	})
	untilCollected(t, func() bool { return len(collected) == 2 })
	requireKind(t, owndebug.LeakedGuard, r.next())
}
