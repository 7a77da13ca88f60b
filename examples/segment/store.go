package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/go-own/own"
)

var errClosed = errors.New("the store is closed")

// A store has a current set of segments. Whoever does something with the store
// owns a set while doing so; when the last set is gone, so are all open files.
//
// A real store also has a file that names the segments that count, and writes it
// before it deletes any.
type store struct {
	disk disk
	last atomic.Int64 // number of the newest file

	// current is empty once the store is closed.
	//
	// It could be a Mutex[*own.Arc[set]] as well: lock, clone, unlock. But then
	// whoever exchanges the set has the old one in hand with the lock held, and
	// must remember to drop it later: the hook closes and deletes files, and all
	// readers would wait for the disk. pebble has two functions for it, unref and
	// unrefLocked. With a cell, no lock is held, and nothing is to be remembered.
	current own.AtomicArc[set]

	usage own.Mutex[usage]
}

// usage is what the hooks have to tell.
type usage struct {
	sets int     // how many sets have an owner
	errs []error // of closing and deleting; a hook has nobody to return them to
}

func newStore(d disk) *store {
	s := &store{disk: d}
	s.current.Store(s.newSet(nil))
	return s
}

// open returns a reader. Whoever opens it closes it.
func (s *store) open() (*reader, error) {
	now := s.current.Load()
	if now == nil {
		return nil, errClosed
	}
	return &reader{now}, nil
}

// add puts the entries into a new segment, which overrides the older ones.
func (s *store) add(entries map[string]string) error {
	now := s.current.Load()
	if now == nil {
		return errClosed
	}
	defer now.Drop() // until then, close waits for us
	seg, err := s.write(entries)
	if err != nil {
		return err
	}
	defer seg.Drop() // the set has an owner of its own
	return s.publish(seg, func(old []*own.Arc[segment]) ([]*own.Arc[segment], error) {
		return slices.Concat([]*own.Arc[segment]{seg}, old), nil
	})
}

// write returns the only owner of a new segment. It is obsolete, for as long as
// no set has it.
func (s *store) write(entries map[string]string) (*own.Arc[segment], error) {
	name := fmt.Sprintf("%d.seg", s.last.Add(1))
	f, err := create(s.disk, name, entries)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return own.ArcFrom(&segment{name: name, file: f, obsolete: true}, func(seg *segment) {
		if err := seg.drop(s.disk); err != nil {
			s.usage.MustWith(func(u *usage) { u.errs = append(u.errs, err) })
		}
	}), nil
}

// publish makes seg, which is new, part of the current set, at the place where
// edit puts it. If it fails, seg stays obsolete.
func (s *store) publish(seg *own.Arc[segment], edit func(old []*own.Arc[segment]) ([]*own.Arc[segment], error)) error {
	// Before, while nobody else can see it. Afterwards a compactor may have made
	// it obsolete already.
	seg.Value().obsolete = false
	for {
		done, err := s.tryEdit(edit)
		if err != nil {
			seg.Value().obsolete = true
		}
		if done || err != nil {
			return err
		}
	}
}

// tryEdit exchanges the current set for one with the segments that edit returns.
// It reports false if somebody else was quicker.
func (s *store) tryEdit(edit func(old []*own.Arc[segment]) ([]*own.Arc[segment], error)) (done bool, err error) {
	old := s.current.Load()
	if old == nil {
		return false, errClosed
	}
	defer old.Drop()
	segments, err := edit(old.Value().segments)
	if err != nil {
		return false, err
	}
	next := s.newSet(segments)
	defer next.Drop() // if it is in the cell, this does nothing
	return s.current.CompareAndSwap(old, next), nil
}

// close waits until everybody is done, and returns what the hooks could not. If
// ctx ends before, it returns the error of ctx, and may be called again. From the
// first call on nobody can begin anything.
//
// Without a context, one reader that is never closed makes a shutdown wait for
// ever. To panic that somebody still reads is the other way out: VictoriaMetrics
// does.
func (s *store) close(ctx context.Context) error {
	s.current.Drop()
	g, err := s.usage.LockWhen(ctx, func(u *usage) bool { return u.sets == 0 })
	if err != nil {
		return fmt.Errorf("closing the store: somebody still uses it: %w", err)
	}
	defer g.Unlock()
	return errors.Join(g.Value().errs...)
}
