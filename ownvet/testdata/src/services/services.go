// Package services has code as services have it, and all of it is right.
package services

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

type session struct {
	id      string
	expires time.Time
	data    map[string]string
}

type sessions struct {
	byID   own.RWMutex[map[string]*session]
	stats  own.Mutex[struct{ hits, misses int }]
	conf   own.AtomicArc[settings]
	limits *limits
}

type limits struct{ n own.Mutex[int] }

type settings struct {
	ttl time.Duration
	log *os.File
}

func (s *sessions) get(id string) (*session, bool) {
	r, err := s.byID.RLock()
	if err != nil {
		return nil, false
	}
	defer r.Unlock()
	v, ok := (*r.Value())[id]
	return v, ok
}

func (s *sessions) put(v *session) error {
	w, err := s.byID.Lock()
	if err != nil {
		return fmt.Errorf("put %s: %w", v.id, err)
	}
	defer w.Unlock()
	if *w.Value() == nil {
		*w.Value() = map[string]*session{}
	}
	(*w.Value())[v.id] = v
	return nil
}

func (s *sessions) getOrPut(id string, make func() *session) (*session, error) {
	if v, ok := s.get(id); ok {
		return v, nil
	}
	w, err := s.byID.Lock()
	if err != nil {
		return nil, err
	}
	if v, ok := (*w.Value())[id]; ok {
		w.Unlock()
		return v, nil
	}
	v := make()
	(*w.Value())[id] = v
	w.Unlock()
	return v, nil
}

func (s *sessions) expire(now time.Time) (n int, err error) {
	err = s.byID.With(func(m *map[string]*session) {
		maps.DeleteFunc(*m, func(_ string, v *session) bool {
			dead := v.expires.Before(now)
			if dead {
				n++
			}
			return dead
		})
	})
	return n, err
}

func (s *sessions) count(hit bool) {
	g := s.stats.LockIgnorePoison()
	defer g.Unlock()
	if hit {
		g.Value().hits++
		return
	}
	g.Value().misses++
}

type response interface {
	fail(code int, reason string)
	write(data map[string]string) error
}

func (s *sessions) serve(w response, id string) {
	c := s.conf.Load()
	defer c.Drop()
	if c == nil {
		w.fail(503, "not configured")
		return
	}
	v, ok := s.get(id)
	s.count(ok)
	if !ok {
		w.fail(404, "not found")
		return
	}
	if err := w.write(v.data); err != nil {
		fmt.Fprintln(c.Value().log, err)
	}
}

func (s *sessions) reload(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	s.conf.Store(own.ArcFrom(&settings{log: f}, func(c *settings) { c.log.Close() }))
	return nil
}

func (s *sessions) swap(n *own.Arc[settings]) (old time.Duration) {
	prev := s.conf.Swap(n)
	if prev != nil {
		old = prev.Value().ttl
		prev.Drop()
	}
	return old
}

func (s *sessions) update(f func(settings) settings) {
	for {
		old := s.conf.Load()
		next := own.NewArc(f(*old.Value()))
		ok := s.conf.CompareAndSwap(old, next)
		old.Drop()
		if ok {
			return
		}
		next.Drop()
	}
}

func drain(ctx context.Context, q *own.Mutex[[]string], handle func(string) error) error {
	for {
		g, err := q.LockWhen(ctx, func(q *[]string) bool { return len(*q) > 0 })
		if err != nil {
			return err
		}
		job := (*g.Value())[0]
		*g.Value() = (*g.Value())[1:]
		g.Unlock()
		if err := handle(job); err != nil {
			return err
		}
	}
}

func transfer(a, b *own.Mutex[int], n int) error {
	x, err := a.Lock()
	if err != nil {
		return err
	}
	defer x.Unlock()
	y, err := b.Lock()
	if err != nil {
		return err
	}
	defer y.Unlock()
	*x.Value() -= n
	*y.Value() += n
	return nil
}

func tryBoth(a, b *own.Mutex[int]) (ok bool) {
	x, err := a.TryLock()
	if err != nil {
		return false
	}
	y, err := b.TryLock()
	if err != nil {
		x.Unlock()
		return false
	}
	*x.Value(), *y.Value() = *y.Value(), *x.Value()
	y.Unlock()
	x.Unlock()
	return true
}

type txn struct {
	g    *own.Guard[map[string]int]
	undo []func()
}

func begin(m *own.Mutex[map[string]int]) (*txn, error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	return &txn{g: g}, nil
}

func (t *txn) set(k string, v int) {
	m := *t.g.Value()
	old, had := m[k]
	t.undo = append(t.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
	m[k] = v
}

func (t *txn) commit() { t.g.Unlock() }

func (t *txn) rollback() {
	for _, f := range slices.Backward(t.undo) {
		f()
	}
	t.g.Unlock()
}

func inTxn(m *own.Mutex[map[string]int], f func(*txn) error) error {
	t, err := begin(m)
	if err != nil {
		return err
	}
	if err := f(t); err != nil {
		t.rollback()
		return err
	}
	t.commit()
	return nil
}

func fanOut(a *own.Arc[settings], n int) {
	var wg sync.WaitGroup
	for i := range n {
		mine := a.Clone()
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer mine.Drop()
			fmt.Println(i, mine.Value().ttl)
		}()
	}
	wg.Wait()
}

