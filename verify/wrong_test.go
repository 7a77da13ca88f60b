package verify

import (
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// Each model can say no: histories of broken locks and counts, beside ones that
// differ only in what makes them wrong. A check that never fails is none.

// A step is a call that returned, of a made-up history.
type step struct {
	thread        int
	input, output any
}

// A madeUp is a history in words: its rounds come one after the other, the calls
// of a round all overlap.
type madeUp struct {
	name   string
	legal  bool
	rounds [][]step
}

// requireJudged fails t unless model says of each history whether it is legal.
func requireJudged(t *testing.T, model porcupine.Model, histories []madeUp) {
	for _, m := range histories {
		t.Run(m.name, func(t *testing.T) {
			h := newHistory(maxThreads)
			for _, round := range m.rounds {
				var dones []func(any)
				for _, s := range round {
					dones = append(dones, h.call(s.thread, s.input))
				}
				for i, s := range round {
					dones[i](s.output)
				}
			}
			err := h.check(model)
			if m.legal {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "not linearizable")
			}
		})
	}
}

// inTurn makes rounds of one call each.
func inTurn(steps ...step) [][]step {
	var rounds [][]step
	for _, s := range steps {
		rounds = append(rounds, []step{s})
	}
	return rounds
}

// on is a call on a lock. n is its argument.
func on(thread int, name string, n int, r lockResult) step {
	return step{thread, lockCall{thread: thread, name: name, n: n}, r}
}

// within is on with a context.
func within(thread int, name string, n int, ctx end, r lockResult) step {
	return step{thread, lockCall{thread, name, n, ctx}, r}
}

var (
	well = lockResult{is: ok}
	busy = lockResult{is: wouldBlock}
	late = lockResult{is: cancelled}
)

func value(n int) lockResult       { return lockResult{is: ok, n: n} }
func poison(cause int) lockResult  { return lockResult{is: poisoned, cause: cause} }
func repairs(cause int) lockResult { return lockResult{is: ok, cause: cause} }

