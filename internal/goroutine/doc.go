// Package goroutine tells goroutines apart, for the debug build and for nothing else:
// without -tags owndebug it is empty.
//
// There are two answers, because the cheap one is not enough.
//
// [Address] is where the runtime keeps the running goroutine: its g. It costs a
// nanosecond and says which of the goroutines that exist now is running. It is reused as
// soon as the goroutine ends, so that it must not be remembered for longer than something
// lasts that the goroutine holds.
//
// [Number] is the one that a stack trace prints. It is never used again, but costs
// microseconds, because the stack is walked for it.
//
// Libraries for goroutine ids break with new releases of Go since they read the number
// from inside of g, at an offset that changes. Nothing here looks inside of g. That the
// assembler knows the running g by a name of its own (the register g on arm64, the
// thread-local slot on amd64) is part of Go's assembly language, which each package with
// assembly code relies on; and that the first line of a stack trace is "goroutine N [" has
// held since Go 1. A test compares the two on many goroutines, so that a release that
// changes either is noticed before anybody is misled.
package goroutine
