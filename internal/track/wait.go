//go:build owndebug

package track

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
// else, and nobody can share it, it has not been got. A reader may have been let in by a
// writer that has left, and another be there who waits for it: so whoever lets it in says
// so first. All of it is looked at twice, and tokens and waits are never used again, so
// that what is there both times was there all the while, all at once.

// A wait is one goroutine that waits for a lock.
type wait struct {
	lock    *lock
	mode    Mode
	account *account
	number  uint64 // of the goroutine
	since   time.Duration
	at      *trace

	drains    bool  // it keeps out others, and waits for the readers to go
	in        *Flag // for a reader: it has been let in
	canGiveUp bool
	told      []string // the deadlocks that have been reported, of which it is a part
	outer     *wait    // of the same goroutine: a handler of reports waits within a wait
}

// A Flag says that a reader has been let in by a writer that left, which the reader may
// not know yet.
type Flag struct{ atomic.Bool }

// Set sets it.
func (f *Flag) Set() { f.Store(true) }

// walking is held by whoever walks along the graph, so that of two goroutines that close a
// cycle at the same time one does.
var walking sync.Mutex

// Block calls try, and if it fails puts on record that the running goroutine waits for l
// to write, and reports false: the caller is to wait now, and then to call Unblock. If
// nobody would ever wake it, the deadlock is reported, and returned with false, unless
// somebody in it can give up. drains is for a writer that keeps out others and waits for
// the readers to go.
func (l *Lock) Block(drains bool, try func() bool) (done bool, deadlock *Report) {
	if try() {
		return true, nil
	}
	w := &wait{lock: l.get(), mode: Write, since: time.Since(began), drains: drains, at: here()}
	return false, w.begin()
}

// Unblock says that the running goroutine does not wait any more.
func (l *Lock) Unblock() {
	g := goroutine.Address()
	s := shardOf(g)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.by[g]; a != nil {
		if w := a.waiting.Load(); w != nil {
			a.waiting.Store(w.outer)
		}
		s.close(a)
	}
}

// begin puts w on record. If it is never to end, the report of that is returned, with w
// off the record.
func (w *wait) begin() *Report {
	if alone := w.enter(); alone && !slices.ContainsFunc(w.blockers(), (*token).isForgotten) {
		return nil // nobody can wait for it
	}
	return w.check()
}

// enter puts w on record, and reports whether its goroutine holds nothing.
func (w *wait) enter() (alone bool) {
	g := goroutine.Address()
	s := shardOf(g)
	w.number = goroutine.Number() // before others can see w
	s.mu.Lock()
	defer s.mu.Unlock()
	w.account = s.open(g)
	if outer := w.account.waiting.Load(); outer != nil && outer.number == w.number {
		w.outer = outer
	}
	w.account.waiting.Store(w)
	return len(w.account.held) == 0
}

// leave strikes w off.
func (w *wait) leave() {
	s := w.account.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.account.waiting.CompareAndSwap(w, w.outer) {
		s.close(w.account)
	}
}

// blockers returns who has to give up the lock before w can have it. A reader that has not
// been let in waits for whoever writes, or is about to: they let in those that wait when
// they leave, and no other way leads in.
func (w *wait) blockers() []*token {
	if w.in != nil && w.in.Load() {
		return nil
	}
	w.lock.mu.Lock()
	defer w.lock.mu.Unlock()
	switch h := w.lock.holder; {
	case w.drains:
		return slices.Clone(w.lock.readers)
	case h == nil:
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
	if t := w.forgotten(); t != nil {
		walking.Unlock()
		return w.forEver(t)
	}
	// A cycle that nobody can leave comes first: it has to be ended now.
	var cycle []link
	if !w.canGiveUp {
		cycle = w.cycle(true)
	}
	if cycle == nil {
		cycle = w.cycle(false)
	}
	if cycle == nil {
		walking.Unlock()
		return nil
	}
	canGiveUp := slices.ContainsFunc(cycle, func(l link) bool { return l.wait.canGiveUp })
	r, known := w.report(cycle)
	if !canGiveUp {
		w.leave()
	}
	walking.Unlock()
	if !canGiveUp || !known { // it is known if w is one of several attempts of one wait
		deliver(r)
	}
	if canGiveUp {
		return nil
	}
	return r
}

// cycle returns the shortest cycle that w closes, or nil: one of waits that cannot be
// given up, or any.
func (w *wait) cycle(plain bool) []link {
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
			if next == nil || seen[account] || plain && next.canGiveUp {
				continue
			}
			if !t.vouch(next.number, next.at, true) {
				continue // another goroutine has that address now
			}
			to := &step{link{t, next}, from}
			if next != w {
				seen[account] = true
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
		}
	}
	return nil
}