func TestMutexModelRejects(t *testing.T) {
	requireJudged(t, mutexModel, []madeUp{
		{"one holder after the other", true, inTurn(
			on(0, "Lock", 0, well), on(0, "Unlock", 0, well), on(1, "Lock", 0, well), on(1, "Unlock", 0, well))},
		{"two holders", false, inTurn(
			on(0, "Lock", 0, well), on(1, "Lock", 0, well), on(0, "Unlock", 0, well), on(1, "Unlock", 0, well))},
		{"a holder and a waiter", true, [][]step{
			{on(0, "Lock", 0, well)}, {on(1, "LockContext", 0, well), on(0, "Unlock", 0, well)}}},
		{"a section inside another", false, inTurn(
			on(0, "Lock", 0, well), on(1, "Store", 5, well), on(0, "Unlock", 0, well))},
		{"updates one after the other", true, inTurn(
			on(0, "With", 1, value(0)), on(1, "With", 1, value(1)), on(0, "Load", 0, value(2)))},
		{"updates at once", true, [][]step{
			{on(0, "With", 1, value(1)), on(1, "With", 1, value(0))}, {on(0, "Load", 0, value(2))}}},
		{"a lost update", false, [][]step{
			{on(0, "With", 1, value(0)), on(1, "With", 1, value(0))}, {on(0, "Load", 0, value(1))}}},
		{"a stale value", false, inTurn(
			on(0, "Store", 1, well), on(1, "Load", 0, value(0)))},
		{"a value that changes under a guard", false, [][]step{
			{on(0, "Lock", 0, well)}, {on(0, "Value", 0, value(0))}, {on(1, "Store", 1, well)}, {on(0, "Value", 0, value(1))}, {on(0, "Unlock", 0, well)}}},

		{"TryLock of a held lock", true, inTurn(
			on(0, "Lock", 0, well), on(1, "TryLock", 0, busy), on(0, "Unlock", 0, well))},
		{"TryLock while somebody comes and goes", true, [][]step{
			{on(0, "Load", 0, value(0)), on(1, "TryLock", 0, busy)}}},
		{"TryLock of a free lock says no", false, inTurn(
			on(0, "Load", 0, value(0)), on(1, "TryLock", 0, busy))},
		{"IsPoisoned is no excuse for TryLock", false, [][]step{
			{on(0, "IsPoisoned", 0, lockResult{is: no}), on(1, "TryLock", 0, busy)}}},

		{"a panic poisons", true, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "Lock", 0, poison(7)), on(1, "IsPoisoned", 0, lockResult{is: yes}))},
		{"a panic that does not poison", false, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "Lock", 0, well))},
		{"a half-updated value is handed out", false, inTurn(
			on(0, "Lock", 0, well), on(0, "Write", 3, well), on(0, "Panic", 7, well), on(1, "Load", 0, value(3)))},
		{"poison from nowhere", false, inTurn(
			on(0, "WithGoexit", 1, value(0)), on(1, "Store", 2, poison(7)))},
		{"Goexit in With poisons", true, inTurn(
			on(0, "WithGoexit", 1, value(0)), on(1, "Store", 2, poison(goexit)))},
		{"Goexit past Unlock does not", true, inTurn(
			on(0, "Lock", 0, well), on(0, "Goexit", 0, well), on(1, "Store", 2, well))},
		{"the first cause is kept", true, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "LockIgnorePoison", 0, well), on(1, "Panic", 8, well), on(0, "Load", 0, poison(7)))},
		{"the second cause replaces the first", false, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "LockIgnorePoison", 0, well), on(1, "Panic", 8, well), on(0, "Load", 0, poison(8)))},
		{"Repair clears", true, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "Repair", 4, repairs(7)), on(0, "Load", 0, value(4)))},
		{"one repairs", true, [][]step{
			{on(0, "WithPanic", 7, value(0))}, {on(1, "Repair", 4, repairs(7)), on(0, "Repair", 5, lockResult{is: idle})}, {on(0, "Load", 0, value(4))}}},
		{"two repair", false, [][]step{
			{on(0, "WithPanic", 7, value(0))}, {on(1, "Repair", 4, repairs(7)), on(0, "Repair", 5, repairs(7))}}},
		{"Repair clears though it failed", false, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "RepairErr", 4, repairs(7)), on(0, "Load", 0, value(7)))},
		{"a Repair that panics stays poisoned", true, inTurn(
			on(0, "WithPanic", 7, value(0)), on(1, "RepairPanic", 8, repairs(7)), on(1, "Panic", 8, well), on(0, "Load", 0, poison(7)))},
		{"ClearPoison during a Repair that panics", true, [][]step{
			{on(0, "WithPanic", 7, value(0))}, {on(1, "RepairPanic", 8, repairs(7))}, {on(0, "ClearPoison", 0, well)}, {on(1, "Panic", 8, well)}, {on(0, "Load", 0, poison(8))}}},

		{"a wait is given up", true, inTurn(
			on(0, "Lock", 0, well), within(1, "LockContext", 0, meanwhile, late), on(0, "Unlock", 0, well))},
		{"a wait without a limit is given up", false, inTurn(
			on(0, "Lock", 0, well), on(1, "LockContext", 0, late), on(0, "Unlock", 0, well))},
		{"an ended context takes a free lock", false, inTurn(
			within(1, "LockContext", 0, before, well), on(1, "Unlock", 0, well))},
		{"LockWhen gets what it waits for", true, [][]step{
			{within(1, "LockWhen", 3, meanwhile, well), on(0, "Store", 3, well)}, {on(1, "Unlock", 0, well)}}},
		{"LockWhen gets less", false, [][]step{
			{within(1, "LockWhen", 3, meanwhile, well), on(0, "Store", 2, well)}, {on(1, "Unlock", 0, well)}}},
		{"Await lets others in", true, [][]step{
			{on(0, "Lock", 0, well)}, {on(0, "Await", 3, well), on(0, "back", 3, well), on(1, "Store", 3, well)}, {on(0, "Unlock", 0, well)}}},
		{"Await comes back beside a holder", false, [][]step{
			{on(0, "Lock", 0, well)}, {on(0, "Await", 0, well), on(0, "back", 0, well), on(1, "Lock", 0, well)}, {on(0, "Value", 0, value(0))}, {on(1, "Unlock", 0, well)}}},
		{"Await ignores old poison", true, [][]step{
			{on(1, "WithPanic", 7, value(0))}, {on(0, "LockIgnorePoison", 0, well)}, {on(0, "Await", 7, well), on(0, "back", 7, well)}, {on(0, "Unlock", 0, well)}}},
		{"Await hears of a second Goexit", true, [][]step{
			{on(1, "WithGoexit", 1, value(0))}, {on(0, "LockIgnorePoison", 0, well)},
			{on(0, "Await", 9, well), on(0, "back", 9, poison(goexit)), on(1, "Repair", 2, repairs(goexit)), on(2, "WithGoexit", 9, value(2))}}},
		{"Await ignores a second Goexit", false, [][]step{
			{on(1, "WithGoexit", 1, value(0))}, {on(0, "LockIgnorePoison", 0, well)},
			{on(0, "Await", 9, well), on(0, "back", 9, well), on(1, "Repair", 2, repairs(goexit)), on(2, "WithGoexit", 9, value(2))}, {on(0, "Unlock", 0, well)}}},
		{"Await ignores new poison", false, [][]step{
			{on(0, "Lock", 0, well)}, {on(0, "Await", 7, well), on(0, "back", 7, well), on(1, "WithPanic", 7, value(0))}, {on(0, "Unlock", 0, well)}}},
	})
}