func pipeline(in <-chan *own.Arc[[]byte], out chan<- *own.Arc[[]byte]) {
	defer close(out)
	for a := range in {
		if len(*a.Value()) == 0 {
			a.Drop()
			continue
		}
		out <- a
	}
}

func open(name string) (a *own.Arc[os.File], err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	a = own.ArcFrom(f, func(f *os.File) { f.Close() })
	defer func() {
		if err != nil {
			a.Drop()
			a = nil
		}
	}()
	_, err = a.Value().Seek(1, io.SeekStart)
	return a, err
}

func readAll(name string) ([]byte, error) {
	a, err := open(name)
	if err != nil {
		return nil, err
	}
	defer a.Drop()
	return io.ReadAll(a.Value())
}

type cache struct {
	m own.Mutex[map[string]*own.Weak[session]]
}

func (c *cache) lookup(k string) (*own.Arc[session], error) {
	g, err := c.m.Lock()
	if err != nil {
		return nil, err
	}
	defer g.Unlock()
	if w := (*g.Value())[k]; w != nil {
		if a, ok := w.Upgrade(); ok {
			return a, nil
		}
		delete(*g.Value(), k)
		w.Drop()
	}
	a := own.NewArc(session{id: k})
	(*g.Value())[k] = a.Downgrade()
	return a, nil
}

func (c *cache) size() int {
	g := c.m.MustLock()
	defer g.Unlock()
	return len(*g.Value())
}

func (c *cache) keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		g := c.m.MustLock()
		keys := slices.Sorted(maps.Keys(*g.Value()))
		g.Unlock()
		for _, k := range keys {
			if !yield(k) {
				return
			}
		}
	}
}

func (c *cache) each(f func(string, *own.Arc[session]) bool) {
	for k := range c.keys() {
		a, err := c.lookup(k)
		if err != nil {
			return
		}
		more := f(k, a)
		a.Drop()
		if !more {
			break
		}
	}
}

func waitFor(m *own.Mutex[int], n int, d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	g, err := m.Lock()
	if err != nil {
		return err
	}
	if err := g.Await(ctx, func(v *int) bool { return *v >= n }); err != nil {
		return err
	}
	*g.Value() -= n
	g.Unlock()
	return nil
}

func downgrade(m *own.RWMutex[[]int], f func([]int)) error {
	w, err := m.Lock()
	if err != nil {
		return err
	}
	defer w.Unlock()
	sort.Ints(*w.Value())
	r := w.Downgrade()
	defer r.Unlock()
	f(*r.Value())
	return nil
}

func part(m *own.Mutex[session], key string) (*own.MappedGuard[string], error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	p := own.MapGuard(g, func(s *session) *string { return &s.id })
	if *p.Value() != key {
		p.Unlock()
		return nil, errors.New("other key")
	}
	return p, nil
}

func usePart(m *own.Mutex[session]) error {
	p, err := part(m, "a")
	if err != nil {
		return err
	}
	*p.Value() = "b"
	p.Unlock()
	return nil
}

func repair(m *own.Mutex[int]) (v int, err error) {
	for range 2 {
		g, err := m.Lock()
		if err == nil {
			v = *g.Value()
			g.Unlock()
			return v, nil
		}
		if err := m.Repair(func(v *int, _ *own.PoisonError) error { *v = 0; return nil }); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("poisoned again and again")
}

func lockAll(ms ...*own.Mutex[int]) (unlock func(), err error) {
	var held []*own.Guard[int]
	release := func() {
		for _, g := range held {
			g.Unlock()
		}
	}
	for _, m := range ms {
		g, err := m.Lock()
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, g)
	}
	return release, nil
}

func sum(ms ...*own.Mutex[int]) (n int, err error) {
	unlock, err := lockAll(ms...)
	if err != nil {
		return 0, err
	}
	defer unlock()
	return n, nil
}

type tree struct {
	mu          own.Mutex[int]
	left, right *tree
}

func (t *tree) sum() int {
	if t == nil {
		return 0
	}
	g := t.mu.MustLock()
	defer g.Unlock()
	return *g.Value() + t.left.sum() + t.right.sum()
}

func (t *tree) find(v int) *own.Guard[int] {
	for t != nil {
		g := t.mu.MustLock()
		switch {
		case *g.Value() == v:
			return g
		case *g.Value() < v:
			g.Unlock()
			t = t.right
		default:
			g.Unlock()
			t = t.left
		}
	}
	return nil
}

func (t *tree) bump(v int) bool {
	g := t.find(v)
	if g == nil {
		return false
	}
	defer g.Unlock()
	*g.Value()++
	return true
}

