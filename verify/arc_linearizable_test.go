package verify

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Each count that an owner or a Weak sees, and each answer to whether it is the
// only one, is right at some moment during the call. The hook runs once.
func TestArcIsLinearizable(t *testing.T) {
	eachHistory(t, arcModel, func(seed uint64) (*history, error) {
		const calls = 7
		threads := 2 + int(seed%2)
		meeting := meeting{threads: int64(threads)}
		h := record(threads)
		first := newSharedValue(h)
		value := first.Value()
		users := make([]*arcThread, threads)
		for i := range users {
			users[i] = &arcThread{id: i, h: h, value: value}
		}
		// The first thread hands out handles before the others begin.
		users[0].arcs = []*own.Arc[sharedValue]{first}
		for _, u := range users[1:] {
			users[0].do("Clone")
			u.arcs = append(u.arcs, users[0].pop())
			if seed%4 < 2 { // GetMut says yes only without
				users[0].do("Downgrade")
				u.weaks, users[0].weaks = users[0].weaks, nil
			}
		}
		together(seed, threads, func(thread int, r *rand.Rand) {
			u := users[thread]
			for i := range calls {
				meeting.meet(i + 1)
				dawdle(r)
				name := pick(r, "Clone", "Drop", "Drop", "Downgrade", "Upgrade", "Upgrade", "Weak.Clone", "Weak.Drop", "Weak.Drop",
					"StrongCount", "WeakCount", "Weak.StrongCount", "Weak.WeakCount",
					"GetMut", "TryUnwrap", "IntoInner", "MakeMut", "UnwrapOrClone")
				if u.can(name) {
					u.do(name)
				}
			}
			meeting.leave()
			for u.can("Drop") {
				u.do("Drop")
			}
			for u.can("Weak.Drop") {
				u.do("Weak.Drop")
			}
		})
		value.end(h)
		return h, nil
	})
}

// An AtomicArc is a register, and the owners that come out of it are owners.
func TestAtomicArcIsLinearizable(t *testing.T) {
	eachHistory(t, cellModel, func(seed uint64) (*history, error) {
		const calls = 8
		threads := 2 + int(seed%2)
		meeting := meeting{threads: int64(threads)}
		h := record(threads)
		var cell own.AtomicArc[item]
		users := make([]*cellThread, threads)
		together(seed, threads, func(thread int, r *rand.Rand) {
			u := &cellThread{id: thread, h: h, cell: &cell}
			users[thread] = u
			for i := range calls {
				if r.IntN(2) == 0 {
					u.create()
				}
				meeting.meet(i + 1)
				dawdle(r)
				n := len(u.arcs) + 1 // one more, for none
				u.do(pick(r, "Load", "Load", "Store", "Swap", "CompareAndSwap", "CompareAndSwap", "CompareAndSwap", "GetMut"),
					r.IntN(n), r.IntN(n))
			}
			meeting.leave()
			u.end()
		})
		cell.Drop()
		for _, u := range users {
			if err := u.leftover(); err != nil {
				return nil, err
			}
		}
		return h, nil
	})
}

// The numbers of items fit into the model.
func TestItemsHaveBits(t *testing.T) {
	u := &cellThread{id: maxThreads - 1}
	for range 100 {
		u.create()
	}
	require.Less(t, u.made[len(u.made)-1].number, 64)
	u.end()
}
