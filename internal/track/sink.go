//go:build owndebug

package track

import (
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-own/own/internal/goroutine"
)

// sink is where reports go.
var sink struct {
	mu         sync.Mutex
	handle     func(*Report)
	all        []*Report
	made       uint64 // reports, ever; all has the last of them
	delivering map[uintptr]bool
	expected   map[Kind]int
}

// maxReports is how many reports are kept.
const maxReports = 1000

// deliver keeps r and hands it on: to the handler, or to standard error. It is called with
// nothing locked, so that a handler may do what it likes. A report that is made by the
// handler itself is kept, and not handed to it again. A panic in a handler is dropped, as
// those of own.OnPoison's hooks: what it was told of is what matters.
func deliver(r *Report) {
	r.Time = time.Now()
	sink.mu.Lock()
	r.expected = sink.expected[r.Kind] > 0
	sink.made++
	sink.all = append(sink.all, r)
	if len(sink.all) > maxReports {
		sink.all = slices.Delete(sink.all, 0, len(sink.all)-maxReports)
	}
	g, handle := goroutine.Address(), sink.handle
	if sink.delivering[g] {
		sink.mu.Unlock()
		return
	}
	if sink.delivering == nil {
		sink.delivering = map[uintptr]bool{}
	}
	sink.delivering[g] = true
	sink.mu.Unlock()
	defer func() {
		_ = recover()
		sink.mu.Lock()
		delete(sink.delivering, g)
		sink.mu.Unlock()
	}()
	if handle != nil {
		handle(r)
		return
	}
	if !r.expected {
		_, _ = os.Stderr.WriteString(r.String() + "\n")
	}
}

// Handle has reports handed to f, or printed if f is nil.
func Handle(f func(*Report)) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	sink.handle = f
}

// Reports returns the last reports.
func Reports() []*Report {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	return slices.Clone(sink.all)
}

// Expect has reports of a kind not count as left behind, nor printed, until the function
// that it returns is called.
func Expect(k Kind) (over func()) {
	change := func(n int) {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		if sink.expected == nil {
			sink.expected = map[Kind]int{}
		}
		sink.expected[k] += n
	}
	change(1)
	return func() { change(-1) }
}

// A Mark is a moment, to ask what has happened since. What is held then is remembered, for
// the clock does not tell: it stands still in a synctest bubble, and is another one there.
type Mark struct {
	reports uint64
	owner   uint64
	held    map[*token]bool
}

// Now returns a Mark of this moment.
func Now() Mark {
	m := Mark{owner: lastOwner.Load(), held: map[*token]bool{}}
	for _, t := range heldLocks() {
		m.held[t] = true
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	m.reports = sink.made
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
	if n := sink.made - m.reports; n > 0 {
		l.Reports = slices.Clone(sink.all[max(0, len(sink.all)-int(n)):])
		l.Reports = slices.DeleteFunc(l.Reports, func(r *Report) bool { return r.expected })
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
