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
