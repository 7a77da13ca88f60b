package own

import (
	"time"

	"github.com/go-own/own/internal/prim"
	"github.com/go-own/own/internal/track"
)

// SetStrongCount pretends that the value has n owners, for tests of overflow.
func (a *Arc[T]) SetStrongCount(n int) {
	w := a.s.count.word.Load()
	a.s.count.word.Store(w&^(oneWeak-1) | uint64(n))
}

// SetWeakCount pretends that the value has n Weaks.
func (a *Arc[T]) SetWeakCount(n int) {
	w := a.s.count.word.Load()
	a.s.count.word.Store(w&(oneWeak-1) | uint64(n)*oneWeak)
}

// MaxCount is the most owners, and the most Weaks, of a value.
const MaxCount = maxCount

// Waiting is how many wait for m in a way that can be cancelled, or for a
// condition.
func (m *Mutex[T]) Waiting() int { return int(m.core.waiting.Load()) }

// Patience is how many releases others may be quicker at.
const Patience = prim.Patience

// LetGo is the first half of a release: the lock is free, and nobody has looked
// for waiters yet.
func (m *Mutex[T]) LetGo() {
	m.core.track.Lost(track.Write)
	m.core.mu.Unlock()
}

// Offer is the second half of a release: it wakes the next waiter.
func (m *Mutex[T]) Offer() { m.core.offer() }

// SliceOver is what a release asks with somebody next in line.
func (m *Mutex[T]) SliceOver() bool { return m.core.line().sliceOver() }

// EndSlice makes the next SliceOver report true.
func (m *Mutex[T]) EndSlice() {
	q := m.core.line()
	q.released, q.began = releasesPerLook-1, time.Unix(0, 0)
}

// Waiting is how many readers and writers wait for m in a way that can be
// cancelled, or behind one that does.
func (m *RWMutex[T]) Waiting() int { return int(m.core.writers.waiting.Load()) }

// LetGo is the first half of a release by a writer.
func (m *RWMutex[T]) LetGo() {
	m.core.writers.track.Lost(track.Write)
	m.core.readers.Unlock()
	m.core.writers.mu.Unlock()
}
