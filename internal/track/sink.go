//go:build owndebug

package track

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-own/own/internal/goroutine"
)

// sink is where reports go.
var sink struct {
	mu         sync.Mutex
	handle     func(*Report)
	found      map[uint64]*finding // by Report.places
	made       uint64              // reports, ever
	delivering map[uintptr]bool
	expected   map[Kind]int
}

// A finding is what has been found at the same places, as often as that was. A service that
// forgets an owner in each request has one finding, which does not drive out the others.
type finding struct {
	latest     *Report
	last       uint64 // of sink.made
	times      int
	unexpected int // times
}

// maxFindings is how many are kept.
const maxFindings = 1000

// deliver keeps r and hands it on: to the handler, or to standard error. It is called with
// nothing locked, so that a handler may do what it likes. A report that is made by the
// handler itself is kept, and not handed to it again. A panic in a handler is dropped, as
// those of own.OnPoison's hooks: what it was told of is what matters.
func deliver(r *Report) {
	r.Time = time.Now()
	key := r.places()
	sink.mu.Lock()
	expected := sink.expected[r.Kind] > 0
	n := keep(key, r, expected)
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
	switch {
	case handle != nil:
		handle(r)
	case expected:
	case n == 1:
		_, _ = os.Stderr.WriteString(r.String() + "\n")
	case n&(n-1) == 0: // it has been read; that it goes on is worth a line now and then
		_, _ = fmt.Fprintf(os.Stderr, "own: %s, the same again, %d times now: %s\n", strings.ToUpper(r.Kind.String()), n, r.Headline)
	}
}

// Handle has reports handed to f, or printed if f is nil.
func Handle(f func(*Report)) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	sink.handle = f
}

// keep adds r to what has been found, and sets how often that is now. It returns how often
// it was not expected. The caller holds sink.mu.
func keep(key uint64, r *Report, expected bool) (unexpected int) {
	f := sink.found[key]
	if f == nil {
		if len(sink.found) == maxFindings {
			oldest := findings()[0]
			maps.DeleteFunc(sink.found, func(_ uint64, f *finding) bool { return f == oldest })
		}
		if sink.found == nil {
			sink.found = map[uint64]*finding{}
		}
		f = new(finding)
		sink.found[key] = f
	}
	sink.made++
	f.times++
	if !expected {
		f.unexpected++
	}
	r.Times = f.times
	f.latest, f.last = r, sink.made
	return f.unexpected
}

// findings returns all findings, the one that was found last at the end. The caller holds
// sink.mu.
func findings() []*finding {
	return slices.SortedFunc(maps.Values(sink.found), func(a, b *finding) int { return cmp.Compare(a.last, b.last) })
}

// Reports returns the latest report of each finding.
func Reports() []*Report {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	var all []*Report
	for _, f := range findings() {
		all = append(all, f.latest)
	}
	return all
}

var seed = maphash.MakeSeed()

// places returns a hash of what r says but for the goroutines and locks that it is about:
// of its kind, and of all stacks.
func (r *Report) places() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	say := func(parts ...any) { _ = json.NewEncoder(&h).Encode(parts) }
	say(r.Kind, r.At, r.Owners)
	for _, s := range r.Cycle {
		say(s.Holds.Lock.Type, s.Holds.Mode, s.Holds.Locked, s.Wants.Mode, s.Wants.At)
	}
	if r.Guard != nil {
		say(r.Guard.Lock.Type, r.Guard.Mode, r.Guard.Locked)
	}
	return h.Sum64()
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
