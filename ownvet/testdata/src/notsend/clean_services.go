package notsend

import (
	"context"
	"errors"
	"io"
	"iter"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
	"golang.org/x/sync/errgroup"
)

// Services of which each part is for one goroutine, or for all.

type service struct {
	users   own.RWMutex[map[string]*user]
	config  own.AtomicArc[settings]
	started atomic.Bool
	jobs    chan func() error
	wg      sync.WaitGroup
}

type user struct {
	name  string
	cache *own.Arc[own.Mutex[[]byte]]
}

type settings struct {
	limits map[string]int
	notify []func(string)
}

func (s *service) serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		s.wg.Go(func() { s.handle(conn) })
	}
}

// The goroutine makes what it alone uses.
func (s *service) handle(conn net.Conn) {
	defer conn.Close()
	tree := rc.New(node{})
	defer tree.Drop()
	undo := cell.NewRefCell([]string{})
	for {
		b := undo.BorrowMut()
		*b.Value() = append(*b.Value(), "x")
		b.Drop()
		if len(undo.Take()) > 10 {
			return
		}
	}
}

func (s *service) worker(ctx context.Context) {
	for {
		select {
		case job := <-s.jobs:
			if err := job(); err != nil {
				log.Print(err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *service) start(ctx context.Context, n int) { // want start:`crosses\[1\]`
	for range n {
		go s.worker(ctx)
	}
	s.jobs <- func() error { return s.users.Store(nil) }
}

func (s *service) reload(fresh settings) {
	a := own.NewArc(fresh)
	go func() {
		s.config.Store(a)
	}()
}

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/users", func(w http.ResponseWriter, r *http.Request) {
		g, err := s.users.RLock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer g.Unlock()
		for name := range *g.Value() {
			io.WriteString(w, name)
		}
	})
	return mux
}

func (s *service) shutdown(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *service) ticker(d time.Duration) (stop func()) {
	t := time.AfterFunc(d, func() { s.started.Store(false) })
	return func() { t.Stop() }
}

// A guard stays with its goroutine, and the goroutine that works for it uses the
// value.
func splitWork(m *own.Mutex[[][]int]) {
	g := m.MustLock()
	defer g.Unlock()
	var wg sync.WaitGroup
	for _, part := range *g.Value() {
		wg.Go(func() { slices.Sort(part) })
	}
	wg.Wait()
}

func lockInGoroutine(ms []*own.Mutex[int]) {
	for _, m := range ms {
		go func() {
			g, err := m.Lock()
			if err != nil {
				return
			}
			defer g.Unlock()
			*g.Value()++
		}()
	}
}

func unlockBefore(m *own.Mutex[int], results chan<- int) {
	g := m.MustLock()
	n := *g.Value()
	g.Unlock()
	go func() { results <- n }()
}

func groups(ctx context.Context, a *own.Arc[own.Mutex[int]]) error {
	g, ctx := new(errgroup.Group), ctx
	for i := range 4 {
		mine := a.Clone()
		g.Go(func() error {
			defer mine.Drop()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return mine.Value().With(func(n *int) { *n += i })
		})
	}
	return g.Wait()
}

func weakUpgrade(w *own.Weak[string], out chan<- string) {
	mine := w.Clone()
	go func() {
		defer mine.Drop()
		if a, ok := mine.Upgrade(); ok {
			defer a.Drop()
			out <- *a.Value()
		}
	}()
}

// What is only compared, or only its plain parts used.

func nilCheck(r *rc.Rc[int], done chan<- bool) {
	known := r != nil
	go func() { done <- known }()
}

func plainField(n *node, out chan<- string) {
	go func() { out <- n.name }()
	out <- n.name
}

func copiedField(c *cache, out chan int) {
	size := c.size
	go func() { out <- size }()
	go func(n int) { out <- n }(c.size)
}

func partOfStruct() {
	var state struct {
		mine *rc.Rc[int]
		all  own.Mutex[int]
	}
	state.mine = rc.New(1)
	defer state.mine.Drop()
	go func() { state.all.MustWith(func(n *int) { *n++ }) }()
}

func assignsPlainField(a *app) {
	done := make(chan bool)
	go func() {
		a.ui.title = "x"
		close(done)
	}()
	<-done
}

func deeperClosure(a *app, g *errgroup.Group) {
	g.Go(func() error {
		for range 3 {
			if err := func() error { return a.hits.Store(1) }(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Cells that change hands.

func fanOut(names []string) {
	var wg sync.WaitGroup
	for _, name := range names {
		s := newSession(name)
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.serve()
		}()
	}
	wg.Wait()
}

func pipeline(in []string) (out []*session) {
	ch := make(chan *session, len(in))
	for _, name := range in {
		s := newSession(name)
		s.state.Replace(len(name))
		ch <- s
	}
	close(ch)
	for s := range ch {
		out = append(out, s)
	}
	return out
}

func earlyReturn(name string, fail bool) error {
	s := newSession(name)
	if fail {
		s.serve()
		return errors.New("failed")
	}
	go s.serve()
	return nil
}

func switched(name string) {
	s := &session{name: name}
	switch name {
	case "now":
		s.serve()
	case "later":
		time.AfterFunc(time.Second, s.serve)
	default:
		go s.serve()
	}
}

func labelled(names []string) {
outer:
	for _, name := range names {
		s := newSession(name)
		for {
			if name == "" {
				continue outer
			}
			go s.serve()
			break
		}
	}
}

func waitsInLoop(names []string) {
	s := newSession("x")
	done := make(chan bool)
	for range names {
		go func(s *session) { s.serve(); done <- true }(s)
		<-done
	}
	s.serve()
}

// All on one goroutine.

func sequence(r *rc.Rc[node]) iter.Seq[*rc.Rc[node]] {
	return func(yield func(*rc.Rc[node]) bool) {
		for _, child := range r.Value().children {
			if !yield(child) {
				return
			}
		}
	}
}

func walk(r *rc.Rc[node]) (n int) {
	for child := range sequence(r) {
		n += walk(child)
	}
	return n
}

func pull(r *rc.Rc[node]) {
	next, stop := iter.Pull(sequence(r))
	defer stop()
	for child, ok := next(); ok; child, ok = next() {
		child.StrongCount()
	}
}

func sorted(rs []*rc.Rc[int]) {
	slices.SortFunc(rs, func(a, b *rc.Rc[int]) int { return *a.Value() - *b.Value() })
}

func callbacks(r *rc.Rc[int], register func(func())) {
	register(func() { r.Drop() })
	var fs []func()
	fs = append(fs, r.Drop)
	for _, f := range fs {
		f()
	}
}

func lazily(r *rc.Rc[int]) func() int {
	return sync.OnceValue(func() int { return *r.Value() })
}

type visitor interface{ visit(*rc.Rc[node]) }

func visits(v visitor, r *rc.Rc[node]) { v.visit(r) }

func queued(r *rc.Rc[node]) {
	todo := []*rc.Rc[node]{r}
	for len(todo) > 0 {
		r, todo = todo[0], todo[1:]
		todo = append(todo, r.Value().children...)
	}
}

func localChannelOfGuards(m *own.Mutex[int]) {
	ch := make(chan *own.Guard[int], 1)
	ch <- m.MustLock()
	g := <-ch
	g.Unlock()
}

func parallelTests(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rc.New(name)
			defer r.Drop()
		})
	}
}

func benchmarks(b *testing.B) {
	r := rc.New(1)
	defer r.Drop()
	for b.Loop() {
		r.Clone().Drop()
	}
}

// Types that only look as if.

type phantom[T any] struct{ n int }

func phantoms(p *phantom[*rc.Rc[int]]) {
	go func() { println(p.n) }()
	go use2(p)
}

func use2(p *phantom[*rc.Rc[int]]) {}

type hasFunc struct {
	get func() *rc.Rc[int]
	any any
	ch  chan *rc.Rc[int]
}

func unknownParts(h *hasFunc) {
	go use3(h)
}

func use3(h *hasFunc) {}

type underMutex struct {
	trees own.Mutex[map[string]*tree2]
}

type tree2 struct {
	nodes cell.RefCell[[]*tree2]
	up    *tree2
}

func cellsUnderMutex(u *underMutex) {
	go use4(u)
}

func use4(u *underMutex) {}

func signals(c chan os.Signal, m *own.Mutex[int]) {
	go func() {
		<-c
		m.ClearPoison()
		os.Exit(1)
	}()
}
