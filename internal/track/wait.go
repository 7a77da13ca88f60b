//go:build owndebug

package track

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/go-own/own/internal/goroutine"
)

// The wait-for graph is not kept, it is there: a goroutine that waits has that on its
// account, the lock that it waits for knows who holds it, and those have accounts. Who is
// about to wait, and holds something itself, walks along it. If it comes back to itself,
// nobody on the way will ever go on.
//
// That is exact. What is on record as held is held. A wait is on record until the lock
// has been got and a little longer; but while the lock is on record as held by somebody
// else, and nobody can share it, it has not been got. Readers take another rule: see
// wait.by. All of it is looked at twice, and tokens and waits are never used again, so
// that what is there both times was there all the while, all at once.

// A wait is one goroutine that waits for a lock.
type wait struct {
	lock    *lock
	mode    Mode
	account *account
	number  uint64 // of the goroutine
	since   time.Duration
	at      *trace

	drains    bool // it keeps out others, and waits for the readers to go
	canGiveUp bool
	reported  bool // as part of a deadlock

	// by is, for a reader, the writer that was on record when it could not get the lock,
	// after it was on record itself. It waits for that one: when it goes, readers that
	// wait are let in, and who comes then is no concern of theirs.
	by *token
}

// walking is held by whoever walks along the graph, so that of two goroutines that close a
// cycle at the same time one does.
var walking sync.Mutex

// Block calls try until it succeeds, and reports true, or puts on record that the running
// goroutine waits for l, and reports false: the caller is to wait now, and then to call
// Unblock. If nobody would ever wake it, the deadlock is reported, and returned with
// false, unless somebody in it can give up. drains is for a writer that keeps out others
// and waits for the readers to go.
func (l *Lock) Block(mode Mode, drains, canGiveUp bool, try func() bool) (done bool, deadlock *Report) {
	if try() {
		return true, nil
	}
	k := l.get()
	w := &wait{lock: k, mode: mode, since: time.Since(began), drains: drains, canGiveUp: canGiveUp}
	w.at = here()
	for {
		alone := w.enter()
		if w.mode == Read {
			// Once more, with by on record: who keeps it out now is that one, or has been.
			if try() {
				w.leave()
				return true, nil
			}
			if w.by == nil {
				w.leave() // the writer is not on record yet, or not any more
				runtime.Gosched()
				if try() {
					return true, nil
				}
				continue
			}
		}
		if alone {
			return false, nil
		}
		return false, w.check()
	}
}

// Unblock says that the running goroutine does not wait any more.
func (l *Lock) Unblock() {
	g := goroutine.Address()
	s := shardOf(g)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.by[g]; a != nil {
		a.waiting.Store(nil)
		s.close(a)
	}
}

