//go:build owndebug

package track_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/internal/track"
)

// take takes locks as a Mutex does, each while the ones before are held, on a goroutine of
// its own.
func take(locks ...*track.Lock) {
	done := make(chan bool)
	go func() {
		defer close(done)
		takeHere(locks...)
	}()
	<-done
}

// takeHere is take on the running goroutine.
func takeHere(locks ...*track.Lock) {
	for _, l := range locks {
		l.Want(track.Write)
		l.Got(track.Write)
	}
	for _, l := range slices.Backward(locks) {
		l.Lost(track.Write)
	}
}

// record returns the reports that are made until t ends.
func record(t *testing.T) *[]*track.Report {
	all := new([]*track.Report)
	track.Handle(func(r *track.Report) { *all = append(*all, r) })
	t.Cleanup(func() { track.Handle(nil) })
	return all
}

// collect collects garbage until f is true.
func collect(t *testing.T, f func() bool) {
	t.Helper()
	for range 1000 {
		runtime.GC()
		if f() {
			return
		}
	}
	require.Fail(t, "something is left", "%+v", track.Count())
}

// Of a million locks that were taken, under each other, poisoned, and dropped, nothing is
// left.
func TestMemory(t *testing.T) {
	record(t)
	n := 1_000_000
	if info, ok := debug.ReadBuildInfo(); testing.Short() || ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		n /= 20
	}
	collect(t, func() bool { return track.Count() == track.Sizes{} })
	take(new(track.Lock)) // what is made once, is made
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const at = 100 // a cleanup of one of many in the same array takes long
	for i := 0; i < n; i += at {
		locks := make([]track.Lock, at)
		for i := range locks {
			l, next := &locks[i], &locks[(i+1)%at]
			l.Got(track.Write)
			if i%5 == 0 {
				next.Want(track.Write)
				next.Got(track.Write)
				next.Lost(track.Write)
			}
			l.Lost(track.Write)
			if i%50 == 0 {
				take(l, next) // by another goroutine
			}
			if i%20 == 0 {
				l.Poisoned(errors.New("poisoned"))
			}
			if i%10 == 0 {
				var o track.Owner
				track.Born[int](&o, "Arc", "made")
				o.Gone()
			}
		}
		require.Equal(t, at, track.Known(locks))
	}
	collect(t, func() bool { return track.Count() == track.Sizes{} })
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, int(after.HeapAlloc)-int(before.HeapAlloc), 4<<20, "bytes; the last reports are kept")
}

// Nor does a lock that lasts remember the cycles that it was part of.
func TestCyclesAreForgotten(t *testing.T) {
	reports := record(t)
	const n = 100
	long := new(track.Lock)
	takeHere(long)
	for range n {
		short := new(track.Lock)
		take(long, short)
		take(short, long)
	}
	require.Len(t, *reports, n)
	collect(t, func() bool { return track.Count().Edges == 0 })
	require.Zero(t, track.Count().Cycles)
	runtime.KeepAlive(long)
}

// A lock that lasts does not remember all that came and went.
func TestChainsAreBounded(t *testing.T) {
	record(t)
	long := new(track.Lock)
	for range 2*track.MaxChains + 10 {
		short := new(track.Lock)
		short.Got(track.Write)
		long.Want(track.Write)
		short.Lost(track.Write)
	}
	require.LessOrEqual(t, long.Chains(), track.MaxChains)
}

// A graph on which a search could go on for ever: each of many layers is before each lock
// of the next. It goes straight to the shortest cycle.
func TestSearchIsBounded(t *testing.T) {
	all := record(t)
	const layers, width = 9, 8
	locks := make([][]track.Lock, layers)
	for i := range locks {
		locks[i] = make([]track.Lock, width)
	}
	for i := range layers - 1 {
		for a := range width {
			for b := range width {
				take(&locks[i][a], &locks[i+1][b])
			}
		}
	}
	require.Empty(t, *all)
	take(&locks[layers-1][0], &locks[0][0])
	require.Len(t, *all, track.MaxFound)
	for _, r := range *all {
		require.Len(t, r.Cycle, layers)
	}

	// Where one goroutine has done it all, none of the cycles counts. The search ends all
	// the same.
	*all = nil
	for i := range locks {
		locks[i] = make([]track.Lock, width)
	}
	for i := range layers - 1 {
		for a := range width {
			for b := range width {
				takeHere(&locks[i][a], &locks[i+1][b])
			}
		}
	}
	takeHere(&locks[layers-1][0], &locks[0][0])
	require.Empty(t, *all)
	runtime.KeepAlive(locks)
}

