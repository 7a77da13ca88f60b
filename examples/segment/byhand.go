package main

import (
	"errors"
	"sync/atomic"
)

// A countedTable is a segment as one writes it without Arc: with a count. The
// store has one reference and each reader one, so whoever comes to zero may
// close and delete the file: it has been compacted away, or so it seems.
type countedTable struct {
	*segment
	disk disk
	refs atomic.Int32
}

func newCountedTable(d disk, s *segment) *countedTable {
	t := &countedTable{segment: s, disk: d}
	t.refs.Store(1)
	return t
}

func (t *countedTable) incRef() { t.refs.Add(1) }

// decRef cannot see whose reference it gives up. The check finds one decRef too
// many, when it is too late: it is the innocent who come last and panic.
func (t *countedTable) decRef() error {
	n := t.refs.Add(-1)
	if n < 0 {
		panic("references below zero")
	}
	if n > 0 {
		return nil
	}
	return errors.Join(t.file.Close(), t.disk.remove(t.name))
}

// A countedReader has no state of its own, and nothing to tell a first close from
// a second. A closed flag in it repairs it. Then each user of each counted type
// needs one, and one that is forgotten takes the file away from all.
type countedReader struct{ table *countedTable }

func (r countedReader) open()        { r.table.incRef() }
func (r countedReader) close() error { return r.table.decRef() }