// enter puts w on record, and reports whether its goroutine holds nothing, so that nobody
// can wait for it.
func (w *wait) enter() (alone bool) {
	if w.mode == Read {
		w.lock.mu.Lock()
		w.by = w.lock.holder
		w.lock.mu.Unlock()
	}
	g := goroutine.Address()
	s := shardOf(g)
	if w.number == 0 {
		w.number = goroutine.Number() // before others can see w
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.account = s.open(g)
	w.account.waiting.Store(w)
	return len(w.account.held) == 0
}

// leave strikes w off.
func (w *wait) leave() {
	s := w.account.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.account.waiting.CompareAndSwap(w, nil) {
		s.close(w.account)
	}
}

// blockers returns who has to give up the lock before w can have it.
func (w *wait) blockers() []*token {
	w.lock.mu.Lock()
	defer w.lock.mu.Unlock()
	switch h := w.lock.holder; {
	case w.drains:
		return slices.Clone(w.lock.readers)
	case h == nil || w.mode == Read && h != w.by:
		return nil
	default:
		return []*token{h}
	}
}

// A link of a cycle is a wait, and the lock that its goroutine holds, for which the one
// before it waits.
type link struct {
	holds *token
	wait  *wait
}

// check looks for a cycle that w closes. If there is one it is reported, and returned if
// w is never to end, with w off the record.
func (w *wait) check() *Report {
	walking.Lock()
	cycle := w.cycle()
	if cycle == nil {
		walking.Unlock()
		return nil
	}
	canGiveUp, known := false, len(cycle) > 1
	for _, l := range cycle {
		canGiveUp = canGiveUp || l.wait.canGiveUp
		known = known && (l.wait == w || l.wait.reported)
	}
	r := w.report(cycle)
	if !canGiveUp {
		w.leave()
	}
	walking.Unlock()
	if !known { // as it is if w is one of several attempts of one wait
		deliver(r)
	}
	if canGiveUp {
		return nil
	}
	return r
}

// cycle returns the shortest cycle that w closes, or nil.
func (w *wait) cycle() []link {
	type step struct {
		link
		before *step
	}
	seen := map[*account]bool{}
	for queue := []*step{{link: link{wait: w}}}; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, t := range from.wait.blockers() {
			account := t.account.Load()
			next := account.waiting.Load()
			if next == nil || seen[account] {
				continue
			}
			if !t.vouch(next.number, next.at) {
				continue // another goroutine has that address now
			}
			seen[account] = true
			to := &step{link{t, next}, from}
			if next != w {
				queue = append(queue, to)
				continue
			}
			// Back again. The first link is that of w: what it holds is t.
			var cycle []link
			for s := to; s.before != nil; s = s.before {
				cycle = append(cycle, s.link)
			}
			slices.Reverse(cycle)
			cycle = append([]link{cycle[len(cycle)-1]}, cycle[:len(cycle)-1]...)
			if still(cycle) {
				return cycle
			}
			return nil
		}
	}
	return nil
}

// still reports whether everything in the cycle is as it was.
func still(cycle []link) bool {
	for i, l := range cycle {
		next := cycle[(i+1)%len(cycle)]
		if l.holds.account.Load().waiting.Load() != l.wait || !slices.Contains(l.wait.blockers(), next.holds) {
			return false
		}
	}
	return true
}

// report says what the cycle is.
func (w *wait) report(cycle []link) *Report {
	r := &Report{Kind: Deadlock, Goroutine: w.number, At: w.at.stack()}
	for _, l := range cycle {
		l.wait.reported = true
		r.Cycle = append(r.Cycle, Step{
			Goroutine: l.wait.number,
			Holds:     l.holds.hold(),
			Wants:     Want{l.wait.lock.named(), l.wait.mode, l.wait.at.stack(), l.wait.canGiveUp},
		})
	}
	switch n := len(cycle); n {
	case 1:
		r.Headline = fmt.Sprintf("goroutine %d waits for a lock that it holds itself", w.number)
		r.Advice = "Locks are not reentrant. Pass the guard, or what it protects, to the function that locks again."
	default:
		r.Headline = fmt.Sprintf("%d goroutines wait for each other", n)
		r.Advice = "Lock them in the same order everywhere, or hold one at a time."
	}
	return r
}

func (t *token) hold() Hold { return Hold{t.lock.named(), t.mode, t.number.Load(), t.at.stack()} }

// Await puts on record that the running goroutine waits for l in a way that can be given
// up, or for a condition. Such a wait is part of a deadlock like others, for it cannot end
// well before it gets the lock. That is reported, and not ended by a panic.
func (l *Lock) Await(mode Mode) Wait { return l.await(mode, false) }

// Drain is Await of a writer that waits for the readers to go.
func (l *Lock) Drain() Wait { return l.await(Write, true) }

func (l *Lock) await(mode Mode, drains bool) Wait {
	w := &wait{lock: l.get(), mode: mode, since: time.Since(began), drains: drains, canGiveUp: true}
	w.at = here()
	if !w.enter() {
		w.check()
	}
	return Wait{w}
}

// A Wait is one that Await has put on record.
type Wait struct{ w *wait }

// Over strikes it off.
func (w Wait) Over() { w.w.leave() }
