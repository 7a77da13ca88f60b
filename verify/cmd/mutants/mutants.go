package main

import "slices"

// A mutant is the library with one bug.
type mutant struct {
	name string

	// bug says what is wrong, and where it is known from: from somebody's issue, from
	// the list in the design notes (§6.5 of analysis-testing.md), or because it is
	// tempting to write.
	bug string

	// race: it takes two goroutines at the same moment. The explorer finds that at
	// once, and the other tests with luck.
	race bool

	// debug: it is one of the debug build, and found by the tests of that.
	debug bool

	file     string // from the root of the module, with slashes
	old, new string // old occurs once in the file, and new takes its place
}

// mutants returns all of them. A bug on this list must be one that a caller can
// notice: an edit that changes nothing but the cost does not belong here.
func mutants() []mutant {
	return slices.Concat(mutexMutants, waitMutants, rwMutexMutants, arcMutants, atomicArcMutants, rcMutants, cellMutants, debugMutants)
}
