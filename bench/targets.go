package main

import (
	"fmt"
	"io"
)

// A target is what was set for the cost of a piece of work, before it was measured.
type target struct {
	work    string // in words
	against string // in words

	workload, side, base string
	limit                float64 // of the ratio of side to base

	// goal and test are instead of the four above for what is not a time: a test fails
	// if it is not met.
	goal, test string
}

// targets are those of the design.
var targets = []target{
	{work: "`With`, increment", against: "`sync.Mutex` + defer", workload: "Lock/increment", side: "own.With", base: "sync.Mutex", limit: 1.25},
	{work: "guard, direct `Unlock`", against: "`sync.Mutex` + defer", workload: "Lock/increment", side: "own.Guard-direct", base: "sync.Mutex", limit: 1.35},
	{work: "guard, deferred `Unlock`", against: "`sync.Mutex` + defer", workload: "Lock/increment", side: "own.Guard-deferred", base: "sync.Mutex", limit: 1.7},
	{work: "guard, error checked, deferred", against: "`sync.Mutex` + defer", workload: "Lock/increment", side: "own.Guard-checked", base: "sync.Mutex", limit: 1.9},
	{work: "`RWMutex`, read guard, deferred", against: "`sync.RWMutex` + defer", workload: "RW/read", side: "own.RWMutex", base: "sync.RWMutex", limit: 1.5},
	{work: "`RWMutex`, write guard, deferred", against: "`sync.RWMutex` + defer", workload: "RW/write", side: "own.RWMutex", base: "sync.RWMutex", limit: 1.7},
	{work: "2 goroutines, `With`, empty section", against: "`sync.Mutex` + defer", workload: "Contended/empty/2", side: "own.With", base: "sync.Mutex", limit: 1.3},
	{work: "10 goroutines, `With`, empty section", against: "`sync.Mutex` + defer", workload: "Contended/empty/10", side: "own.With", base: "sync.Mutex", limit: 1.3},
	{work: "100 goroutines, `With`, empty section", against: "`sync.Mutex` + defer", workload: "Contended/empty/100", side: "own.With", base: "sync.Mutex", limit: 1.3},
	{work: "2 goroutines, `With`, 200 ns section", against: "`sync.Mutex` + defer", workload: "Contended/200ns/2", side: "own.With", base: "sync.Mutex", limit: 1.05},
	{work: "10 goroutines, `With`, 200 ns section", against: "`sync.Mutex` + defer", workload: "Contended/200ns/10", side: "own.With", base: "sync.Mutex", limit: 1.05},
	{work: "100 goroutines, `With`, 200 ns section", against: "`sync.Mutex` + defer", workload: "Contended/200ns/100", side: "own.With", base: "sync.Mutex", limit: 1.05},
	{work: "uncontended `LockContext`", against: "x/sync semaphore", workload: "Lock/context", side: "own.LockContext", base: "semaphore.Weighted", limit: 0.8},
	{work: "uncontended `LockContext`", against: "1-slot channel", workload: "Lock/context", side: "own.LockContext", base: "channel", limit: 0.25},
	{work: "`Arc` Clone + Drop", against: "two atomic adds", workload: "Count/clone", side: "own.Arc", base: "two-adds", limit: 1.1},
	{work: "`Arc` Clone + Drop", against: "Rust `Arc`", workload: "Count/clone", side: "own.Arc", base: "rust.Arc", limit: 1.25},
	{work: "`Weak` Upgrade + Drop", against: "two atomic adds", workload: "Count/upgrade", side: "own.Weak", base: "two-adds", limit: 1.35},
	{work: "`Weak` Upgrade + Drop", against: "Rust `Weak`", workload: "Count/upgrade", side: "own.Weak", base: "rust.Weak", limit: 1.3},
	{work: "`AtomicArc` Load + Drop", against: "`RWMutex` + hand-written count", workload: "Count/load", side: "own.AtomicArc", base: "RWMutex+count", limit: 0.72},

	{work: "stored Clone + Drop", against: "nothing", goal: "1 allocation, ≤ 24 B", test: "TestAllocations, TestSizes"},
	{work: "allocations, handle used locally, `(g, err)` form included", against: "nothing", goal: "0", test: "TestAllocations"},
	{work: "size of `Mutex[T]` over `T`", against: "Rust: 8 B", goal: "≤ 32 B", test: "TestSizes"},
}

// verdict says whether a target is met. What is not clear by the confidence interval is at
// the edge, whichever side of the limit the median is on.
func (t *target) verdict(e estimate) string {
	switch {
	case !e.bounded():
		return "too few rounds"
	case e.hi < t.limit || e.lo == e.hi && e.hi == t.limit:
		return "met"
	case e.lo > t.limit:
		return "missed"
	}
	return "at the edge"
}

// verdicts prints the targets and how the run relates to them.
func verdicts(r *run, w io.Writer, markdown bool) {
	t := &table{left: 5}
	t.add("work", "against", "target", "measured", "verdict")
	for _, g := range targets {
		goal, found, verdict := fmt.Sprintf("≤ %g×", g.limit), "", "not measured"
		if g.test != "" {
			goal, found, verdict = g.goal, "", "pinned by a test: `"+g.test+"`"
		} else if e, ok := r.ratio(g.workload, g.side, g.base); ok {
			found, verdict = e.interval(), g.verdict(e)
		}
		t.add(g.work, g.against, goal, found, verdict)
	}
	if markdown {
		t.markdown(w)
	} else {
		t.plain().text(w)
	}
}
