//go:build ownmodel

package verify

import (
	"context"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/model"
)

// The same checks as in linearizable_test.go, of histories that the explorer makes:
// every order of a few calls, and not the ones that the scheduler happens to choose.
//
//	go test -tags ownmodel -run TestModel -v .

// A stamp is what makes the time of a history part of an execution: the beginning
// and the end of each call are operations, of which the order matters.
type stamp struct{ object model.Object }

func (s *stamp) put() {
	model.Step(model.Op{Name: "stamp", Object: &s.object})
	s.object.Changed()
	model.Saw(s.object.Content())
}

// modelHistory returns a history whose calls begin and end with a stamp.
func modelHistory(threads int) (h *history, begin func()) {
	h, s := newHistory(threads), new(stamp)
	h.pause = s.put
	return h, s.put
}

// exploreHistories explores the worlds that build makes, and checks the history of
// each execution.
// end, if there is one, completes a history.
func exploreHistories(t *testing.T, m porcupine.Model, build func(w *model.World) (h *history, end func())) {
	t.Helper()
	histories, met := 0, 0
	res := model.Explore(model.Options{Preemptions: 3}, func(w *model.World) {
		h, end := build(w)
		w.Check(func() error {
			if end != nil {
				end()
			}
			histories++
			met += overlaps(h.operations())
			return h.check(m)
		})
	})
	if res.Failure != nil {
		t.Fatal(res.Failure)
	}
	require.True(t, res.Complete)
	t.Logf("%6d histories, %d pairs of calls overlap", histories, met)
	require.NotZero(t, met)
}

// endless is a context that does not end.
func endless(end) context.Context { return context.Background() }

// Pairs of critical sections of a Mutex, each on a thread of its own.
func TestModelMutexHistories(t *testing.T) {
	names := []string{"Lock", "TryLock", "LockContext", "Load", "Swap", "WithPanic", "Repair", "IsPoisoned"}
	for i, a := range names {
		for _, b := range names[i:] {
			t.Run(a+" and "+b, func(t *testing.T) {
				exploreHistories(t, mutexModel, func(w *model.World) (*history, func()) {
					m := new(own.Mutex[int])
					h, begin := modelHistory(2)
					for id, name := range []string{a, b} {
						w.Thread(func() {
							u := &mutexThread{id: id, m: m, h: h, context: endless}
							begin()
							u.do(name, id+1, never)
							if u.g != nil {
								begin()
								u.do("Write", id+1, never)
								begin()
								u.do("Unlock", 0, never)
							}
						})
					}
					return h, nil
				})
			})
		}
	}
}

// Pairs of critical sections of an RWMutex.
func TestModelRWMutexHistories(t *testing.T) {
	names := []string{"Lock", "TryLock", "LockContext", "RLock", "TryRLock", "RLockContext"}
	for i, a := range names {
		for _, b := range names[i:] {
			t.Run(a+" and "+b, func(t *testing.T) {
				exploreHistories(t, rwmutexModel, func(w *model.World) (*history, func()) {
					m := new(own.RWMutex[int])
					h, begin := modelHistory(2)
					for id, name := range []string{a, b} {
						w.Thread(func() {
							u := &rwmutexThread{id: id, m: m, h: h, context: endless}
							begin()
							u.do(name, 0, never)
							if u.w != nil {
								begin()
								u.do("Write", id+1, never)
								begin()
								u.do("Downgrade", 0, never)
							}
							if u.r != nil {
								begin()
								u.do("RUnlock", 0, never)
							}
						})
					}
					return h, nil
				})
			})
		}
	}
}

// Pairs of two calls each on the owners of one value.
func TestModelArcHistories(t *testing.T) {
	names := []string{"Clone", "Drop", "Downgrade", "Upgrade", "Weak.Drop", "StrongCount", "GetMut", "TryUnwrap", "IntoInner", "MakeMut"}
	for i, a := range names {
		for _, b := range names[i:] {
			t.Run(a+" and "+b, func(t *testing.T) {
				exploreHistories(t, arcModel, func(w *model.World) (*history, func()) {
					h, begin := modelHistory(2)
					first := newSharedValue(h)
					value := first.Value()
					users := []*arcThread{
						{id: 0, h: h, value: value, arcs: []*own.Arc[sharedValue]{first}},
						{id: 1, h: h, value: value},
					}
					users[0].do("Clone")
					users[1].arcs = append(users[1].arcs, users[0].pop())
					users[0].do("Downgrade")
					users[1].weaks, users[0].weaks = users[0].weaks, nil
					for id, name := range []string{a, b} {
						u := users[id]
						w.Thread(func() {
							do := func(name string) {
								if u.can(name) {
									begin()
									u.do(name)
								}
							}
							do(name)
							for u.can("Drop") {
								do("Drop")
							}
							for u.can("Weak.Drop") {
								do("Weak.Drop")
							}
						})
					}
					return h, func() { value.end(h) }
				})
			})
		}
	}
}
