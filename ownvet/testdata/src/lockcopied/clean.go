package lockcopied

import (
	"errors"
	"fmt"
	"log"
	"strings"
	"sync"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

// Pointers and plain values.

func pointers(a *own.Arc[own.Mutex[int]], b *own.Arc[int], c *own.Arc[nested]) {
	m := a.Value()
	m.IsPoisoned()
	n := *b.Value()
	_ = n
	_ = *a.Value()
	_ = &(*a.Value())
	(*a.Value()).IsPoisoned()
	_ = (*c.Value()).ref
	_ = len((*c.Value()).all)
	for i := range (*c.Value()).all {
		_ = i
	}
	p := &(*c.Value()).all[0]
	p.hits.IsPoisoned()
	s := (*c.Value()).ref.name
	_ = s
}

func loadPlain(m *own.Mutex[int], rw *own.RWMutex[map[string]*stats]) {
	n, err := m.Load()
	all, err2 := rw.Load()
	_, _, _, _ = n, err, all, err2
}

// New values may be sent, returned, put anywhere.

func newValues(ch chan stats, locks chan own.Mutex[int], ps chan *stats, s *stats) stats {
	ch <- stats{}
	locks <- own.NewMutex(1)
	ps <- s
	ps <- &stats{}
	return stats{hits: own.NewMutex(1)}
}

func sendGenericValue[T any](ch chan T, v T) { ch <- v }

func sendGuard(ch chan *own.Guard[int], a chan *own.Arc[stats], g *own.Guard[int], x *own.Arc[stats]) {
	ch <- g
	a <- x.Clone()
}

func sendOther(ch chan sync.Once, s chan struct{}) {
	s <- struct{}{}
	close(ch)
}

// First values.

func newStats(name string) *stats {
	s := &stats{}
	s.name = name
	s.hits = own.NewMutex(0)
	return s
}

func (s *stats) init() {
	s.hits = own.NewMutex(0)
	s.hits.MustWith(func(n *int) { *n = 1 })
}

func newMany(names []string) []stats {
	all := make([]stats, len(names))
	for i, name := range names {
		all[i].name = name
		all[i].hits = own.NewMutex(i)
		all[i].hits.MustWith(func(n *int) { *n++ })
	}
	return all
}

func newList(n int) (list []*stats) {
	for i := range n {
		s := new(stats)
		s.hits = own.NewMutex(i)
		s.hits.MustWith(func(n *int) { *n++ })
		list = append(list, s)
	}
	return list
}

func freshEachRound() {
	for i := range 3 {
		var m own.Mutex[int]
		m = own.NewMutex(i)
		g := m.MustLock()
		g.Unlock()
	}
}

func otherPlace(a, b *stats) {
	a.hits.MustWith(func(*int) {})
	b.hits = own.NewMutex(0)
}

func otherVariable(s *stats) {
	s.hits.MustWith(func(*int) {})
	s = &stats{}
	s.hits = own.NewMutex(0)
}

func otherPart(n *nested) {
	n.ref.hits.MustWith(func(*int) {})
	n.ref = &stats{}
	n.ref.hits = own.NewMutex(0)
}

func otherBranch(s *stats, fresh bool) {
	if fresh {
		s.hits = own.NewMutex(0)
	} else {
		s.hits.MustWith(func(*int) {})
	}
}

func usedAfter(s *stats) {
	s.hits = own.NewMutex(0)
	s.hits.MustWith(func(*int) {})
	defer s.hits.MustWith(func(*int) {})
}

func usedByDefer(s *stats) {
	defer s.hits.MustWith(func(*int) {})
	s.hits = own.NewMutex(0)
}

func usedByClosure(s *stats) {
	later := func() { s.hits.MustWith(func(*int) {}) }
	s.hits = own.NewMutex(0)
	later()
}

// A lock that is known here only may be made anew.
func reusedPointer() {
	s := newStats("x")
	s.hits.MustWith(func(*int) {})
	s.hits = own.NewMutex(0)
}

type cells struct{ n cell.RefCell[int] }

// So may a cell that is not borrowed.
func reusedCell(c *cells) {
	c.n.Replace(1)
	b := c.n.BorrowMut()
	b.Drop()
	c.n = cell.NewRefCell(0)
	fmt.Println(c)
}

// A local lock that nobody holds any more can be used again.
func reusedLocal() {
	m := own.NewMutex(1)
	m.MustWith(func(*int) {})
	g := m.MustLock()
	g.Unlock()
	m = own.NewMutex(2)
	m.MustWith(func(*int) {})
}

func storedInstead(s *stats) error {
	if err := s.hits.Repair(func(n *int, _ *own.PoisonError) error { *n = 0; return nil }); err != nil {
		return err
	}
	return errors.Join(s.hits.Store(0), s.hits.Store(1))
}

func gotos(s *stats, n int) {
retry:
	t := newStats("x")
	t.hits.MustWith(func(*int) {})
	if n--; n > 0 {
		goto retry
	}
}

// What prints well.

type describes struct{ hits own.Mutex[int] }

func (d *describes) String() string { return "described" }

type holdsPointer struct {
	Hits  *own.Mutex[int]
	owner *own.Arc[int]
}

type holdsDescribed struct{ D *describes }

func printsWell(t *testing.T, s *stats, m *own.Mutex[int], d *describes, h *holdsPointer, x holdsDescribed, format string) {
	fmt.Println(m, d, h, x, &x)
	fmt.Println(s.name, &s.hits)
	fmt.Printf("%p %T\n", s, s)
	fmt.Printf("%s %p\n", s.name, s)
	fmt.Printf(format, s)
	fmt.Printf("%[2]p %[1]s", s.name, s)
	log.Println([]*stats{s}, map[string]*stats{})
	t.Log(m)
	args := []any{s}
	fmt.Println(args...)
	var any any = s
	fmt.Println(any)
	n, _ := s.hits.Load()
	fmt.Println(n)
	_ = fmt.Errorf("%w", errors.New("x"))
	strings.NewReader("")
}

func printsEmbedded(e *embeds) {
	fmt.Println(e) // *embeds has the Format of *Mutex
}

func printsHandles(a *own.Arc[stats], r *rc.Rc[int], b *cell.Ref[stats], g *own.Guard[stats]) {
	fmt.Println(a, r, b, g)
	fmt.Printf("%v %v\n", a, g)
}

// Others have a Value, too.
type boxed struct{ p *stats }

func (b boxed) Value() *stats { return b.p }

func otherValue(b boxed) {
	s := b.Value()
	_ = s.name
}

func swapPointers(a, b *stats) (*stats, *stats) {
	a, b = b, a
	*a, *b = stats{}, stats{}
	return a, b
}

func lazyInit(s *stats, ready bool) {
	if !ready {
		s.hits = own.NewMutex(1)
	}
	s.hits.MustWith(func(n *int) { *n++ })
}

func sliceOfStats(n int) []stats {
	all := make([]stats, 0, n)
	for range n {
		all = append(all, stats{})
	}
	for i := range all {
		all[i].hits.MustWith(func(n *int) { *n = i })
	}
	return all
}

func named() (s stats, m own.Mutex[int]) { return }

func receivesPointer(ch chan *stats) {
	for s := range ch {
		s.hits.MustWith(func(*int) {})
	}
}

func closureUses(s *stats) func() {
	return func() { s.hits.MustWith(func(*int) {}) }
}

func comparesOwners(a, b *own.Arc[stats]) bool { return a.PtrEq(b) && a.Value() == b.Value() }

func genericHolder[T any](m *own.Mutex[T]) (T, error) { return m.Load() }

func printsMany(names []string, m map[string]*stats) {
	for name, s := range m {
		fmt.Printf("%-10s %v %*d\n", name, &s.hits, 3, len(names))
	}
	fmt.Println(names, len(m))
}
