package own

import (
	"container/list"
	"runtime"
	"time"

	"github.com/go-own/own/internal/prim"
	"github.com/go-own/own/internal/track"
)

// A queue holds the waiters of one lock, in the order in which they came, and
// decides who of them gets it. These are its rules:
//
//   - A waiter is due if it has not looked at the value since it last changed. A
//     waiter without a condition is always due. The first that is due is next.
//   - A release really lets go of the lock, and wakes the one that is next, which
//     then tries for the lock itself. Whoever is quicker gets it: as a rule the
//     goroutine that has just released it, which goes on while the other wakes up.
//     To hand the lock over at each release would cost a switch of goroutines for
//     each: a queue of items between two goroutines was ten times slower.
//   - But one that is next is not passed for ever. If it wakes up and finds the
//     lock held, or if the lock has been released as often as prim.Patience says,
//     it is owed the lock, and the release after that hands it over without letting
//     go. So a waiter that is next is passed by prim.Patience others and one that
//     was quicker at the end, and by two or three if a processor is idle.
//   - A waiter that has been handed the lock and whose condition does not hold
//     passes it on, still held, to the one due after it. So after a change the
//     conditions are looked at in order, and the first whose condition holds is
//     the one that goes on.
//   - Passing on is a release as well once it has gone round: after as many turns
//     as there were waiters when the first of them began. Without this, waiters
//     that come back to the end of the queue (to a poisoned lock, say, or with
//     short timeouts) would pass the lock to each other for ever.
//   - In the other direction the sync.Mutex itself sees to it that nobody is left
//     behind: it lets nobody else in at a real release once a plain Lock has slept
//     for 1 ms; and there is a real release after each round of turns, or, if one
//     was woken meanwhile and found the lock held, after the next. A plain Lock
//     that is kept from running at all gets in after sliceOver.
//
// No wake-up is lost. Whoever comes tries for the lock itself, after it has entered
// the queue. If it fails, somebody holds the lock, or is about to, who looks at the
// queue after releasing it, and finds the waiter there. So while the lock is free and
// somebody is due, the first of those has been woken and is about to look, or will be
// by the one that has just released it. One that gives up with that wakes the next.
type queue struct {
	mu      prim.Latch // held for a few instructions; inside it core.mu is tried, never waited for
	waiters list.List  // of *waiter
	version uint64     // of the value: how many sections with waiters present may have changed it
	passed  int        // releases since one was next, in which another may have been quicker
	owed    bool       // who was next has been passed enough: who is next is to be handed the lock
	left    int        // turns until the lock must really be released

	released uint32    // how often the lock was released with somebody next in line
	began    time.Time // the time slice of sliceOver, or zero

	// awaits is how often Await has been called: a MappedGuard is good until the
	// next. It belongs to whoever holds the lock, not to mu. In the Guard itself it
	// would cost each lock.
	awaits uint64

	// For an RWMutex: readers that a writer keeps out, and the writer, if it can
	// be cancelled, that waits for other readers to go.
	readers list.List
	writer  *waiter
}

// A waiter is one goroutine that waits. Its fields belong to the queue's mu.
type waiter struct {
	place *list.Element // in the queue

	// wake receives a value when the waiter is to look at where it stands. It has
	// room for one, so that nobody blocks on it. It is made for one wait and not
	// pooled: a channel made inside a synctest bubble belongs to that bubble.
	wake prim.Signal

	// done is that of the context. It is asked for before the waiter can be handed
	// anything: it is a method of the user's, which may panic.
	done <-chan struct{}

	in track.Flag // it has been let in as a reader, for the debug build

	woken bool   // there is a value in wake, or w has just taken it and is about to look
	holds bool   // it has been handed the lock, or wants it no more
	saw   uint64 // the version for which its condition was false, or 0
}

func newWaiter(done <-chan struct{}) *waiter {
	return &waiter{wake: make(prim.Signal, 1), done: done}
}

// nudge has w look at where it stands.
func (w *waiter) nudge() {
	if !w.woken {
		w.woken = true
		prim.Send(w.wake)
	}
}

// hand gives w the lock that the caller holds, or has acquired for it.
func (w *waiter) hand() {
	w.holds = true
	w.nudge()
}

// due returns the first waiter that is due, from e on.
func due(e *list.Element, version uint64) *waiter {
	for ; e != nil; e = e.Next() {
		if w := e.Value.(*waiter); !w.holds && w.saw != version {
			return w
		}
	}
	return nil
}

// next returns the waiter whose turn it is, or nil.
func (q *queue) next() *waiter { return due(q.waiters.Front(), q.version) }

// begin hands w, which is next, the lock, and with it one turn for each waiter
// that is there.
func (q *queue) begin(w *waiter) {
	q.round()
	w.hand()
}

// round begins a round of turns.
func (q *queue) round() { q.passed, q.owed, q.left = 0, false, q.waiters.Len() }

// line returns c's queue, and makes it when it is first needed.
func (c *core) line() *queue {
	if q := c.queue.Load(); q != nil {
		return q
	}
	c.queue.CompareAndSwap(nil, &queue{version: 1})
	return c.queue.Load()
}

// enter puts w at the end of the queue, and reports whether w has the lock now. Whoever
// enters must leave, however the wait ends.
func (c *core) enter(w *waiter) (holds bool) {
	q := c.line()
	q.mu.Lock()
	defer q.mu.Unlock()
	w.place = q.waiters.PushBack(w)
	c.waiting.Add(1)
	return w.holds || q.next() == w && c.take(q, w)
}