// Any graph at all: what is reported is the cycles of edges that were made, each when its
// last edge is, and no other. Each edge is made by another goroutine.
func TestAnyOrder(t *testing.T) {
	const n = 7
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		all := record(t)
		locks := make([]track.Lock, n)
		for i := range locks {
			locks[i].Got(track.Write) // so that they have their numbers in this order
			locks[i].Lost(track.Write)
		}
		edges := map[[2]int]bool{}
		for range 12 {
			a, b := random.IntN(n), random.IntN(n)
			if a == b || edges[[2]int{a, b}] {
				continue
			}
			closes := paths(edges, b, a)
			edges[[2]int{a, b}] = true
			*all = nil
			take(&locks[a], &locks[b])
			require.Equal(t, min(closes, track.MaxFound), len(*all), "seed %d, %d to %d of %v", seed, a, b, edges)
			for _, r := range *all {
				numbers := map[uint64]bool{}
				for i, s := range r.Cycle {
					next := r.Cycle[(i+1)%len(r.Cycle)]
					require.Equal(t, next.Holds.Lock.ID, s.Wants.Lock.ID)
					numbers[s.Goroutine] = true
				}
				require.Len(t, numbers, len(r.Cycle))
			}
		}
		runtime.KeepAlive(locks)
	}
}

// paths counts the ways from one to another that go nowhere twice.
func paths(edges map[[2]int]bool, from, to int, been ...int) (n int) {
	if from == to {
		return 1
	}
	been = append(slices.Clone(been), from)
	for e := range edges {
		if e[0] == from && !slices.Contains(been, e[1]) {
			n += paths(edges, e[1], to, been...)
		}
	}
	return n
}

// A report has no line that ends in a space, and says the same twice.
func TestText(t *testing.T) {
	all := record(t)
	a, b := new(track.Lock), new(track.Lock)
	take(a, b)
	take(b, a)
	require.Len(t, *all, 1)
	text := (*all)[0].String()
	require.Equal(t, text, (*all)[0].Error())
	for line := range strings.SplitSeq(text, "\n") {
		require.Equal(t, strings.TrimRight(line, " "), line)
	}
	require.Equal(t, text, fmt.Sprint((*all)[0]))
}

// A guard may be collected long after its lock was struck off, when its account is that of
// another goroutine: it is left alone, without a race.
func TestCollectedLate(t *testing.T) {
	reports := record(t)
	for range 20 {
		l := new(track.Lock)
		take := func() {
			h := new(track.Held)
			l.Got(track.Write)
			track.Attach[int](h, l, "Mutex", track.Write)
			l.Lost(track.Write) // and not h.Detach
		}
		for range 10 {
			take()
		}
		runtime.GC() // the cleanups run while accounts are opened
		for range 1000 {
			l.Got(track.Write)
			l.Lost(track.Write)
		}
	}
	require.Empty(t, *reports)
}

// A reader that has been let in does not wait any more, though it is still on record and may
// not know: a writer that came since waits for it, and not it for the writer.
func TestLetIn(t *testing.T) {
	for _, letIn := range []bool{true, false} {
		all := record(t)
		a, b := new(track.Lock), new(track.Lock)
		writes, reads, ended := make(chan bool), make(chan bool), make(chan bool)
		go func() {
			defer close(ended)
			b.Got(track.Write)
			close(writes)
			<-reads
			_, deadlock := a.Block(false, func() bool { return false })
			if (deadlock == nil) != letIn {
				panic("the wrong answer")
			}
			a.Unblock()
			b.Lost(track.Write)
		}()
		<-writes
		a.Got(track.Write)
		var in track.Flag
		if letIn {
			in.Set()
		}
		w := b.Behind(&in, false)
		require.Nil(t, w.Deadlock())
		close(reads)
		<-ended
		w.Over()
		a.Lost(track.Write)
		if letIn {
			require.Empty(t, *all)
		} else {
			require.Len(t, *all, 1)
		}
	}
}
