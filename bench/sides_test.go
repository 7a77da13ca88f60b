package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"tailscale.com/syncs"

	"github.com/go-own/own"
)

// A comparison is worth something only if all sides do the work.

func TestMain(m *testing.M) {
	if os.Getenv("BENCH_TEST_SERVES") != "" { // this process is a remote of a test
		if err := answer(testWorkloads(nil), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Every side of every workload does a small lap.
func TestSides(t *testing.T) {
	names := map[string]bool{}
	for _, w := range workloads() {
		require.NotContains(t, names, w.name)
		names[w.name] = true
		require.NotEmpty(t, w.what)
		sides := map[string]bool{}
		for _, s := range w.sides {
			require.NotContains(t, sides, s.name, w.name)
			sides[s.name] = true
			lap, stop := s.start()
			v := lap(100)
			require.True(t, v > 0 && !math.IsInf(v, 0), "%s, %s: %v", w.name, s.name, v)
			if stop != nil {
				stop()
			}
		}
	}
}

func TestIncrements(t *testing.T) {
	const n = 10
	ctx := t.Context()
	c, m, v := new(counter), new(own.Mutex[int]), new(syncs.MutexValue[int])
	w, s, l := newWeighted(ctx), newSlot(ctx), &cancellable{ctx: ctx}
	for range n {
		c.increment()
		c.incrementDeferred()
		c.incrementTry()
		incrementWith(m)
		incrementDirect(m)
		incrementDeferred(m)
		incrementChecked(m)
		incrementTry(m)
		incrementTailscale(v)
		w.increment()
		s.increment()
		l.increment()
	}
	require.Equal(t, 3*n, c.n)
	got, err := m.Load()
	require.NoError(t, err)
	require.Equal(t, 5*n, got)
	require.Equal(t, n, v.Load())
	require.Equal(t, n, w.n)
	require.Equal(t, n, s.n)
	got, err = l.m.Load()
	require.NoError(t, err)
	require.Equal(t, n, got)
}

// Of what is compared, the counter that poisons by hand does.
func TestPoisonable(t *testing.T) {
	p := new(poisonable)
	p.increment()
	require.Panics(t, func() {
		if p.lock() == nil {
			defer p.unlock()
			panic("halfway")
		}
	})
	require.Error(t, p.lock())
	require.PanicsWithError(t, "poisoned", p.increment)
	require.Equal(t, 1, p.n)

	rw := new(poisonableRW)
	rw.write()
	rw.read()
	require.Panics(t, func() {
		if rw.lock() == nil {
			defer rw.unlock()
			panic("halfway")
		}
	})
	require.PanicsWithError(t, "poisoned", rw.read)
	require.PanicsWithError(t, "poisoned", rw.write)
	require.Equal(t, 1, rw.n)
}

// Goroutines that contend lose no increment: they exclude each other.
func TestContendersExclude(t *testing.T) {
	const n = 10_003 // which eight cannot share evenly
	inside, total := 0, 0
	overlap := false
	sides := contenders(8, func(*state) {
		inside++
		overlap = overlap || inside != 1
		total++
		inside--
	})
	for i, s := range sides {
		lap, _ := s.start()
		lap(n)
		require.Equal(t, (i+1)*n, total, s.name)
		require.False(t, overlap, s.name)
	}
}

// Of what readers and writers do, as many are reads as the name says.
func TestMixes(t *testing.T) {
	for _, reads := range []int{99, 90, 50} {
		var mu sync.Mutex
		r, w := 0, 0
		s := mixed("", reads, func() (read, write func(int)) {
			return func(int) { mu.Lock(); r++; mu.Unlock() }, func(int) { mu.Lock(); w++; mu.Unlock() }
		})
		lap, _ := s.start()
		lap(rwGoroutines * 1000)
		require.Equal(t, rwGoroutines*10*reads, r)
		require.Equal(t, rwGoroutines*10*(100-reads), w)
	}
}

// What is put into a queue comes out of it, each item once.
func TestQueues(t *testing.T) {
	for name, start := range map[string]func() (func(int), func() int){
		"cond": queueCond, "when": queueWhen, "channel": queueChannel,
	} {
		t.Run(name, func(t *testing.T) {
			put, take := start()
			go func() {
				for i := range 1000 {
					put(i)
				}
			}()
			for i := range 1000 {
				require.Equal(t, i, take())
			}
		})
	}
}

// Both take as many turns, and nobody two in a row.
func TestTurns(t *testing.T) {
	for name, start := range map[string]func() func(me, rounds int){
		"cond": turnsCond, "await": turnsAwait, "channel": turnsChannel,
	} {
		t.Run(name, func(t *testing.T) {
			turns := start()
			done := make(chan int)
			for me := range 2 {
				go func() { turns(me, 500); done <- me }()
			}
			require.ElementsMatch(t, []int{0, 1}, []int{<-done, <-done})
		})
	}
}

func TestShare(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		var mu sync.Mutex
		got := [8]int{}
		share(8, n, func(me int) { mu.Lock(); got[me]++; mu.Unlock() })
		total := 0
		for _, g := range got {
			require.InDelta(t, float64(n)/8, g, 1)
			total += g
		}
		require.Equal(t, n, total)
	}
}

// testWorkloads are for the tests of what measures. log has which side did a lap.
func testWorkloads(log *[]string) []*workload {
	one := func(name string) side {
		return side{name, func() (func(int) float64, func()) {
			return func(n int) float64 {
				if log != nil {
					*log = append(*log, name)
				}
				return float64(n)
			}, nil
		}}
	}
	return []*workload{
		{name: "Test/one", what: "one", n: 7, sides: []side{one("a"), one("b"), one("c")}},
		{name: "Test/two", what: "two", n: 9, alone: true, sides: []side{one("a")}},
	}
}

// The sides take turns, and each is the first in its turn.
func TestTurnsOfSides(t *testing.T) {
	var log, got []string
	var out strings.Builder
	o := options{match: mustMatch("one"), rounds: 3}
	require.NoError(t, measure(t.Context(), testWorkloads(&log), o, newProgress(&out), func(f figure) error {
		require.Equal(t, "Test/one", f.workload.name)
		require.EqualValues(t, 7, f.value)
		require.Equal(t, 7, f.n)
		got = append(got, f.side)
		return nil
	}))
	require.Equal(t, slices.Repeat([]string{"a", "b", "c", "b", "c", "a", "c", "a", "b"}, passes), got)
	require.Equal(t, log, got)
	require.Contains(t, out.String(), "pass 1 of 3 [1/1] Test/one")
}

func TestMeasureStops(t *testing.T) {
	o := options{match: mustMatch("."), rounds: 3}
	ctx, cancel := context.WithCancel(t.Context())
	laps := 0
	err := measure(ctx, testWorkloads(nil), o, newProgress(new(strings.Builder)), func(figure) error {
		laps++
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, laps)

	full := fmt.Errorf("the disk is full")
	err = measure(t.Context(), testWorkloads(nil), o, newProgress(new(strings.Builder)), func(figure) error { return full })
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "Test/one")
}
