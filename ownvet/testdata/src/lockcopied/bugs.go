package lockcopied

import (
	"fmt"
	"log"
	"log/slog"
	"os"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

type stats struct {
	name string
	hits own.Mutex[int]
}

type nested struct {
	all [3]stats
	ref *stats
}

// Copies of what an owner or a guard points to.

func deref(a *own.Arc[own.Mutex[int]]) {
	m := *a.Value() // want `^lock-copied: \*a.Value\(\) copies an own.Mutex\[int\]; keep the pointer$`
	m.IsPoisoned()
}

func derefStruct(a *own.Arc[stats]) (s stats) {
	s = *a.Value() // want `lock-copied: \*a.Value\(\) copies \(\*a.Value\(\)\).hits, an own.Mutex\[int\]; keep the pointer`
	return
}

func derefArg(a *own.Arc[stats], g *own.Guard[nested], r *rc.Rc[cell.RefCell[int]]) {
	take(*a.Value())                      // want `lock-copied: \*a.Value\(\) copies`
	fmt.Println(*a.Value())               // want `lock-copied: \*a.Value\(\) copies`
	_ = nested{all: [3]stats{*a.Value()}} // want `lock-copied: \*a.Value\(\) copies`
	var n = (*g.Value())                  // want `lock-copied: \*g.Value\(\) copies \(\*g.Value\(\)\).all\[\].hits, an own.Mutex\[int\]`
	c := *r.Value()                       // want `lock-copied: \*r.Value\(\) copies a cell.RefCell\[int\]`
	c.Take()
	_ = n.ref
	_ = func() stats { return *a.Value() } // want `lock-copied: \*a.Value\(\) copies`
	s := append([]stats(nil), *a.Value())  // want `lock-copied: \*a.Value\(\) copies`
	_ = s
	x := any(*a.Value()) // want `lock-copied: \*a.Value\(\) copies`
	_ = x
}

func take(stats) {}

func load(m *own.Mutex[stats], rw *own.RWMutex[own.Mutex[int]]) {
	s, err := m.Load() // want `lock-copied: m.Load\(\) copies an own.Mutex\[int\]; use the value under its lock`
	_, _ = s.name, err
	_, _ = rw.Load() // want `lock-copied: rw.Load\(\) copies an own.Mutex\[int\]`
}

// Sends.

func send(ch chan stats, locks chan<- own.Mutex[int], s *stats, all []stats) {
	ch <- *s        // want `lock-copied: the send copies \(\*s\).hits, an own.Mutex\[int\]; send a pointer`
	locks <- s.hits // want `lock-copied: the send copies s.hits, an own.Mutex\[int\]`
	ch <- all[0]    // want `lock-copied: the send copies all\[0\].hits, an own.Mutex\[int\]`
	select {
	case ch <- *s: // want `lock-copied: the send copies`
	default:
	}
}

func sendValue(ch chan stats, a *own.Arc[stats]) {
	ch <- *a.Value() // want `lock-copied: \*a.Value\(\) copies`
}

func sendGeneric[T any](ch chan own.Mutex[T], m *own.Mutex[T]) {
	ch <- *m // want `lock-copied: the send copies an own.Mutex\[T\]; send a pointer`
}

// A fresh lock in the place of one that is in use.

func (s *stats) reset() {
	g := s.hits.MustLock()
	defer g.Unlock()
	s.hits = own.NewMutex(0) // want `^lock-copied: this puts a fresh lock in the place of s.hits, an own.Mutex\[int\], which is in use: s.hits.MustLock was called before; store a value in it instead$`
}

func (s *stats) resetAll() {
	if n, err := s.hits.Load(); err != nil || n > 10 {
		*s = stats{name: s.name} // want `lock-copied: this puts a fresh lock in the place of \(\*s\).hits, an own.Mutex\[int\], which is in use: s.hits.Load was called before`
	}
}

func resetInLoop(s *stats, names []string) {
	for _, name := range names {
		s.hits = own.NewMutex(0) // want `lock-copied: this puts a fresh lock`
		s.hits.MustWith(func(n *int) { *n = len(name) })
	}
}

var global own.RWMutex[string]

func resetGlobal() {
	global.MustWith(func(*string) {})
	global = own.RWMutex[string]{} // want `lock-copied: this puts a fresh lock in the place of global, an own.RWMutex\[string\]`
}

func resetHeld() {
	m := own.NewMutex(1)
	g := m.MustLock()
	m = own.NewMutex(2) // want `lock-copied: this puts a fresh lock in the place of m, an own.Mutex\[int\]`
	g.Unlock()
}

func resetPointer(m *own.Mutex[int]) {
	if m.IsPoisoned() {
		*m = own.NewMutex(0) // want `lock-copied: this puts a fresh lock in the place of an own.Mutex\[int\]`
	}
}

func resetBorrowed(c *cells) {
	b := c.n.BorrowMut()
	defer b.Drop()
	c.n = cell.NewRefCell(0) // want `lock-copied: this puts a fresh lock in the place of c.n, a cell.RefCell\[int\]`
}

type embeds struct {
	own.Mutex[int]
	n int
}

func resetEmbedded(e *embeds) {
	e.MustWith(func(*int) {})
	*e = embeds{} // want `lock-copied: this puts a fresh lock in the place of \(\*e\).Mutex, an own.Mutex\[int\]`
}

func resetInClosure(s *stats) func() {
	return func() {
		s.hits.MustWith(func(*int) {})
		s.hits = own.NewMutex(0) // want `lock-copied: this puts a fresh lock`
	}
}

// Printing what holds a lock.

func prints(t *testing.T, s *stats, all []own.Mutex[int], byName map[string]stats, n *nested) {
	fmt.Println(s)                                 // want `^lock-copied: Println reads s.hits, an own.Mutex\[int\], without its lock, for it sees no methods there; print a copy of the value$`
	fmt.Printf("%s: %+v\n", s.name, s)             // want `lock-copied: Printf reads s.hits`
	_ = fmt.Sprint("stats", s)                     // want `lock-copied: Sprint reads s.hits`
	fmt.Fprintln(os.Stderr, all)                   // want `lock-copied: Fprintln reads all\[\], an own.Mutex\[int\]`
	log.Printf("%v", byName)                       // want `lock-copied: Printf reads byName\[\].hits`
	log.New(os.Stderr, "", 0).Print(n)             // want `lock-copied: Print reads n.all\[\].hits`
	t.Logf("%#v", s)                               // want `lock-copied: Logf reads s.hits`
	slog.Info("stats", "s", s)                     // want `lock-copied: Info reads s.hits`
	_ = fmt.Errorf("%d%% of %v", 3, s)             // want `lock-copied: Errorf reads s.hits`
	fmt.Println(&struct{ m own.AtomicArc[int] }{}) // want `lock-copied: Println reads .*an own.AtomicArc\[int\]`
}
