package notsend

import (
	"context"
	"net/http"
	"notsend/jobs"
	"sync"
	"time"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
	"golang.org/x/sync/errgroup"
)

type node struct {
	name     string
	children []*rc.Rc[node]
}

type cache struct {
	size int
	root map[string]*node
}

type counter struct {
	hits cell.RefCell[int]
}

func captured() {
	r := rc.New(1)
	go func() { // want `^not-send: r, an rc.Rc\[int\], is captured by this goroutine: its counts are not atomic; use own.Arc$`
		defer r.Drop()
	}()
}

func passed(r *rc.Rc[int]) {
	go use(r) // want `not-send: r, an rc.Rc\[int\], is passed to this goroutine`
}

func receiver(r *rc.Rc[int]) {
	go r.Drop() // want `not-send: r, an rc.Rc\[int\], is passed to this goroutine`
}

func methodValue(r *rc.Rc[int]) {
	drop := r.Drop
	go drop() // want `not-send: r, an rc.Rc\[int\], is captured by this goroutine`
}

func result() {
	go use(rc.New(1)) // want `not-send: an rc.Rc\[int\] is passed to this goroutine`
}

func deep(c *cache) {
	go func() { // want `not-send: c\.root\[\]\.children\[\], an rc.Rc\[node\], is captured by this goroutine`
		println(len(c.root))
	}()
}

func deepInside(c *cache) {
	go func() { // want `not-send: c\.root\[\]\.children\[\], an rc.Rc\[node\], is captured by this goroutine`
		func() {
			for _, n := range c.root {
				println(n.name)
			}
		}()
	}()
}

func wholly(c *cache) {
	go func() { // want `not-send: c\.root\[\]\.children\[\], an rc.Rc\[node\], is captured by this goroutine`
		c.drop()
	}()
}

func (c *cache) drop() {}

func field(c *counter) {
	go func() { // want `not-send: c\.hits, a cell.RefCell\[int\], is captured by this goroutine: its borrows are not synchronized; use own.Mutex or own.RWMutex`
		c.hits.Take()
	}()
}

func lone() {
	c := cell.NewRefCell(0)
	done := make(chan bool)
	go func() { // want `not-send: c, a cell.RefCell\[int\], is captured`
		c.Replace(1)
		close(done)
	}()
	<-done
}

func guard(m *own.Mutex[int]) {
	g := m.MustLock()
	go func() { // want `not-send: g, an own.Guard\[int\], is captured by this goroutine: a guard belongs to the goroutine that locked; let the other one lock for itself`
		defer g.Unlock()
		*g.Value()++
	}()
}

func deferredGuards(m *own.RWMutex[int]) {
	g := m.MustRLock()
	go g.Unlock() // want `not-send: g, an own.ReadGuard\[int\], is passed to this goroutine`
}

func sent(ch chan<- *own.WriteGuard[int], m *own.RWMutex[int]) {
	g := m.MustLock()
	ch <- g // want `not-send: g, an own.WriteGuard\[int\], is sent to another goroutine`
}

func sentInStruct(ch chan cache, c cache) {
	ch <- c // want `not-send: c\.root\[\]\.children\[\], an rc.Rc\[node\], is sent to another goroutine`
}

func selected(ch chan *rc.Weak[int], r *rc.Rc[int], stop chan bool) {
	w := r.Downgrade()
	select {
	case ch <- w: // want `not-send: w, an rc.Weak\[int\], is sent to another goroutine`
	case <-stop:
	}
}

func boxed(ch chan any, b *cell.RefMut[string]) {
	ch <- b // want `not-send: b, a cell.RefMut\[string\], is sent to another goroutine`
}

func closureSent(work chan func()) {
	r := rc.New(1)
	work <- func() { r.Drop() } // want `not-send: r, an rc.Rc\[int\], is captured by a function that is sent to another goroutine`
}

func nested() {
	r := rc.New(1)
	drop := func() { r.Drop() }
	go func() { // want `not-send: r, an rc.Rc\[int\], is captured by this goroutine`
		drop()
	}()
}

func inArc() {
	a := own.NewArc(cell.NewRefCell(1))
	defer a.Drop()
	go func(a *own.Arc[cell.RefCell[int]]) { // want `not-send: own.Arc\[cell.RefCell\[int\]\].value, a cell.RefCell\[int\], is passed to this goroutine`
		defer a.Drop()
	}(a.Clone())
}

func inMutex(m *own.Mutex[*rc.Rc[int]]) {
	go func() { // want `not-send: m\.value, an rc.Rc\[int\], is captured`
		m.IsPoisoned()
	}()
}

func inRWMutex(m *own.RWMutex[cell.RefCell[int]]) {
	go func() { // want `not-send: m\.value, a cell.RefCell\[int\], is captured`
		m.IsPoisoned()
	}()
}

type guarded struct {
	mu   sync.Mutex
	tree *rc.Rc[int]
}

// A lock beside it does not help an Rc: its other owners are elsewhere.
func lockBesideRc(g *guarded) {
	go func() { // want `not-send: g\.tree, an rc.Rc\[int\], is captured`
		g.mu.Lock()
		defer g.mu.Unlock()
		g.tree.Clone().Drop()
	}()
}

