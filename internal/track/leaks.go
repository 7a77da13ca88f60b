//go:build owndebug

package track

import "slices"

// A Mark is a moment, to ask what has happened since. What is held then is remembered, for
// the clock does not tell: it stands still in a synctest bubble, and is another one there.
type Mark struct {
	found map[*finding]int // times unexpected
	owner uint64
	held  map[*token]bool
}

// Now returns a Mark of this moment.
func Now() Mark {
	m := Mark{found: map[*finding]int{}, owner: lastOwner.Load(), held: map[*token]bool{}}
	for _, t := range heldLocks() {
		m.held[t] = true
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	for _, f := range sink.found {
		m.found[f] = f.unexpected
	}
	return m
}

// Leaks are what has been left behind.
type Leaks struct {
	Held    []HeldLock
	Owners  []Owned
	Reports []*Report
}

// Since returns what has been left behind since m: reports, locks that were taken and are
// still held, owners that were made and are still alive.
func Since(m Mark) (l Leaks) {
	sink.mu.Lock()
	for _, f := range findings() {
		if n := f.unexpected - m.found[f]; n > 0 {
			r := *f.latest
			r.Times = n
			l.Reports = append(l.Reports, &r)
		}
	}
	sink.mu.Unlock()
	for _, h := range heldLocks() {
		if !m.held[h] {
			l.Held = append(l.Held, h.public())
		}
	}
	l.Owners = group(liveSince(m.owner))
	return l
}

// heldLocks returns the tokens of all locks that are on somebody's account, the oldest
// first.
func heldLocks() []*token {
	var all []*token
	for i := range accounts {
		s := &accounts[i]
		s.mu.Lock()
		for _, a := range s.by {
			all = append(all, a.held...)
		}
		s.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b *token) int { return int(a.since - b.since) })
	return all
}

func (t *token) public() HeldLock { return HeldLock{t.hold(), began.Add(t.since)} }

// Forget strikes off the locks that were taken since m and are still held, or the owners
// that were made and are still alive: they were leaked on purpose.
func Forget(m Mark, guards, owners bool) {
	if guards {
		for _, t := range heldLocks() {
			if !m.held[t] {
				t.lock.strike(t)
			}
		}
	}
	if owners {
		for _, r := range liveSince(m.owner) {
			r.strike()
		}
	}
}
