// Package track is what the debug build knows of locks, guards and owners, and what it
// makes of it. Package owndebug is its public face.
//
// Without -tags owndebug its types have no size and its functions no body (off.go), so
// that the library calls them everywhere and a normal build has no trace of them. In
// generic code the calls stand in if track.Enabled: such code is compiled in the package
// that uses it, where the compiler leaves calls of empty functions that it has not been
// told to import. With the tag:
//
//   - lock.go: who holds which lock, kept by goroutine and by lock;
//   - wait.go: who waits for whom, and the cycle that is a deadlock;
//   - order.go: in which order locks are taken; cycle.go: the cycle in it that may become
//     a deadlock;
//   - guard.go: guards that are forgotten, handed over, or released where a panic is
//     not seen;
//   - owner.go: owners that are forgotten;
//   - report.go, text.go: what is said of all this; sink.go: to whom; leaks.go: what
//     is left behind;
//   - snapshot.go: what is known at one moment, for the page.
//
// Everything here obeys one rule, from which it follows that a deadlock that is reported
// is one: what is on record as held is held. A lock is put on record after it has been
// taken, and struck off before it is given back.
//
// It rests on another rule, which is the library's: a guard stays with the goroutine that
// locked. One that is handed over is reported, and goes to the account of the other
// goroutine when that first uses it.
package track
