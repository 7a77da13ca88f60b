package own

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

// LetGo is the first half of a release: the lock is free, and nobody has looked
// for waiters yet.
func (m *Mutex[T]) LetGo() { m.core.mu.Unlock() }

// Waiting is how many readers and writers wait for m in a way that can be
// cancelled, or behind one that does.
func (m *RWMutex[T]) Waiting() int { return int(m.core.writers.waiting.Load()) }
