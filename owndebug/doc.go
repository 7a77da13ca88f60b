// Package owndebug says what goes wrong with the locks and owners of package own that no
// test of a result shows: deadlocks, and orders of locking that may become one; guards and
// owners that are forgotten; releases that cannot see a panic; handles that cross to
// another goroutine and must not.
//
// It does so in the debug build,
//
//	go test -tags owndebug ./...
//
// and in no other: without the tag, everything here does nothing, and package own has no
// trace of it. With the tag, programs do what they did before, and more slowly; see below.
//
// # Reports
//
// A report is printed to standard error, or handed to the function given to [OnReport].
// It says what is wrong in one line, then who did it where, then what to do. What is found
// again at the same places is counted, and not printed whole again.
//
//   - [Deadlock]: some goroutines wait for each other, and nobody will ever go on. It is
//     found when the last of them is about to wait. That one panics with the report, since
//     it would have hung; unless one of them waits in a way that can be given up
//     (LockContext, LockWhen, Await, whatever their context): then it is only reported. To
//     wait for a lock whose guard was forgotten is a deadlock, too. What is reported is a
//     deadlock, always, where guards stay with their goroutines: see below.
//   - [PotentialDeadlock]: some locks are taken in orders that do not agree, by several
//     goroutines, and it went well this time. Locks that only readers meet at, that are
//     kept apart by another lock, that were tried, or that one goroutine took in both
//     orders are passed over; so is what is gone. Each cycle of up to 64 locks is reported
//     once, and of those that one lock closes at once the 16 shortest; where a goroutine
//     holds more than 64 locks, the latest count. It is a prediction: what else keeps the
//     goroutines apart, a channel say, is not known here.
//   - [LeakedGuard]: a guard was collected while it held its lock.
//   - [LeakedOwner]: an Arc or Rc was collected without Drop.
//   - [PoisonBlind]: a panic was on its way, and an Unlock did not see it, because it was
//     called by a deferred function and not deferred itself. The value may be half updated
//     and the lock is not poisoned. A function that recovers and then unlocks on purpose
//     is reported too.
//   - [NotSend]: a guard, an Rc, or a RefCell that was borrowed, was used by two goroutines.
//     The guard works, and its lock goes to the account of the new goroutine. That
//     all handles of an Rc move together, which is sound and Rust refuses, is reported too.
//
// Deadlocks are found on the rule that a guard stays with its goroutine. One that was
// handed over counts as the first one's until the second uses it: if the first waits for
// the same lock before that, it is taken to wait for itself, and panics. If the first has
// ended by then, and the next one in its place runs the same function, it counts as that
// one's.
//
// # In tests
//
// [VerifyNone] makes a test fail for whatever it leaves behind: reports, locks still held,
// owners not dropped. [TestMain] does the same for all tests of a package.
//
// # Cost
//
// Everything is on, always. It is meant for tests, and for a server that one looks into.
// In one run (go run . -run Debug in the module bench), on a busy machine, a pair of Lock and
// Unlock that nobody disturbs took 120 times as long as with [sync.Mutex], a microsecond, 0.54
// of what it takes with go-deadlock and 0.49 of linkdata/deadlock; with 1000 locks held
// elsewhere a twentieth, since it does not matter here what others hold. Without this or that
// (each taken out by hand), a pair takes less:
//
//   - a third, without noticing a guard that is forgotten;
//   - a fifth, without looking for a panic that an Unlock does not see;
//   - a quarter, without keeping on record who holds what, and where it was locked, which
//     deadlocks are found by, and the page shows;
//   - a twentieth, without asking whether other locks are held; if so, and if the chain of them
//     has been seen before, a little more. A chain that is new costs some microseconds, once.
//
// Who has to wait for a lock looks up its goroutine's number first, some microseconds or,
// where calls are nested deeply, tens of them. An owner costs about as much as a pair. A small
// HTTP service that locks twice in each request took 1.06 times as long for one as without,
// in that run, and 1.11 in others.
package owndebug