func TestRWMutexModelRejects(t *testing.T) {
	requireJudged(t, rwmutexModel, []madeUp{
		{"two readers", true, inTurn(
			on(0, "RLock", 0, well), on(1, "RLock", 0, well), on(0, "RUnlock", 0, well), on(1, "RUnlock", 0, well))},
		{"two writers", false, inTurn(
			on(0, "Lock", 0, well), on(1, "Lock", 0, well), on(0, "Unlock", 0, well), on(1, "Unlock", 0, well))},
		{"a reader beside a writer", false, inTurn(
			on(0, "Lock", 0, well), on(1, "RLock", 0, well), on(0, "Unlock", 0, well), on(1, "RUnlock", 0, well))},
		{"a writer beside a reader", false, inTurn(
			on(0, "RLock", 0, well), on(1, "LockContext", 0, well), on(0, "RUnlock", 0, well), on(1, "Unlock", 0, well))},
		{"a value that changes under a reader", false, [][]step{
			{on(0, "RLock", 0, well)}, {on(0, "Value", 0, value(0))}, {on(1, "Store", 1, well)}, {on(0, "Value", 0, value(1))}, {on(0, "RUnlock", 0, well)}}},
		{"a lost update", false, [][]step{
			{on(0, "With", 1, value(0)), on(1, "With", 1, value(0))}, {on(0, "Load", 0, value(1))}}},

		{"a downgrade", true, inTurn(
			on(0, "Lock", 0, well), on(0, "Write", 1, well), on(0, "Downgrade", 0, well), on(1, "RLock", 0, well),
			on(0, "Value", 0, value(1)), on(0, "RUnlock", 0, well), on(1, "RUnlock", 0, well))},
		{"a writer slips into a downgrade", false, [][]step{
			{on(0, "Lock", 0, well)}, {on(0, "Write", 1, well)}, {on(0, "Downgrade", 0, well), on(1, "Store", 2, well)}, {on(0, "Value", 0, value(2))}, {on(0, "RUnlock", 0, well)}}},
		{"a downgraded writer keeps readers out", false, inTurn(
			on(0, "Lock", 0, well), on(0, "Downgrade", 0, well), on(1, "TryRLock", 0, busy), on(0, "RUnlock", 0, well))},
		{"a downgraded writer lets writers in", false, inTurn(
			on(0, "Lock", 0, well), on(0, "Downgrade", 0, well), on(1, "Lock", 0, well), on(0, "RUnlock", 0, well))},

		{"TryLock beside a reader", true, inTurn(
			on(0, "RLock", 0, well), on(1, "TryLock", 0, busy), on(0, "RUnlock", 0, well))},
		{"TryRLock beside a reader says no", false, inTurn(
			on(0, "RLock", 0, well), on(1, "TryRLock", 0, busy), on(0, "RUnlock", 0, well))},
		{"TryRLock while a writer waits", true, [][]step{
			{on(0, "RLock", 0, well)}, {within(1, "LockContext", 0, meanwhile, late), on(2, "TryRLock", 0, busy)}, {on(0, "RUnlock", 0, well)}}},
		{"TryRLock after a writer gave up says no", false, inTurn(
			on(0, "RLock", 0, well), within(1, "LockContext", 0, meanwhile, late), on(2, "TryRLock", 0, busy), on(0, "RUnlock", 0, well))},

		{"a writer's panic poisons", true, inTurn(
			on(0, "Lock", 0, well), on(0, "Panic", 7, well), on(1, "RLock", 0, poison(7)), on(1, "Store", 1, poison(7)))},
		{"a writer's panic does not poison", false, inTurn(
			on(0, "Lock", 0, well), on(0, "Panic", 7, well), on(1, "RLock", 0, well))},
		{"a reader's panic poisons", false, inTurn(
			on(0, "RLock", 0, well), on(0, "RPanic", 7, well), on(1, "RLock", 0, poison(7)))},
		{"a writer hears of poison while others read", true, inTurn(
			on(0, "WithPanic", 7, value(0)), on(0, "RLockIgnorePoison", 0, well), on(1, "Lock", 0, poison(7)), on(0, "RUnlock", 0, well))},
		{"Repair beside a reader", false, inTurn(
			on(0, "WithPanic", 7, value(0)), on(0, "RLockIgnorePoison", 0, well), on(1, "Repair", 1, repairs(7)), on(0, "RUnlock", 0, well))},
	})
}

