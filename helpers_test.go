package own_test

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// ending is how a function came to its end.
type ending string

const (
	returned ending = "returned"
	panicked ending = "panicked"
	exited   ending = "exited" // by runtime.Goexit
)

// finish runs f on a goroutine of its own and tells how it ended, and what it
// panicked with.
func finish(f func()) (how ending, value any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		how = exited
		defer func() {
			if v := recover(); v != nil {
				how, value = panicked, v
			}
		}()
		f()
		how = returned
	}()
	<-done
	return how, value
}

// A guard is a guard of any kind.
type guard interface{ Unlock() }

// A lock is a Mutex or an RWMutex, of any value.
type lock[G guard] interface {
	TryLock() (G, error)
	LockIgnorePoison() G
	IsPoisoned() bool
	Waiting() int
}

// requireFree fails t if anybody holds m or waits for it. It leaves m as it was.
func requireFree[G guard](t *testing.T, m lock[G]) {
	t.Helper()
	require.Zero(t, m.Waiting(), "somebody is left in the queue")
	g, err := m.TryLock()
	require.NotErrorIs(t, err, own.ErrWouldBlock, "the lock is still held")
	g.Unlock()
}

// requireHealthy fails t unless m is free and not poisoned.
func requireHealthy[G guard](t *testing.T, m lock[G]) {
	t.Helper()
	requireFree(t, m)
	require.False(t, m.IsPoisoned(), "poisoned")
}

// requirePoisoned fails t unless m is free and poisoned by a panic with want.
func requirePoisoned[G guard](t *testing.T, m lock[G], want any) *own.PoisonError {
	t.Helper()
	requireFree(t, m)
	require.True(t, m.IsPoisoned(), "not poisoned")
	g, err := m.TryLock()
	require.Nil(t, g, "an error means that the lock is not held")
	require.ErrorIs(t, err, own.ErrPoisoned)
	var perr *own.PoisonError
	require.ErrorAs(t, err, &perr)
	require.Equal(t, want, perr.Value)
	return perr
}

// poison poisons m by a panic with the given value.
func poison[G guard](m lock[G], value any) {
	finish(func() {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		panic(value)
	})
}

// An intGuard is a guard of any kind, of an int.
type intGuard interface {
	Value() *int
	Unlock()
}

// outcome is what a goroutine that locked came back with. The guard stays there: the
// goroutine does with it what it is asked to, until it has unlocked.
type outcome[G intGuard] struct {
	g   G
	err error
	ask chan func()
}

func (o outcome[G]) do(f func()) {
	done := make(chan struct{})
	o.ask <- func() { f(); close(done) }
	<-done
}

// Value returns what the guard does.
func (o outcome[G]) Value() (v *int) {
	o.do(func() { v = o.g.Value() })
	return v
}

// Unlock has the guard unlocked. There is none if the lock was refused.
func (o outcome[G]) Unlock() {
	if o.err != nil {
		return
	}
	o.do(o.g.Unlock)
	close(o.ask)
}

// start runs lock on a goroutine of its own and returns where its outcome will be. Who
// gets one with a guard has to unlock it, for the goroutine to end.
func start[G intGuard](lock func() (G, error)) <-chan outcome[G] {
	c := make(chan outcome[G], 1)
	go func() {
		g, err := lock()
		o := outcome[G]{g, err, make(chan func())}
		c <- o
		if err != nil {
			return
		}
		for f := range o.ask {
			f()
		}
	}()
	return c
}

// wait is start in a bubble: it returns once all goroutines of the bubble wait.
func wait[G intGuard](lock func() (G, error)) <-chan outcome[G] {
	c := start(lock)
	synctest.Wait()
	return c
}

// requireWaiting fails t if one of cs has an outcome. It is for a bubble, as the
// next two are.
func requireWaiting[G intGuard](t *testing.T, cs ...<-chan outcome[G]) {
	t.Helper()
	synctest.Wait()
	for _, c := range cs {
		require.Empty(t, c, "the wait is over")
	}
}

// requireLocked fails t unless c has a guard.
func requireLocked[G intGuard](t *testing.T, c <-chan outcome[G]) outcome[G] {
	t.Helper()
	synctest.Wait()
	require.Len(t, c, 1, "still waiting")
	o := <-c
	require.NoError(t, o.err)
	return o
}

// requireRefused fails t unless c has an error, and no guard.
func requireRefused[G intGuard](t *testing.T, c <-chan outcome[G]) error {
	t.Helper()
	synctest.Wait()
	require.Len(t, c, 1, "still waiting")
	o := <-c
	require.Error(t, o.err)
	require.Nil(t, o.g, "an error means that the lock is not held")
	return o.err
}

// crash runs the test with the given name again, alone and in a process of its
// own, for tests of what the runtime prints when it dies. In that process it
// returns "" at once; in the first it returns what the process printed.
func crash(t *testing.T, name string) string {
	if os.Getenv("OWN_CRASH") == name {
		return ""
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), "OWN_CRASH="+name)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.Error(t, cmd.Run(), "the process was to crash")
	return out.String()
}

// meet has two functions meet at the same moment, more or less, many times: come
// runs on a goroutine of its own from when leave calls its argument, which leave
// does while it holds what come wants. Both have returned before the next round.
func meet(rounds int, leave func(now func()), come func()) {
	var clock atomic.Int64
	until := func(time int64) { // spins first, for the two to be at it at once
		for spins := 0; clock.Load() < time; spins++ {
			if spins > 1000 {
				runtime.Gosched()
			}
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range int64(rounds) {
			until(2*i + 1)
			come()
			clock.Add(1)
		}
	})
	for i := range int64(rounds) {
		leave(func() {
			clock.Add(1)
			for range i % 100 { // now the one, now the other is the quicker
				clock.Load()
			}
		})
		until(2*i + 2)
	}
	wg.Wait()
}