func borrowing(c *cell.RefCell[[]string]) (out []string) {
	r := c.Borrow()
	for _, s := range *r.Value() {
		if s == "" {
			r.Drop()
			return nil
		}
		out = append(out, s)
	}
	r.Drop()
	w, err := c.TryBorrowMut()
	if err != nil {
		return nil
	}
	*w.Value() = nil
	w.Drop()
	return out
}

type graph struct {
	nodes cell.RefCell[[]*rc.Rc[vertex]]
}

type vertex struct {
	name string
	up   *rc.Weak[vertex]
}

func (g *graph) add(name string, parent *rc.Rc[vertex]) *rc.Rc[vertex] {
	v := rc.New(vertex{name: name, up: parent.Downgrade()})
	w := g.nodes.BorrowMut()
	defer w.Drop()
	*w.Value() = append(*w.Value(), v.Clone())
	return v
}

func (g *graph) close() {
	for _, v := range g.nodes.Take() {
		v.Value().up.Drop()
		v.Drop()
	}
}

func parentName(v *rc.Rc[vertex]) string {
	p, ok := v.Value().up.Upgrade()
	if !ok {
		return ""
	}
	defer p.Drop()
	return p.Value().name
}

func retry(ctx context.Context, m *own.Mutex[int]) (err error) {
	var g *own.Guard[int]
	for i := 0; ; i++ {
		g, err = m.TryLock()
		if err == nil {
			break
		}
		if !errors.Is(err, own.ErrWouldBlock) || i > 3 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Duration(i) * time.Millisecond):
		}
	}
	defer g.Unlock()
	*g.Value()++
	return nil
}

func optional(m *own.Mutex[int], n int) int {
	var g *own.Guard[int]
	if m != nil {
		g = m.MustLock()
		defer g.Unlock()
	}
	if g != nil {
		return *g.Value() + n
	}
	return n
}

func parse(m *own.Mutex[map[string]int], in []string) (err error) {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	for _, s := range in {
		var n int
		if n, err = strconv.Atoi(s); err != nil {
			return fmt.Errorf("parse %q: %w", s, err)
		}
		(*g.Value())[s] = n
	}
	return nil
}

func (s *sessions) limit(n int) error {
	g, err := s.limits.n.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	if *g.Value()+n > 10 {
		return errors.New("too many")
	}
	*g.Value() += n
	s.count(true) // another lock
	return nil
}

func (s *sessions) limitAgain(n int) error {
	if err := s.limit(n); err != nil {
		return err
	}
	g, err := s.limits.n.Lock()
	if err != nil {
		return err
	}
	v := *g.Value()
	g.Unlock()
	if v > 5 {
		return s.limit(-v)
	}
	return nil
}

func parallel(m *own.Mutex[[64]int]) error {
	return m.With(func(v *[64]int) {
		var wg sync.WaitGroup
		for i := range v {
			wg.Go(func() { v[i] *= 2 })
		}
		wg.Wait()
	})
}

func lazily(m *own.Mutex[*session]) (*session, error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	defer g.Unlock()
	if *g.Value() == nil {
		*g.Value() = &session{}
	}
	return *g.Value(), nil
}

func last(a *own.Arc[os.File]) error {
	f, ok := a.IntoInner()
	if !ok {
		return nil
	}
	return f.Close()
}

func chooser(ms map[string]*own.Mutex[int], name string) (func() int, func()) {
	g := ms[name].MustLock()
	return func() int { return *g.Value() }, g.Unlock
}

func both(c *own.Arc[own.Mutex[int]], other *own.Arc[own.Mutex[int]]) {
	g := c.Value().MustLock()
	*g.Value()++
	g.Unlock()
	h := other.Value().MustLock()
	defer h.Unlock()
	g = c.Value().MustLock()
	defer g.Unlock()
}

type closer struct {
	once sync.Once
	a    *own.Arc[os.File]
}

func (c *closer) Close() error {
	c.once.Do(c.a.Drop)
	return nil
}

func deferredWork(m *own.Mutex[int], n int) (err error) {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	var todo []func()
	defer func() {
		for _, f := range todo {
			f()
		}
	}()
	defer g.Unlock()
	for i := range n {
		todo = append(todo, func() { fmt.Println(i) })
	}
	*g.Value() += n
	return nil
}

func handler(m *own.Mutex[int]) func(context.Context, response) {
	return func(ctx context.Context, w response) {
		g, err := m.LockContext(ctx)
		switch {
		case errors.Is(err, context.Canceled):
			return
		case err != nil:
			w.fail(500, err.Error())
			return
		}
		n := *g.Value()
		g.Unlock()
		fmt.Println(n)
	}
}

func generic[K comparable, V any](m *own.RWMutex[map[K]V], k K, make func() (V, error)) (V, error) {
	r := m.MustRLock()
	v, ok := (*r.Value())[k]
	r.Unlock()
	if ok {
		return v, nil
	}
	w := m.MustLock()
	defer w.Unlock()
	if v, ok := (*w.Value())[k]; ok {
		return v, nil
	}
	v, err := make()
	if err == nil {
		(*w.Value())[k] = v
	}
	return v, err
}