// of is a call on an owner or a Weak.
func of(thread int, name string, r arcResult) step { return step{thread, arcCall{name}, r} }

func TestArcModelRejects(t *testing.T) {
	done, hook, succeeds := arcResult{}, arcResult{hooks: 1}, arcResult{ok: true}
	runs := of(2, "hook", done) // within the call that runs it
	requireJudged(t, arcModel, []madeUp{
		{"a life", true, [][]step{
			{of(0, "Clone", done)}, {of(0, "Downgrade", done)}, {of(1, "Drop", done)}, {of(0, "Upgrade", succeeds)}, {of(0, "Drop", done)},
			{of(0, "Drop", hook), runs}, {of(0, "Upgrade", hook)}, {of(0, "Weak.Drop", hook)}, {of(0, "end", hook)}}},
		{"an upgrade after the last drop", false, [][]step{
			{of(0, "Downgrade", done)}, {of(0, "Drop", hook), runs}, {of(1, "Upgrade", arcResult{ok: true, hooks: 1})}}},
		{"an upgrade at the time of the last drop", true, [][]step{
			{of(0, "Downgrade", done)}, {of(0, "Drop", done), of(1, "Upgrade", succeeds)}, {of(1, "Drop", hook), runs}, {of(0, "Weak.Drop", hook)}, {of(0, "end", hook)}}},
		{"both the last drop and the upgrade succeed", false, [][]step{
			{of(0, "Downgrade", done)}, {of(0, "Drop", hook), runs, of(1, "Upgrade", succeeds)}, {of(1, "Drop", hook)}}},
		{"an upgrade fails beside an owner", false, inTurn(
			of(0, "Downgrade", done), of(1, "Upgrade", done))},
		{"no hook", false, inTurn(of(0, "Drop", done))},
		{"the hook runs after the drop", false, inTurn(of(0, "Drop", done), runs)},
		{"the hook runs before the last drop", false, [][]step{
			{of(0, "Clone", done)}, {of(0, "Drop", hook), runs}, {of(1, "Drop", hook)}}},
		{"the hook runs twice", false, [][]step{
			{of(0, "Drop", hook), runs}, {of(0, "end", arcResult{hooks: 2})}}},
		{"the hook runs after TryUnwrap", false, [][]step{
			{of(0, "TryUnwrap", succeeds), runs}, {of(0, "end", hook)}}},
		{"nobody drops last", false, [][]step{
			{of(0, "Clone", done)}, {of(0, "Drop", done), of(1, "Drop", done)}, {of(0, "end", done)}}},
		{"one of two drops is the last", true, [][]step{
			{of(0, "Clone", done)}, {of(0, "Drop", done), of(1, "Drop", hook), runs}, {of(0, "end", hook)}}},
		{"one gets the value", true, [][]step{
			{of(0, "Clone", done)}, {of(0, "IntoInner", succeeds), of(1, "IntoInner", done)}, {of(0, "end", done)}}},
		{"nobody gets the value", false, [][]step{
			{of(0, "Clone", done)}, {of(0, "IntoInner", done), of(1, "IntoInner", done)}}},
		{"both get the value", false, [][]step{
			{of(0, "Clone", done)}, {of(0, "IntoInner", succeeds), of(1, "IntoInner", succeeds)}}},
		{"neither unwraps", true, [][]step{
			{of(0, "Clone", done)}, {of(0, "TryUnwrap", done), of(1, "TryUnwrap", done)}}},
		{"the only owner does not unwrap", false, inTurn(of(0, "TryUnwrap", done))},
		{"GetMut beside a Weak", false, inTurn(of(0, "Downgrade", done), of(0, "GetMut", succeeds))},
		{"GetMut beside an upgraded Weak", false, [][]step{
			{of(0, "Downgrade", done)}, {of(0, "GetMut", succeeds), of(1, "Upgrade", succeeds)}, {of(1, "Weak.Drop", done)}}},
		{"GetMut of the only one fails", false, inTurn(of(0, "GetMut", done))},
		{"MakeMut beside another owner does not clone", false, inTurn(of(0, "Clone", done), of(0, "MakeMut", succeeds))},
		{"MakeMut cuts off Weaks", true, inTurn(of(0, "Downgrade", done), of(0, "MakeMut", succeeds), of(1, "Upgrade", done))},
		{"MakeMut leaves Weaks", false, inTurn(of(0, "Downgrade", done), of(0, "MakeMut", succeeds), of(1, "Upgrade", succeeds))},
		{"a lost count", false, [][]step{
			{of(0, "Clone", done), of(1, "Clone", done)}, {of(0, "StrongCount", arcResult{n: 2})}}},
		{"a Weak counted as an owner", false, inTurn(of(0, "Downgrade", done), of(0, "StrongCount", arcResult{n: 2}))},
	})
}

