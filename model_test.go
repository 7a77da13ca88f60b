//go:build ownmodel

package own_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/model"
)

// Every interleaving of a few threads, of the library's own code: see package
// model. Run it with
//
//	go test -tags ownmodel -run TestModel -v .
//
// which says how many executions each world has. A failure prints a schedule, and
// becomes a test of its own by
//
//	require.NoError(t, model.Replay("0110a1", world))
//
// This file has what the worlds share, the others have them: model_mutex_test.go,
// model_wait_test.go, model_rwmutex_test.go, model_arc_test.go.

// explore fails t unless every execution of the worlds that build makes is all
// right. It returns what it has seen.
func explore(t *testing.T, o model.Options, build func(w *model.World)) model.Result {
	t.Helper()
	res := model.Explore(o, build)
	if res.Failure != nil {
		t.Fatal(res.Failure)
	}
	require.True(t, res.Complete, "not explored to the end")
	require.NotZero(t, res.Executions)
	bound := "all of them"
	if o.Preemptions > 0 {
		bound = fmt.Sprintf("all with at most %d preemptions", o.Preemptions)
	}
	t.Logf("%7d executions, %s (%d pruned, %d states)", res.Executions, bound, res.Pruned, res.States)
	return res
}

// box is a value that notices when two use it at a time.
type box struct {
	cell model.Cell
	n    int
}

// contentOf returns what is in the memory of a world that has a lock and a context: of
// says it of the lock, and value of what that protects.
func contentOf(of func(value func(**box) uint64) func(lock *model.Object) uint64, ctx *model.Context, value func(**box) []int) func(*model.Object) uint64 {
	content := of(func(b **box) uint64 {
		h := uint64(0)
		for _, n := range value(b) {
			h = model.Mix(h, uint64(n))
		}
		return h
	})
	return func(lock *model.Object) uint64 {
		if lock != nil {
			return content(lock)
		}
		return model.Mix(content(nil), ctx.Content())
	}
}

// An action is what a thread does in a world of type W.
type action[W any] struct {
	name  string
	do    func(w W)
	waits bool // in a queue, which takes many operations
}

// explorePairs explores, for each two actions a and b, two threads that do both of
// them, the one in this order and the other in that, and three threads, of which
// two do a and one b, and the other way round. start makes a world of w.
func explorePairs[W any](t *testing.T, actions []action[W], start func(w *model.World) W) {
	total := model.Result{}
	pair := func(threads ...[]action[W]) {
		var o model.Options
		for _, actions := range threads {
			for _, a := range actions {
				if a.waits && len(threads) > 2 && !everything {
					o.Preemptions = 2
				}
			}
		}
		res := model.Explore(o, func(w *model.World) {
			world := start(w)
			w.ForgetInWaits()
			for _, actions := range threads {
				w.Thread(func() {
					for i, a := range actions {
						a.do(world)
						model.Forget(i, 0)
					}
				})
			}
		})
		if res.Failure != nil {
			t.Fatal(res.Failure)
		}
		require.True(t, res.Complete)
		total.Executions += res.Executions
		total.Pruned += res.Pruned
		total.States += res.States
	}
	for i, a := range actions {
		for j, b := range actions[i:] {
			t.Run(a.name+" and "+b.name, func(t *testing.T) {
				before := total
				pair([]action[W]{a, b}, []action[W]{b, a})
				pair([]action[W]{a}, []action[W]{a}, []action[W]{b})
				if j > 0 {
					pair([]action[W]{a}, []action[W]{b}, []action[W]{b})
				}
				t.Logf("%7d executions (%d pruned, %d states)", total.Executions-before.Executions, total.Pruned-before.Pruned, total.States-before.States)
			})
		}
	}
	t.Logf("%7d executions in all (%d pruned, %d states)", total.Executions, total.Pruned, total.States)
}

// bounded are the options of a world that is too large to be explored to the end.
func bounded(preemptions int) model.Options {
	if everything {
		preemptions++
	}
	return model.Options{Preemptions: preemptions}
}

// everything is whether all worlds of explorePairs are explored to the end. Those of
// three threads that wait have a bound otherwise, for they take most of an hour. Other
// bounds are one higher then.
var everything = os.Getenv("OWN_MODEL") == "everything"

// recovered runs f and recovers from its panic, unless that is the explorer's way
// to give up an execution.
func recovered(f func()) {
	defer func() {
		if v := recover(); v != nil && v != "boom" {
			panic(v)
		}
	}()
	f()
}

// only fails the execution unless err is nil or one of those that may be.
func only(err error, allowed ...error) {
	if err == nil {
		return
	}
	for _, a := range allowed {
		if errors.Is(err, a) {
			return
		}
	}
	model.Fail("unexpected error: %v", err)
}

// mutexFree is the check that nobody holds m or waits for it.
func mutexFree[G guard](m lock[G]) error {
	if n := m.Waiting(); n != 0 {
		return fmt.Errorf("%d are left in the queue", n)
	}
	g, err := m.TryLock()
	if errors.Is(err, own.ErrWouldBlock) {
		return errors.New("the lock is still held")
	}
	g.Unlock()
	return nil
}
