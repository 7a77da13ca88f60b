//go:build owndebug

package track

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-own/own/internal/goroutine"
)

// An Owner is a handle of a counted value, as part of it.
type Owner struct {
	r       *owner
	cleanup runtime.Cleanup
}

// An owner is what is known of one that is alive.
type owner struct {
	serial uint64
	kind   string // of the handle
	typ    reflect.Type
	how    string
	at     *trace
}

// owners are those that are alive, in shards by their serial number.
var owners [64]struct {
	mu sync.Mutex
	by map[*owner]bool
	_  [64]byte
}

var lastOwner atomic.Uint64

// Born puts on record an owner: kind is the type of the handle, T that of the value, and
// how it was made.
func Born[T any](o *Owner, kind, how string) {
	o.born(&owner{kind: kind, typ: reflect.TypeFor[T](), how: how})
}

func (o *Owner) born(r *owner) {
	r.at = here()
	r.serial = lastOwner.Add(1)
	s := &owners[r.serial%uint64(len(owners))]
	s.mu.Lock()
	if s.by == nil {
		s.by = map[*owner]bool{}
	}
	s.by[r] = true
	s.mu.Unlock()
	o.r = r
	o.cleanup = runtime.AddCleanup(o, (*owner).leaked, r)
}

// Gone strikes the owner off.
func (o *Owner) Gone() {
	r := o.r
	if r == nil {
		return
	}
	o.r = nil
	o.cleanup.Stop()
	r.strike()
	runtime.KeepAlive(o) // or it might be collected before its cleanup is stopped
}

func (r *owner) strike() bool {
	s := &owners[r.serial%uint64(len(owners))]
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.by[r]
	delete(s.by, r)
	return was
}

// leaked reports an owner that has been collected.
func (r *owner) leaked() {
	if !r.strike() {
		return
	}
	deliver(&Report{
		Kind:     LeakedOwner,
		Headline: "an owner was forgotten: " + r.name() + " was collected without Drop, so the value is never dropped",
		Owners:   []Owned{r.owned(1)},
		Advice:   "Drop each owner where it is done: write defer a.Drop() where it is made or cloned. For the way back of a cycle, use a Weak.",
	})
}

func (r *owner) name() string { return r.kind + "[" + r.typ.String() + "]" }

func (r *owner) owned(n int) Owned { return Owned{r.name(), r.how, n, r.at.stack()} }

// group returns owners by the place where they were made, the most first.
func group(all []*owner) []Owned {
	type place struct {
		name, how string
		stack     uint64
	}
	count, first := map[place]int{}, map[place]*owner{}
	for _, r := range all {
		p := place{r.name(), r.how, r.at.key}
		count[p]++
		if f := first[p]; f == nil || r.serial < f.serial {
			first[p] = r
		}
	}
	var groups []Owned
	var serials []uint64
	for p, r := range first {
		i := 0
		for i < len(groups) && (groups[i].Count > count[p] || groups[i].Count == count[p] && serials[i] < r.serial) {
			i++
		}
		groups = slices.Insert(groups, i, r.owned(count[p]))
		serials = slices.Insert(serials, i, r.serial)
	}
	return groups
}

// liveSince returns the owners that are alive and were made after the given number.
func liveSince(serial uint64) []*owner {
	var all []*owner
	for i := range owners {
		s := &owners[i]
		s.mu.Lock()
		for r := range s.by {
			if r.serial > serial {
				all = append(all, r)
			}
		}
		s.mu.Unlock()
	}
	return all
}

// Cells are the owners of one value that cells hold, as part of what all owners share. If
// that is collected before they are given up, a cell was forgotten.
type Cells struct {
	mu  sync.Mutex
	all []*Owner
}

// In says that a cell has taken an owner.
func In[T any](c *Cells) {
	o := new(Owner)
	o.born(&owner{kind: "AtomicArc", typ: reflect.TypeFor[T](), how: "stored"})
	c.mu.Lock()
	c.all = append(c.all, o)
	c.mu.Unlock()
}

// Out says that a cell has given one up. Which one of the same value makes no difference.
func (c *Cells) Out() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.all); n > 0 {
		c.all[n-1].Gone()
		c.all = c.all[:n-1]
	}
}

// A Home is the goroutine to which a value belongs that must not leave it, as part of the
// value. It is the first that uses it.
type Home struct {
	g    atomic.Uintptr
	at   atomic.Pointer[trace]
	told atomic.Bool
}

// Leave says that nobody uses the value any more: who does next may be another.
func (h *Home) Leave() { h.g.Store(0) }

// Here notices the use of the value by another goroutine. It is reported once.
func (h *Home) Here(kind string) {
	g := goroutine.Address()
	switch home := h.g.Load(); {
	case home == g:
		return
	case home == 0 && h.g.CompareAndSwap(0, g):
		h.at.Store(here())
		return
	}
	if !h.told.CompareAndSwap(false, true) {
		return
	}
	_, name, _ := strings.Cut(kind, " ") // without the article
	r := &Report{
		Kind:      NotSend,
		Headline:  fmt.Sprintf("%s is used by two goroutines", kind),
		Goroutine: goroutine.Number(),
		At:        here().stack(),
		Advice:    strings.ToUpper(kind[:1]) + kind[1:] + " cannot be sent between goroutines: its counts are plain numbers. Use an Arc, a Mutex or a channel.",
	}
	if at := h.at.Load(); at != nil {
		r.Owners = []Owned{{name, "first used by another goroutine", 1, at.stack()}}
	}
	deliver(r)
}
