//go:build owndebug

package track

import (
	"runtime"
	"slices"
	"sync"
	"time"
	"weak"
)

// Look returns everything that is known now.
func Look() *Snapshot {
	s := &Snapshot{Time: time.Now(), Owners: group(liveSince(0)), Poisoned: poisonedLocks(), Order: orders(), Reports: Reports()}
	for _, t := range heldLocks() {
		s.Held = append(s.Held, t.public())
	}
	var waits []*wait
	for i := range accounts {
		sh := &accounts[i]
		sh.mu.Lock()
		for _, a := range sh.by {
			if w := a.waiting.Load(); w != nil {
				waits = append(waits, w)
			}
		}
		sh.mu.Unlock()
	}
	for _, w := range waits {
		s.Waiting = append(s.Waiting, Waiter{Goroutine: w.number, Want: w.want(), Since: began.Add(w.since)})
	}
	slices.SortFunc(s.Waiting, func(a, b Waiter) int { return a.Since.Compare(b.Since) })
	return s
}

// orders returns the edges of the graph of lock order.
func orders() []Before {
	type found struct {
		*variant
		reported bool
	}
	var edges []found // stacks take long to make, and others want to lock
	graph.mu.Lock()
	for n := range graph.nodes {
		for _, e := range n.out {
			edges = append(edges, found{e.variants[0], e.reported})
		}
	}
	graph.mu.Unlock()
	var all []Before
	for _, v := range edges {
		all = append(all, Before{v.edge.from.named(), v.edge.to.named(), v.held.stack(), v.taken.stack(), v.reported})
	}
	slices.SortFunc(all, func(a, b Before) int {
		if a.From.ID != b.From.ID {
			return int(a.From.ID) - int(b.From.ID)
		}
		return int(a.To.ID) - int(b.To.ID)
	})
	return all
}

// poisoned has the locks that are poisoned, weakly.
var poisoned struct {
	mu sync.Mutex
	by map[uint64]poison
}

type poison struct {
	lock  weak.Pointer[lock]
	since time.Time
}

// Poisoned goes after the lock has become that.
func (l *Lock) Poisoned(cause error) {
	k := l.get()
	poisoned.mu.Lock()
	defer poisoned.mu.Unlock()
	if poisoned.by == nil {
		poisoned.by = map[uint64]poison{}
	}
	poisoned.by[k.id] = poison{weak.Make(k), time.Now()}
	k.cause = cause
	if !k.watched {
		k.watched = true
		runtime.AddCleanup(k, recovered, k.id)
	}
}

// Healthy goes after the poison has been cleared.
func (l *Lock) Healthy() {
	if k := l.known.Load(); k != nil {
		recovered(k.id)
	}
}

func recovered(id uint64) {
	poisoned.mu.Lock()
	defer poisoned.mu.Unlock()
	if delete(poisoned.by, id); len(poisoned.by) == 0 {
		poisoned.by = nil // an empty map keeps the room that it once needed
	}
}

func poisonedLocks() []Poisoned {
	type found struct {
		*lock
		cause error
		since time.Time
	}
	var by []found
	poisoned.mu.Lock()
	for _, p := range poisoned.by {
		if k := p.lock.Value(); k != nil {
			by = append(by, found{k, k.cause, p.since})
		}
	}
	poisoned.mu.Unlock()
	var all []Poisoned
	for _, p := range by {
		all = append(all, Poisoned{p.named(), p.cause.Error(), p.since}) // which formats what was panicked with
	}
	slices.SortFunc(all, func(a, b Poisoned) int { return int(a.Lock.ID) - int(b.Lock.ID) })
	return all
}
