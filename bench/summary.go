package main

import (
	"bytes"
	"strings"
)

// A quoted is a line of the table in the README of the library.
type quoted struct {
	work, against string
	ratios        []quotient
}

// A quotient is a ratio in a cell, of side to base.
type quotient struct{ workload, side, base string }

// quotations are the rows, those that are lost among them. Parts that are separated by
// semicolons have a ratio each.
var quotations = []quoted{
	{"`With`; guard: direct `Unlock`; deferred; error checked too", "`sync.Mutex` + defer", []quotient{
		{"Lock/increment", "own.With", "sync.Mutex"},
		{"Lock/increment", "own.Guard-direct", "sync.Mutex"},
		{"Lock/increment", "own.Guard-deferred", "sync.Mutex"},
		{"Lock/increment", "own.Guard-checked", "sync.Mutex"},
	}},
	{"guard, deferred", "a `sync.Mutex` that poisons, by hand", []quotient{{"Lock/increment", "own.Guard-deferred", "by-hand"}}},
	{"10 goroutines, `With`: empty section; one of 200 ns", "`sync.Mutex` + defer", []quotient{
		{"Contended/empty/10", "own.With", "sync.Mutex"},
		{"Contended/200ns/10", "own.With", "sync.Mutex"},
	}},
	{"`RWMutex`, guard deferred: read; write", "`sync.RWMutex` + defer", []quotient{
		{"RW/read", "own.RWMutex", "sync.RWMutex"},
		{"RW/write", "own.RWMutex", "sync.RWMutex"},
	}},
	{"free `LockContext`", "x/sync semaphore; 1-slot channel", []quotient{
		{"Lock/context", "own.LockContext", "semaphore.Weighted"},
		{"Lock/context", "own.LockContext", "channel"},
	}},
	{"taking turns by `Await`; a queue by `LockWhen`", "`sync.Cond`", []quotient{
		{"Turns/2", "own.Await", "sync.Cond"},
		{"Queue/4x4", "own.LockWhen", "sync.Cond"},
	}},
	{"`Arc` Clone + Drop; `Weak` Upgrade + Drop; `AtomicArc` Load + Drop", "two atomic adds; the same; `RWMutex` + hand-written count", []quotient{
		{"Count/clone", "own.Arc", "two-adds"},
		{"Count/upgrade", "own.Weak", "two-adds"},
		{"Count/load", "own.AtomicArc", "RWMutex+count"},
	}},
	{"guard, error checked; read; write; `Arc`; `Weak`", "Rust: `Mutex`; `RwLock`; the same; `Arc`; `Weak`", []quotient{
		{"Lock/increment", "own.Guard-checked", "rust.Mutex"},
		{"RW/read", "own.RWMutex", "rust.RwLock"},
		{"RW/write", "own.RWMutex", "rust.RwLock"},
		{"Count/clone", "own.Arc", "rust.Arc"},
		{"Count/upgrade", "own.Weak", "rust.Weak"},
	}},
}

// summary returns the table for the README of the library. A row of which nothing was
// measured is not there, and a part that was not measured is a dash.
func summary(r *run) string {
	t := &table{left: 3}
	t.add("work", "against", "ratio")
	for _, q := range quotations {
		var cells []string
		found := false
		for _, part := range q.ratios {
			e, ok := r.ratio(part.workload, part.side, part.base)
			if !ok {
				cells = append(cells, "–")
				continue
			}
			found = true
			cells = append(cells, times(e.center))
		}
		if found {
			t.add(q.work, q.against, strings.Join(cells, "; "))
		}
	}
	var b bytes.Buffer
	t.markdown(&b)
	return b.String()
}
