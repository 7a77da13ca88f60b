package main

import "github.com/go-own/own"

// A set is the segments that count at one time, the newest first. It never
// changes. The store owns the current one, and each reader the one that was
// current when it began.
//
// A set owns its segments, so a reader has one owner to get and to drop, however
// many files there are.
type set struct{ segments []*own.Arc[segment] }

// newSet returns the only owner of a set of the segments. It takes clones: the
// handles in segments stay with the caller, who borrows them from another set,
// most of them.
func (s *store) newSet(segments []*own.Arc[segment]) *own.Arc[set] {
	next := &set{}
	for _, seg := range segments {
		next.segments = append(next.segments, seg.Clone())
	}
	s.usage.MustWith(func(u *usage) { u.sets++ })
	return own.ArcFrom(next, s.dropSet)
}

// dropSet is the hook of a set. What a value owns is not dropped with it by
// itself. A segment that another set has too lives on.
func (s *store) dropSet(old *set) {
	for _, seg := range old.segments {
		seg.Drop()
	}
	// Afterwards, and not around the loop: the hook of a segment may need this
	// lock, to say what went wrong.
	s.usage.MustWith(func(u *usage) { u.sets-- })
}

// A reader sees the store as it was when the reader was opened. It belongs to one
// goroutine; others open their own.
type reader struct{ set *own.Arc[set] }

// get returns the value of key and whether there is one.
func (r *reader) get(key string) (value string, ok bool, err error) {
	for _, seg := range r.set.Value().segments {
		entries, err := seg.Value().entries()
		if err != nil {
			return "", false, err
		}
		if value, ok := entries[key]; ok {
			return value, true, nil
		}
	}
	return "", false, nil
}

// close gives up the owner, and with it files that nobody else needs. To close
// again does nothing. There is no flag for it: the handle itself is the flag.
func (r *reader) close() { r.set.Drop() }
