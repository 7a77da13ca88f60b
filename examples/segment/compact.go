package main

import (
	"errors"
	"maps"
	"slices"

	"github.com/go-own/own"
)

var errOvertaken = errors.New("somebody else has compacted these segments")

// compact merges the two oldest segments into one. It reports false if there are
// no two. If it fails, the store is as it was.
func (s *store) compact() (done bool, err error) {
	old := s.current.Load()
	if old == nil {
		return false, errClosed
	}
	// A compactor is a reader, too: as long as it owns this set, no hook runs for
	// what is in it.
	defer old.Drop()
	n := len(old.Value().segments)
	if n < 2 {
		return false, nil
	}
	inputs := old.Value().segments[n-2:]
	entries, err := merge(inputs)
	if err != nil {
		return false, err
	}
	seg, err := s.write(entries) // takes long, and nobody waits for it
	if err != nil {
		return false, err
	}
	defer seg.Drop()
	err = s.publish(seg, func(now []*own.Arc[segment]) ([]*own.Arc[segment], error) {
		// Looked up in the set of this moment: meanwhile others have added
		// segments, or compacted these. To use n-2 again is the tempting way, and
		// loses what they did.
		i := slices.IndexFunc(now, inputs[0].PtrEq)
		if i < 0 {
			return nil, errOvertaken
		}
		return slices.Concat(now[:i], []*own.Arc[segment]{seg}, now[i+2:]), nil
	})
	if err != nil {
		return false, err
	}
	// After the swap, so that a failure leaves them; before old is dropped, so
	// that the hooks see it.
	for _, in := range inputs {
		in.Value().obsolete = true
	}
	return true, nil
}

// merge returns the entries of all segments, of which the first is the newest.
func merge(segments []*own.Arc[segment]) (map[string]string, error) {
	all := map[string]string{}
	for _, seg := range slices.Backward(segments) {
		entries, err := seg.Value().entries()
		if err != nil {
			return nil, err
		}
		maps.Copy(all, entries)
	}
	return all, nil
}
