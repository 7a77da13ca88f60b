package own_test

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

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

// requireFree fails t if m is locked. It leaves m as it was.
func requireFree[T any](t *testing.T, m *own.Mutex[T]) {
	t.Helper()
	g, err := m.TryLock()
	require.NotErrorIs(t, err, own.ErrWouldBlock, "the lock is still held")
	g.Unlock()
}

// requireHealthy fails t unless m is free and not poisoned.
func requireHealthy[T any](t *testing.T, m *own.Mutex[T]) {
	t.Helper()
	requireFree(t, m)
	require.False(t, m.IsPoisoned(), "poisoned")
}

// requirePoisoned fails t unless m is free and poisoned by a panic with want.
func requirePoisoned[T any](t *testing.T, m *own.Mutex[T], want any) *own.PoisonError {
	t.Helper()
	requireFree(t, m)
	require.True(t, m.IsPoisoned(), "not poisoned")
	g, err := m.Lock()
	require.Nil(t, g, "an error means that the lock is not held")
	require.ErrorIs(t, err, own.ErrPoisoned)
	var perr *own.PoisonError
	require.ErrorAs(t, err, &perr)
	require.Equal(t, want, perr.Value)
	return perr
}

// poison poisons m by a panic with the given value.
func poison[T any](m *own.Mutex[T], value any) {
	finish(func() {
		g := m.LockIgnorePoison()
		defer g.Unlock()
		panic(value)
	})
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
