//go:build owndebug

package goroutine_test

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/internal/goroutine"
)

// Goroutines that exist at the same time differ in both, and each has the same at all
// times, whatever thread it runs on and wherever its stack has moved to.
func TestIdentity(t *testing.T) {
	const n = 200
	type identity struct {
		address uintptr
		number  uint64
	}
	seen := make([]identity, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			seen[i] = identity{goroutine.Address(), goroutine.Number()}
			ready.Done()
			ready.Wait() // all of them exist now
			for range 10 {
				runtime.Gosched()
				deep(50)
				if again := (identity{goroutine.Address(), goroutine.Number()}); again != seen[i] {
					panic(fmt.Sprintf("%v is %v now", seen[i], again))
				}
			}
			if !bytes.HasPrefix(debug.Stack(), fmt.Appendf(nil, "goroutine %d [", seen[i].number)) {
				panic("the number is not the one of a stack trace")
			}
		})
	}
	done.Wait()
	addresses, numbers := map[uintptr]bool{}, map[uint64]bool{}
	for _, s := range seen {
		require.NotZero(t, s.address)
		require.NotZero(t, s.number)
		addresses[s.address], numbers[s.number] = true, true
	}
	require.Len(t, addresses, n)
	require.Len(t, numbers, n)
}

// deep makes the stack grow, and so move.
func deep(n int) byte {
	var room [1000]byte
	if n > 0 {
		room[n] = deep(n - 1)
	}
	return room[n]
}

// Why an address must not be remembered: it is used again.
func TestAddressIsReused(t *testing.T) {
	addresses := map[uintptr]bool{}
	numbers := map[uint64]bool{}
	for range 1000 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			addresses[goroutine.Address()] = true
			numbers[goroutine.Number()] = true
		}()
		<-done
	}
	require.Less(t, len(addresses), 1000)
	require.Len(t, numbers, 1000)
}

func BenchmarkAddress(b *testing.B) {
	for b.Loop() {
		goroutine.Address()
	}
}

func BenchmarkNumber(b *testing.B) {
	for b.Loop() {
		goroutine.Number()
	}
}

// Frames sees the functions that runtime.Callers sees, but for those that are inlined.
func TestFrames(t *testing.T) {
	var fast, slow [32]uintptr
	nested(3, func() {
		n, m := goroutine.Frames(fast[:]), runtime.Callers(1, slow[:])
		all := names(slow[:m-1]) // to tRunner; below it are goexit, and wrappers that only one of them shows
		require.Greater(t, len(all), 5)
		require.Equal(t, all, names(fast[:n])[:len(all)])
	})
	require.Zero(t, goroutine.Frames(nil))
}

//go:noinline
func nested(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	nested(n-1, f)
}

func names(pcs []uintptr) (names []string) {
	for _, pc := range pcs {
		names = append(names, runtime.FuncForPC(pc-1).Name())
	}
	return names
}

func BenchmarkFrames(b *testing.B) {
	var pcs [16]uintptr
	for b.Loop() {
		goroutine.Frames(pcs[:])
	}
}

func BenchmarkCallers(b *testing.B) {
	var pcs [16]uintptr
	for b.Loop() {
		runtime.Callers(1, pcs[:])
	}
}
