package verify

import (
	"context"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// Random programs on real goroutines, whose histories have to be linearizable.
// What is different from one run to the next is the program, which comes from a
// seed, and the schedule, which comes from the runtime. So a seed does not replay a
// failure for certain: it runs the same program many times.

// histories is how many of them a test of a type records.
const histories = 400

// eachHistory records histories, each by a call of run with a seed of its own, and
// checks them. With OWN_SEED set, all have that seed.
func eachHistory(t *testing.T, model porcupine.Model, run func(seed uint64) (*history, error)) {
	first, step := rand.Uint64(), uint64(1)
	if s := os.Getenv("OWN_SEED"); s != "" {
		var err error
		first, err = strconv.ParseUint(s, 0, 64)
		require.NoError(t, err, "OWN_SEED")
		step = 0
	}
	calls, met := 0, 0
	for i := range uint64(histories) {
		seed := first + i*step
		h, err := run(seed)
		if err == nil {
			err = h.check(model)
		}
		require.NoError(t, err, "run the same program again with OWN_SEED=%d go test -run '^%s$' -count=100", seed, t.Name())
		ops := h.operations()
		calls += len(ops)
		met += overlaps(ops)
	}
	t.Logf("%d histories from seed %d on: %d calls, %d pairs of which overlap", histories, first, calls, met)
	require.NotZero(t, met, "without calls at the same time, this has shown nothing")
}

// A meeting is where threads wait for each other, so that what they do next they do
// at once. It is for threads that do not block each other otherwise. Calls of a
// tenth of a microsecond hardly ever overlap without it.
type meeting struct {
	threads int64
	arrived atomic.Int64
}

// meet returns when all have come for the n'th time, or have left.
func (m *meeting) meet(n int) {
	m.arrived.Add(1)
	for spins := 0; m.arrived.Load() < m.threads*int64(n); spins++ {
		if spins > 100 { // there are fewer processors than threads
			runtime.Gosched()
		}
	}
}

// leave is for one that comes no more.
func (m *meeting) leave() { m.arrived.Add(1 << 32) }

// A program runs one thread of a history. Its random numbers are the thread's own.
type program func(thread int, r *rand.Rand)

// together runs a program on several goroutines, all from one moment on.
func together(seed uint64, threads int, p program) {
	var ready atomic.Int32
	var wg sync.WaitGroup
	for thread := range threads {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(thread)))
			ready.Add(1)
			for int(ready.Load()) < threads {
				runtime.Gosched()
			}
			p(thread, r)
		})
	}
	wg.Wait()
}

// record returns an empty history of the given number of goroutines, in whose calls
// now and then another goroutine goes first.
func record(threads int) *history {
	h := newHistory(threads)
	h.pause = func() {
		if rand.IntN(6) == 0 { // not from the seed: this is the schedule, not the program
			runtime.Gosched()
		}
	}
	return h
}

// dawdle lets others go first, now more and now less.
func dawdle(r *rand.Rand) {
	switch r.IntN(4) {
	case 0:
		runtime.Gosched()
	case 1:
		var spins atomic.Int32
		for range r.IntN(300) {
			spins.Add(1)
		}
	}
}

// pick returns one of names.
func pick(r *rand.Rand, names ...string) string { return names[r.IntN(len(names))] }

// endings makes contexts, and has them end.
type endings struct{ wg sync.WaitGroup }

// context returns a context that ends as it says.
func (e *endings) context(when end) context.Context {
	if when == never {
		return context.Background()
	}
	ctx, cancel := context.WithCancel(context.Background())
	if when == before {
		cancel()
	} else {
		e.wg.Go(func() {
			runtime.Gosched()
			cancel()
		})
	}
	return ctx
}

// anEnd returns one at random, mostly that a context ends meanwhile.
func anEnd(r *rand.Rand) end {
	return [...]end{never, before, meanwhile, meanwhile, meanwhile}[r.IntN(5)]
}