// leave takes w out of the queue.
func (c *core) leave(w *waiter) {
	q := c.queue.Load()
	q.mu.Lock()
	q.waiters.Remove(w.place)
	c.waiting.Add(-1)
	woken := w.woken // and has not looked
	q.mu.Unlock()
	if woken {
		c.offer() // to the one after it
	}
}

// sleep waits until w is woken, or its context ends. If w is not woken, withdraw has
// been called, with q.mu held, and must see to it that w is not handed the lock any
// more. If w has been handed the lock it counts as woken, though its context has ended:
// both can happen at once, and a lock that was handed over must be passed on.
func (q *queue) sleep(w *waiter, withdraw func()) (woken bool) {
	if prim.Wait(w.wake, w.done) {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.holds {
		prim.Receive(w.wake) // it is there: hand sends with q.mu held
		return true
	}
	withdraw()
	return false
}

// look is what w does when it has been woken. It reports whether w has the lock.
func (c *core) look(w *waiter) bool {
	q := c.queue.Load()
	q.mu.Lock()
	defer q.mu.Unlock()
	w.woken = false
	if w.holds {
		return true
	}
	if q.next() != w {
		return false // one before it has become due since, and is woken for that
	}
	q.owed = !c.take(q, w) // if another was quicker
	return w.holds
}

// take tries for the lock for w, which is next and awake. It is called with q.mu held.
//
// The caller has stored something before, by entering the queue or by releasing
// the lock, and that must not change places with the look at the lock that follows.
// The load of waiting is there for this: sync.Mutex.TryLock begins with a plain load,
// which some processors let pass an earlier store, but not an earlier atomic load.
func (c *core) take(q *queue, w *waiter) bool {
	if c.waiting.Load() == 0 || !c.mu.TryLock() {
		return false
	}
	q.round()
	w.holds = true
	return true
}

// offer wakes the next waiter, if there is one, or hands it the lock if that is free
// and owed to it. It goes after a release, and its load of waiting is before its look
// at the lock for the reason that take gives.
func (c *core) offer() {
	if c.waiting.Load() == 0 {
		return
	}
	q := c.queue.Load()
	q.mu.Lock()
	defer q.mu.Unlock()
	switch w := q.next(); {
	case w == nil:
	case !q.owed:
		w.nudge()
	case c.mu.TryLock():
		q.begin(w)
	}
}

// releaseFrom releases c at the end of a critical section. If that section ends
// because its condition does not hold, w is to wait for it, and is not due until
// the value changes again.
func (c *core) releaseFrom(w *waiter, changed bool) {
	c.track.Lost(track.Write)
	q := c.queue.Load()
	q.mu.Lock()
	if changed {
		q.version++
	}
	if w != nil {
		w.saw, w.holds = q.version, false
	}
	next := q.next()
	if next != nil && q.owed {
		q.begin(next)
		q.mu.Unlock()
		return
	}
	c.letGo(q, next)
}

// letGo really releases c, with q.mu held, which it releases as well. Others may get in
// now until next has come to look, but not for ever.
func (c *core) letGo(q *queue, next *waiter) {
	if next != nil {
		q.passed++
		q.owed = q.owed || q.passed >= prim.Patience
	}
	yield := next != nil && q.sliceOver()
	q.mu.Unlock()
	c.mu.Unlock()
	if yield {
		runtime.Gosched()
	}
	c.offer()
}

// sliceOver reports, once in a while, that the lock has been passed about with somebody
// in line for a whole time slice, and that the processor is to be left to others while the lock is
// free. A goroutine that is woken runs next, within the slice of the one that woke
// it. So goroutines that wake each other in a row keep all others that are ready on
// that processor from running, among them plain Locks that have never had a chance
// to try. The runtime preempts at the end of a slice, but seldom hits goroutines
// that block after less than a microsecond: with GOMAXPROCS=1, plain Locks waited
// for seconds, and for minutes at times.
//
// To yield more often would be unjust to those who wait: beside a goroutine that
// only computes, they would have the lock a few times in each slice instead of
// thousands of times. A pause in between counts as part of the slice; that costs
// one yield too many when it is over.
func (q *queue) sliceOver() bool {
	if q.released++; q.released%releasesPerLook != 0 {
		return false
	}
	now := time.Now()
	if q.began.IsZero() {
		q.began = now
		return false
	}
	if now.Sub(q.began) < slice {
		return false
	}
	q.began = time.Time{} // not now: what others run until the next look is not ours
	return true
}

const (
	slice           = 10 * time.Millisecond // as the runtime's
	releasesPerLook = 16                    // at the clock
)

// pass hands the lock, which w was handed as a waiter, on to the one that is due
// after it, or releases it. If w stays, its condition does not hold; else it is
// about to leave the queue.
func (c *core) pass(w *waiter, stays bool) {
	c.track.Lost(track.Write)
	q := c.queue.Load()
	q.mu.Lock()
	if stays {
		w.saw, w.holds = q.version, false
	}
	// No waiter before w is due, or w would not have been next; q.next would find
	// the same one, and look at all of them again.
	next := due(w.place.Next(), q.version)
	if q.left--; next != nil && q.left > 0 {
		q.passed, q.owed = 0, false
		next.hand()
		q.mu.Unlock()
		return
	}
	c.letGo(q, next)
}