func spawners(wg *sync.WaitGroup, g *errgroup.Group, ctx context.Context) {
	r := rc.New(1)
	wg.Go(func() { r.StrongCount() })              // want `not-send: r, an rc.Rc\[int\], is captured by a function that Go runs on another goroutine`
	wg.Go(r.Drop)                                  // want `not-send: r, an rc.Rc\[int\], is captured by a function that Go runs on another goroutine`
	g.Go(func() error { r.Drop(); return nil })    // want `not-send: r, an rc.Rc\[int\], is captured by a function that Go runs`
	g.TryGo(func() error { r.Drop(); return nil }) // want `not-send: r, an rc.Rc\[int\], is captured by a function that TryGo runs`
	time.AfterFunc(time.Second, func() {           // want `not-send: r, an rc.Rc\[int\], is captured by a function that AfterFunc runs`
		r.Drop()
	})
	context.AfterFunc(ctx, func() { r.Drop() })                                            // want `not-send: r, an rc.Rc\[int\], is captured by a function that AfterFunc runs`
	http.HandleFunc("/", func(http.ResponseWriter, *http.Request) { println(*r.Value()) }) // want `not-send: r, an rc.Rc\[int\], is captured by a function that HandleFunc runs`
}

func otherPackages(q *jobs.Queue[*rc.Rc[int]], p *jobs.Pool) {
	r := rc.New(1)
	jobs.Run(func() { r.Drop() })               // want `not-send: r, an rc.Rc\[int\], is captured by a function that Run runs on another goroutine`
	jobs.RunAll(func() {}, func() { r.Drop() }) // want `not-send: r, an rc.Rc\[int\], is captured by a function that RunAll runs`
	jobs.Parallel(3, func() { r.Drop() })       // want `not-send: r, an rc.Rc\[int\], is captured by a function that Parallel runs`
	jobs.Indirect("x", func() { r.Drop() })     // want `not-send: r, an rc.Rc\[int\], is captured by a function that Indirect runs`
	q.Put(r)                                    // want `not-send: r, an rc.Rc\[int\], is given to Put, which passes it to another goroutine`
	p.Submit(r)                                 // want `not-send: r, an rc.Rc\[int\], is given to Submit, which passes it to another goroutine`
	defer p.Submit(r)                           // want `not-send: r, an rc.Rc\[int\], is given to Submit, which passes it to another goroutine`
}

// A session is used here after it was given away.
func stillUsed(s *session) {
	mine := newSession("x")
	go mine.serve() // want `not-send: mine\.state, a cell.RefCell\[int\], is passed to this goroutine`
	mine.serve()
}

func kept(all map[string]*session) {
	s := newSession("x")
	all["x"] = s
	go s.serve() // want `not-send: s.state, a cell.RefCell\[int\], is passed to this goroutine`
}

func lentTwice(r *rc.Rc[cell.RefCell[int]], wg *sync.WaitGroup) {
	c, ok := r.TryUnwrap()
	if !ok {
		return
	}
	for range 2 {
		wg.Go(func() { c.Replace(1) }) // want `not-send: c, a cell.RefCell\[int\], is captured`
	}
	wg.Wait()
}

func notNew(a *own.Arc[cell.RefCell[int]], m *own.Mutex[session], cells chan *cell.RefCell[int]) {
	go func(c *cell.RefCell[int]) { c.Take() }(a.Value()) // want `not-send: a cell.RefCell\[int\] is passed to this goroutine`
	cells <- a.Value()                                    // want `not-send: a cell.RefCell\[int\] is sent`
	g := m.MustLock()
	go g.Value().serve() // want `not-send: session.state, a cell.RefCell\[int\], is passed to this goroutine`
	g.Unlock()
}

func sameForAll() {
	s := newSession("x")
	for range 3 {
		go s.serve() // want `not-send: s.state, a cell.RefCell\[int\], is passed to this goroutine`
	}
}

func generic[T any](v T) *rc.Rc[T] {
	r := rc.New(v)
	go use(r.Clone()) // want `not-send: an rc.Rc\[T\] is passed to this goroutine`
	return r
}

// An arena is for one goroutine.
//
//own:nosend
type arena struct{ free []byte } // want arena:"nosend"

func marked(a *arena) {
	go func() { // want `not-send: a, a arena, is captured by this goroutine: its type is marked own:nosend`
		a.free = nil
	}()
}

func silenced(ch chan *rc.Rc[int], r *rc.Rc[int]) {
	ch <- r //own:allow not-send all owners of this value move together
	//own:allow not-send the same
	ch <- r
	//own:allow not-send // want `not-send: this own:allow gives no reason`
	ch <- r // want `not-send: r, an rc.Rc\[int\], is sent`
	//own:allow not-send nothing to see here // want `not-send: this own:allow silences nothing`
	r.Drop()
	ch <- r /* not a directive */ // want `not-send: r, an rc.Rc\[int\], is sent`
}

func use[T any](r *rc.Rc[T]) {}
