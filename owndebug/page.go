//go:build owndebug

package owndebug

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-own/own/internal/track"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// The page shows so much and no more, so that it opens in a browser also when there is a
// leak. JSON has everything.
const (
	maxRows = 200 // of a table
	maxFull = 50  // reports
	maxOpen = 1   // reports that are read without a click
)

// A page is what the template shows.
type page struct {
	Program    string
	PID        int
	Goroutines int
	Time       string
	URL        string // without its scheme

	Reports  table[reportRow]
	Held     table[lockRow]
	Waiting  table[lockRow]
	Poisoned table[poisonRow]
	Owners   table[ownerRow]
	Order    table[orderRow]
	Graph    picture
}

// A table is the first rows of what there is.
type table[R any] struct {
	Rows  []R
	Total int // of what there is: locks, say, or owners
	Left  int // rows that are not shown
}

// tabulate makes a row of each, up to a limit.
func tabulate[A, R any](all []A, limit int, row func(A) R) table[R] {
	t := table[R]{Total: len(all), Left: max(0, len(all)-limit)}
	for _, a := range all[:len(all)-t.Left] {
		t.Rows = append(t.Rows, row(a))
	}
	return t
}

// A lock is a lock by its name.
type lock struct {
	ID    uint64
	Type  string
	Verb  string // made at, or first locked at
	Where string
}

// A stack is one that is shown as its first call, until somebody wants to see it all.
type stack struct {
	Function string // the first call, without the path of its package
	Where    string // its file and line
	Text     string // all calls, as in the trace of a panic
}

// A lockRow is a lock that is held, or wanted.
type lockRow struct {
	Lock      lock
	Mode      string
	Goroutine uint64 // 0: not known
	Age       string
	Stack     stack
	CanGiveUp bool
	Others    string // who waits for it, or who holds it
}

type poisonRow struct {
	Lock  lock
	Cause string
	Age   string
}

type ownerRow struct {
	Count int
	Type  string
	How   string
	Stack stack
}

type orderRow struct {
	From, To    lock
	Held, Taken stack
	Red         bool
}

type reportRow struct {
	Kind     string
	Headline string
	Times    int
	Age      string
	Text     string
	Open     bool
	Red      bool // a deadlock, potential or not
}

// newPage makes a page of s. url is where it is served.
func newPage(s *track.Snapshot, url string) *page {
	p := &page{
		Program:    program(),
		PID:        os.Getpid(),
		Goroutines: runtime.NumGoroutine(),
		Time:       s.Time.Format("2006-01-02 15:04:05 MST"),
		URL:        url,
		Graph:      draw(s.Order, s.Reports),
	}
	age := func(since time.Time) string { return roughly(s.Time.Sub(since)) }

	holders, waiters := map[uint64][]uint64{}, map[uint64]int{} // by lock
	for _, h := range s.Held {
		holders[h.Lock.ID] = append(holders[h.Lock.ID], h.Goroutine)
	}
	for _, w := range s.Waiting {
		waiters[w.Lock.ID]++
	}
	p.Held = tabulate(s.Held, maxRows, func(h track.HeldLock) lockRow {
		r := lockRow{Lock: newLock(h.Lock), Mode: h.Mode.String(), Goroutine: h.Goroutine, Age: age(h.Since), Stack: newStack(h.Locked)}
		if n := waiters[h.Lock.ID]; n > 0 {
			r.Others = fmt.Sprint(n)
		}
		return r
	})
	p.Waiting = tabulate(s.Waiting, maxRows, func(w track.Waiter) lockRow {
		return lockRow{
			Lock: newLock(w.Lock), Mode: w.Mode.String(), Goroutine: w.Goroutine, Age: age(w.Since), Stack: newStack(w.At),
			CanGiveUp: w.CanGiveUp, Others: heldBy(holders[w.Lock.ID]),
		}
	})
	p.Poisoned = tabulate(s.Poisoned, maxRows, func(l track.Poisoned) poisonRow {
		return poisonRow{newLock(l.Lock), l.Cause, age(l.Since)}
	})
	p.Owners = tabulate(s.Owners, maxRows, func(o track.Owned) ownerRow {
		return ownerRow{o.Count, o.Type, o.How, newStack(o.Made)}
	})
	p.Owners.Total = 0
	for _, o := range s.Owners {
		p.Owners.Total += o.Count
	}

	red := cycles(s.Order, s.Reports)
	order := slices.Clone(s.Order)
	slices.SortStableFunc(order, func(a, b track.Before) int {
		return cmp.Compare(rank(red[pair{b.From.ID, b.To.ID}]), rank(red[pair{a.From.ID, a.To.ID}]))
	})
	p.Order = tabulate(order, maxRows, func(e track.Before) orderRow {
		return orderRow{newLock(e.From), newLock(e.To), newStack(e.Held), newStack(e.Taken), red[pair{e.From.ID, e.To.ID}]}
	})

	latest := slices.Clone(s.Reports) // and what has come to a stop before what is to be mended
	slices.Reverse(latest)
	slices.SortStableFunc(latest, func(a, b *track.Report) int {
		return cmp.Compare(rank(b.Kind == track.Deadlock), rank(a.Kind == track.Deadlock))
	})
	p.Reports = tabulate(latest, maxFull, func(r *track.Report) reportRow {
		return reportRow{
			Kind: r.Kind.String(), Headline: r.Headline, Times: r.Times, Age: age(r.Time), Text: r.String(),
			Red: r.Kind == track.Deadlock || r.Kind == track.PotentialDeadlock,
		}
	})
	for i := range min(maxOpen, len(p.Reports.Rows)) {
		p.Reports.Rows[i].Open = true
	}
	return p
}

func program() string {
	if len(os.Args) == 0 {
		return "a program"
	}
	return filepath.Base(os.Args[0])
}

func newLock(n track.Named) lock {
	verb, where := placeOf(n)
	return lock{n.ID, n.Type, verb, where}
}

// newStack has the whole path of each file in the text, for an editor to open.
func newStack(s track.Stack) stack {
	if len(s) == 0 {
		return stack{}
	}
	var text strings.Builder
	for _, f := range s {
		fmt.Fprintf(&text, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
	}
	return stack{path.Base(s[0].Function), s[0].String(), text.String()}
}

// heldBy says who holds a lock. The list of those that hold may be a little older than
// that of those that wait.
func heldBy(goroutines []uint64) string {
	switch {
	case len(goroutines) == 0:
		return ""
	case len(goroutines) > 1:
		return fmt.Sprintf("%d goroutines", len(goroutines))
	case goroutines[0] == 0:
		return "one goroutine"
	default:
		return fmt.Sprintf("goroutine %d", goroutines[0])
	}
}

// roughly returns d with as many digits as a person wants to read.
func roughly(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Millisecond:
		return "0 s"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}