func (t *token) isForgotten() bool { return t.forgotten.Load() }

// forgotten returns the token of a guard for which w waits and that has been collected, or
// nil.
func (w *wait) forgotten() *token {
	all := w.blockers()
	if i := slices.IndexFunc(all, (*token).isForgotten); i >= 0 {
		return all[i]
	}
	return nil
}

// forEver reports that w waits for a guard that has been collected. The report is returned
// if w cannot give up, with w off the record.
func (w *wait) forEver(t *token) *Report {
	r := &Report{
		Kind:      Deadlock,
		Headline:  fmt.Sprintf("goroutine %d waits for %s, whose guard was forgotten", w.number, w.lock.named()),
		Goroutine: w.number,
		At:        w.at.stack(),
		Guard:     ptr(t.hold()),
		Advice:    adviceForgotten,
	}
	if !w.canGiveUp {
		w.leave()
	}
	deliver(r)
	if w.canGiveUp {
		return nil
	}
	return r
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

// report says what the cycle is, and whether it has been reported: if all the others have
// waited since then, as they do now.
func (w *wait) report(cycle []link) (r *Report, known bool) {
	r = &Report{Kind: Deadlock, Goroutine: w.number, At: w.at.stack()}
	var parts []string
	for _, l := range cycle {
		parts = append(parts, fmt.Sprint(l.wait.number, ":", l.wait.lock.id))
	}
	slices.Sort(parts)
	key := strings.Join(parts, " ")
	known = len(cycle) > 1
	same := true
	for _, l := range cycle {
		known = known && (l.wait == w || slices.Contains(l.wait.told, key))
		same = same && l.wait.lock == w.lock
	}
	for _, l := range cycle {
		if !slices.Contains(l.wait.told, key) {
			l.wait.told = append(l.wait.told, key)
		}
		r.Cycle = append(r.Cycle, Step{
			Goroutine: l.wait.number,
			Holds:     l.holds.hold(),
			Wants:     l.wait.want(),
		})
	}
	switch n := len(cycle); {
	case n == 1:
		r.Headline = fmt.Sprintf("goroutine %d waits for a lock that it holds itself", w.number)
		r.Advice = "Locks are not reentrant. Pass the guard, or what it protects, to the function that locks again."
	case same:
		r.Headline = fmt.Sprintf("%d goroutines wait for each other", n)
		r.Advice = "Who reads must not lock for reading again: a writer may have come in between, and waits for the first to end. Pass the guard."
	default:
		r.Headline = fmt.Sprintf("%d goroutines wait for each other", n)
		r.Advice = "Lock them in the same order everywhere, or hold one at a time."
	}
	return r, known
}

func (w *wait) want() Want {
	return Want{w.lock.named(), w.mode, w.at.stack(), w.canGiveUp, w.drains}
}

func (t *token) hold() Hold { return Hold{t.lock.named(), t.mode, t.number.Load(), t.at.stack()} }

// Await puts on record that the running goroutine waits for l in a way that can be given
// up, or for a condition. Such a wait is part of a deadlock like others, for it cannot end
// well before it gets the lock. That is reported, and not ended by a panic.
func (l *Lock) Await(mode Mode) Wait { return l.await(mode, false) }

// Drain is Await of a writer that waits for the readers to go.
func (l *Lock) Drain() Wait { return l.await(Write, true) }

func (l *Lock) await(mode Mode, drains bool) Wait {
	w := &wait{lock: l.get(), mode: mode, since: time.Since(began), drains: drains, canGiveUp: true, at: here()}
	_ = w.begin()
	return Wait{w: w}
}

// Behind is Await of a reader in a queue, which others let in and then say so with in. It
// may not be able to give up: then Deadlock is to be asked.
func (l *Lock) Behind(in *Flag, canGiveUp bool) Wait {
	w := &wait{lock: l.get(), mode: Read, since: time.Since(began), in: in, canGiveUp: canGiveUp, at: here()}
	return Wait{w, w.begin()}
}

// A Wait is one that is on record.
type Wait struct {
	w        *wait
	deadlock *Report
}

// Deadlock returns the report of one that will never end, to be panicked with, or nil.
func (w Wait) Deadlock() any {
	if w.deadlock == nil {
		return nil
	}
	return w.deadlock
}

// Over strikes it off.
func (w Wait) Over() { w.w.leave() }
