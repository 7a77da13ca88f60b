package notsend

import (
	"fmt"
	"net/http"
	"notsend/jobs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
	"golang.org/x/sync/errgroup"
)

func madeThere() {
	go func() {
		r := rc.New(1)
		defer r.Drop()
	}()
}

func arcs(a *own.Arc[int], wg *sync.WaitGroup) {
	mine := a.Clone()
	go func() {
		defer mine.Drop()
	}()
	theirs := a.Clone()
	wg.Go(func() { theirs.Drop() })
}

func locks(m *own.Mutex[map[string]int], rw *own.RWMutex[[]string]) {
	go func() {
		g := m.MustLock()
		defer g.Unlock()
		(*g.Value())["x"]++
	}()
	go rw.With(func(v *[]string) { *v = nil })
}

func arcOfMutex() {
	a := own.NewArc(own.NewMutex(0))
	for range 3 {
		go func(a *own.Arc[own.Mutex[int]]) {
			defer a.Drop()
			a.Value().With(func(n *int) { *n++ })
		}(a.Clone())
	}
}

// What is under a Mutex together with all that leads to it is used by one
// goroutine at a time.
func cellInMutex(m *own.Mutex[cell.RefCell[int]], n *own.Mutex[struct{ c *cell.RefCell[int] }]) {
	go func() {
		g := m.MustLock()
		defer g.Unlock()
		g.Value().Take()
		n.IsPoisoned()
	}()
}

type session struct {
	name  string
	state cell.RefCell[int]
}

func newSession(name string) *session { return &session{name: name} }

func (s *session) serve() { s.state.Replace(1) }

// A struct with a RefCell may change hands.
func handedOver(names []string) {
	go newSession("x").serve()
	for _, name := range names {
		s := newSession(name)
		s.serve()
		go s.serve()
	}
	for _, name := range names {
		s := &session{name: name}
		go func() {
			s.serve()
		}()
	}
}

func handedOverOnChannel(ch chan *session) {
	s := newSession("x")
	s.serve()
	ch <- s
}

// It comes back, too.
func lent(r *rc.Rc[cell.RefCell[int]], wg *sync.WaitGroup) int {
	c, ok := r.TryUnwrap()
	if !ok {
		return 0
	}
	wg.Go(func() { c.Replace(1) })
	wg.Wait()
	return c.Take()
}

func lentSession() {
	s := newSession("x")
	done := make(chan bool)
	go func() {
		s.serve()
		close(done)
	}()
	<-done
	s.serve()
}

func handedOverOrUsed(ch chan *session, b bool) {
	s := newSession("x")
	if b {
		ch <- s
		return
	}
	s.serve()
}

type app struct {
	config own.AtomicArc[string]
	hits   own.Mutex[int]
	ui     struct {
		title string
		root  *rc.Rc[node]
	}
	next *app
}

// The goroutine gets at what it uses, and not at the rest.
func partsOnly(a *app, b app) {
	go func() {
		a.config.Load().Drop()
		a.hits.MustWith(func(n *int) { *n += len(a.next.ui.title) })
		func() { a.ui.title = b.ui.title }()
	}()
	go a.hits.IsPoisoned()
	hits := &a.hits
	go hits.IsPoisoned()
}

// A copy is another cell, whatever else is wrong with it.
func copied(ch chan counter, c *counter) {
	ch <- *c
	ch <- counter{}
	go func(c counter) { c.hits.Take() }(*c)
}

type table struct {
	mu   sync.RWMutex
	rows cell.RefCell[[]string]
}

func lockBesideCell(t *table) {
	go func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.rows.Take()
	}()
}

func valueOnly(r *rc.Rc[int], c *cell.RefCell[string]) {
	n, s := *r.Value(), c.Take()
	go func() { fmt.Println(n, s) }()
	go fmt.Println(*r.Value())
}

func sameGoroutine(r *rc.Rc[int], st *jobs.Stack[*rc.Rc[int]]) {
	func() { r.Clone().Drop() }()
	defer func() { r.Drop() }()
	jobs.Here(func() { r.StrongCount() })
	jobs.Within(time.Second, func() { r.StrongCount() })
	st.Push(r)
	jobs.Print(r)
	fmt.Println(r)
	f := r.Drop
	f()
}

func sync1(once *sync.Once, r *rc.Rc[int]) {
	once.Do(func() { r.Drop() })
}

func subtest(t *testing.T, r *rc.Rc[int]) {
	t.Run("x", func(t *testing.T) { r.StrongCount() })
	t.Cleanup(func() { r.Drop() })
}

func localQueue(root *rc.Rc[node]) {
	todo := make(chan *rc.Rc[node], 10)
	todo <- root
	for len(todo) > 0 {
		r := <-todo
		for _, child := range r.Value().children {
			select {
			case todo <- child:
			default:
			}
		}
	}
	close(todo)
}

func pointersToOtherThings(p *atomic.Pointer[int], ch chan int, g *errgroup.Group) {
	go func() { p.Store(nil) }()
	ch <- 1
	g.Go(func() error { return nil })
	time.AfterFunc(time.Second, func() {})
}

// What an interface or a function holds is not known here.
func unknown(v any, f func(), s fmt.Stringer) { // want unknown:`crosses\[0 1 2\]`
	go func() { fmt.Println(v) }()
	go f()
	go s.String()
}

func genericUnknown[T any](v T, ch chan T) { // want genericUnknown:`crosses\[0\]`
	go func() { _ = v }()
	ch <- v
}

func aChannelOfThem() chan *rc.Rc[int] {
	ch := make(chan *rc.Rc[int])
	go func() { close(ch) }()
	return ch
}

// A tree's nodes are made and used by whoever holds its lock.
//
//own:send all owners are inside of the tree, which is under one lock
type tree struct{ root *rc.Rc[node] } // want tree:"send"

func markedSend(t *tree) {
	go func() { t.root.Drop() }()
}

//own:send
type withoutReason struct{ root *rc.Rc[node] }

func markedWithoutReason(t *withoutReason) {
	go func() { t.root.Drop() }() // want `not-send: t\.root, an rc.Rc\[node\], is captured`
}

type server struct {
	conns map[string]chan string
	log   func(string)
	next  *server
	index *own.Arc[own.RWMutex[map[string]int]]
	cur   own.AtomicArc[int]
	weak  *own.Weak[int]
}

func (s *server) ServeHTTP(http.ResponseWriter, *http.Request) {}

func ordinary(s *server) {
	go s.ServeHTTP(nil, nil)
	go func() { s.next.log("x") }()
	http.HandleFunc("/", s.ServeHTTP)
}

type recursive[T any] struct {
	value T
	next  *recursive[T]
	tree  map[string]recursive[T]
}

func recursion(r *recursive[int]) {
	go func() { println(r.value) }()
}

func goAndReturn(r *rc.Rc[int]) (n int, err error) {
	defer func() {
		if err != nil {
			r.Drop()
		}
	}()
	results := make(chan int, 1)
	go func() { results <- 1 }()
	n = <-results + *r.Value()
	return n, nil
}

func labels(r *rc.Rc[int], ch chan int) {
again:
	select {
	case ch <- *r.Value():
		goto again
	case <-ch:
	}
}