// put is a call on a cell, of an item that goes in.
func put(thread int, name string, item, old int, r cellResult) step {
	return step{thread, cellCall{name, item, old}, r}
}

func TestAtomicArcModelRejects(t *testing.T) {
	none, won, lost := cellResult{}, cellResult{ok: true}, cellResult{}
	gets := func(item int) cellResult { return cellResult{item: item} }
	requireJudged(t, cellModel, []madeUp{
		{"a register", true, inTurn(
			put(0, "Load", 0, 0, none), put(0, "Store", 1, 0, none), put(1, "Load", 0, 0, gets(1)), put(1, "Swap", 2, 0, gets(1)), put(0, "Load", 0, 0, gets(2)))},
		{"a stale load", false, inTurn(
			put(0, "Store", 1, 0, none), put(0, "Store", 2, 0, none), put(1, "Load", 0, 0, gets(1)))},
		{"an item taken out twice", false, [][]step{
			{put(0, "Store", 1, 0, none)}, {put(0, "Swap", 2, 0, gets(1)), put(1, "Swap", 3, 0, gets(1))}}},
		{"two win", false, [][]step{
			{put(0, "Store", 1, 0, none)}, {put(0, "CompareAndSwap", 2, 1, won), put(1, "CompareAndSwap", 3, 1, won)}}},
		{"one wins", true, [][]step{
			{put(0, "Store", 1, 0, none)}, {put(0, "CompareAndSwap", 2, 1, won), put(1, "CompareAndSwap", 3, 1, lost)}, {put(1, "Load", 0, 0, gets(2))}}},
		{"nobody wins", false, [][]step{
			{put(0, "Store", 1, 0, none)}, {put(0, "CompareAndSwap", 2, 1, lost), put(1, "CompareAndSwap", 3, 1, lost)}}},
		{"a loser puts its item in", false, inTurn(
			put(0, "Store", 1, 0, none), put(0, "CompareAndSwap", 2, 3, lost), put(0, "Load", 0, 0, gets(2)))},
		{"an owner of a dropped item", false, inTurn(
			put(0, "Store", 1, 0, none), put(1, "Load", 0, 0, cellResult{item: 1, dead: true}))},
		{"GetMut before", true, inTurn(put(0, "GetMut", 1, 0, won), put(0, "CompareAndSwap", 1, 2, lost), put(0, "GetMut", 1, 0, won))},
		{"GetMut after", false, inTurn(put(0, "Store", 1, 0, none), put(0, "Swap", 0, 0, gets(1)), put(0, "GetMut", 1, 0, won))},
	})
}

// A history with a call that is still open is not complete, and so proves nothing.
func TestHistoryIsComplete(t *testing.T) {
	h := newHistory(1)
	h.call(0, lockCall{name: "Lock"})
	require.ErrorContains(t, h.check(mutexModel), "has not returned")
}
