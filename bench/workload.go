package main

import "time"

// A workload is one piece of work that several contenders do, each in its own way.
type workload struct {
	// name is that of a benchmark, without the contender: Contended/empty/10. The first
	// part is the group.
	name string

	// what says in a few words what one operation is.
	what string

	// alone is whether one goroutine does the work, so that it can be pinned to a
	// processor.
	alone bool

	// n is how many operations a lap has, or 0 to have it found out.
	n int

	// unit is that of the figures, or "" for ns/op.
	unit string

	// sides are the contenders. The first is the one that the others are compared with.
	sides []side

	// rust is what of Rust's standard library does the same, or "". It is a side, too,
	// where Rust is there.
	rust string

	// rustMutex is the name by which Rust knows the same work with a Mutex, or "".
	rustMutex string
}

// A side is a contender at a workload.
type side struct {
	// name is a package or language and what is used of it: own.With, rust.Mutex.
	name string

	// start gets everything ready and returns the function that does n operations and
	// returns what they took, and one that puts everything away, or nil.
	start func() (lap func(n int) float64, stop func())
}

// timed returns the lap that does f n times on this goroutine, in nanoseconds for each.
func timed(f func(n int)) func(n int) float64 {
	return func(n int) float64 {
		begin := time.Now()
		f(n)
		return float64(time.Since(begin).Nanoseconds()) / float64(n)
	}
}

// loop returns a side that calls f in a loop. f is not to be inlined, as the methods of a
// service that lock are not: the call is part of all sides.
func loop[T any](name string, x *T, f func(*T)) side {
	return side{name, func() (func(int) float64, func()) {
		return timed(func(n int) {
			for range n {
				f(x)
			}
		}), nil
	}}
}
