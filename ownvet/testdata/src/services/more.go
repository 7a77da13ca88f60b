package services

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
	"github.com/go-own/own/rc"
)

type table struct {
	rows  map[string][]int
	index []string
	dirty bool
}

type db struct {
	own.RWMutex[table]
	log    own.Mutex[[]string]
	parent *db
}

func (d *db) read(k string) []int {
	r := d.MustRLock()
	defer r.Unlock()
	return slices.Clone(r.Value().rows[k])
}

func (d *db) snapshot() (table, error) {
	r, err := d.RLock()
	if err != nil {
		return table{}, err
	}
	defer r.Unlock()
	t := table{rows: maps.Clone(r.Value().rows), index: slices.Clone(r.Value().index)}
	t.dirty = false
	for k := range t.rows {
		t.rows[k] = slices.Clone(t.rows[k])
	}
	return t, nil
}

func (d *db) write(k string, v int) error {
	w, err := d.Lock()
	if err != nil {
		return err
	}
	defer w.Unlock()
	t := w.Value()
	t.rows[k] = append(t.rows[k], v)
	t.dirty = true
	return nil
}

func (d *db) writeLogged(k string, v int) error {
	if err := d.write(k, v); err != nil {
		return err
	}
	return d.log.With(func(l *[]string) { *l = append(*l, k) })
}

func (d *db) both(k string) (n int) {
	r := d.MustRLock()
	defer r.Unlock()
	n = len(r.Value().rows[k])
	if d.parent != nil {
		n += len(d.parent.read(k))
	}
	return n
}

func (d *db) compact() (removed int, err error) {
	w, err := d.Lock()
	if err != nil {
		return 0, err
	}
	t := w.Value()
	for k, rows := range t.rows {
		if len(rows) == 0 {
			delete(t.rows, k)
			removed++
		}
	}
	if removed == 0 {
		w.Unlock()
		return 0, nil
	}
	t.index = slices.Sorted(maps.Keys(t.rows))
	r := w.Downgrade()
	n := len(r.Value().index)
	r.Unlock()
	fmt.Println("left:", n)
	return removed, nil
}

func (d *db) longest() (key string) {
	best := -1
	_ = d.RWith(func(t *table) {
		for k, rows := range t.rows {
			if len(rows) > best {
				key, best = k, len(rows)
			}
		}
	})
	return key
}

func (d *db) flushIfDirty(flush func(table) error) error {
	w, err := d.TryLock()
	if err != nil {
		if errors.Is(err, own.ErrWouldBlock) {
			return nil
		}
		return err
	}
	defer w.Unlock()
	if !w.Value().dirty {
		return nil
	}
	if err := flush(*w.Value()); err != nil {
		return err
	}
	w.Value().dirty = false
	return nil
}

func (d *db) walk(f func(k string, rows []int) error) error {
	r := d.MustRLock()
	defer r.Unlock()
	for _, k := range r.Value().index {
		if err := f(k, r.Value().rows[k]); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	return nil
}

func (d *db) chunks(n int, work func([]string)) {
	r := d.MustRLock()
	defer r.Unlock()
	var wg sync.WaitGroup
	for part := range slices.Chunk(r.Value().index, n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			work(part)
		}()
	}
	wg.Wait()
}

type job struct {
	name string
	done chan error
}

type queue struct {
	state own.Mutex[struct {
		jobs   []job
		closed bool
	}]
	wg sync.WaitGroup
}

func (q *queue) push(j job) error {
	g, err := q.state.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	if g.Value().closed {
		return errors.New("closed")
	}
	g.Value().jobs = append(g.Value().jobs, j)
	return nil
}

func (q *queue) pop(ctx context.Context) (j job, ok bool, err error) {
	g, err := q.state.Lock()
	if err != nil {
		return job{}, false, err
	}
	for len(g.Value().jobs) == 0 {
		if g.Value().closed {
			g.Unlock()
			return job{}, false, nil
		}
		err := g.Await(ctx, func(s *struct {
			jobs   []job
			closed bool
		}) bool {
			return len(s.jobs) > 0 || s.closed
		})
		if err != nil {
			return job{}, false, err
		}
	}
	j = g.Value().jobs[0]
	g.Value().jobs = g.Value().jobs[1:]
	g.Unlock()
	return j, true, nil
}

func (q *queue) work(ctx context.Context, run func(string) error) {
	for range 4 {
		q.wg.Add(1)
		go func() {
			defer q.wg.Done()
			for {
				j, ok, err := q.pop(ctx)
				if err != nil || !ok {
					return
				}
				j.done <- run(j.name)
			}
		}()
	}
}

func (q *queue) close() {
	g := q.state.LockIgnorePoison()
	g.Value().closed = true
	g.Unlock()
	q.wg.Wait()
}

type blob struct {
	data []byte
	refs own.Mutex[int]
}

type store struct {
	blobs own.Mutex[map[string]*own.Arc[blob]]
}

func (s *store) get(name string) (*own.Arc[blob], bool) {
	g, err := s.blobs.Lock()
	if err != nil {
		return nil, false
	}
	defer g.Unlock()
	a, ok := (*g.Value())[name]
	if !ok {
		return nil, false
	}
	return a.Clone(), true
}

func (s *store) put(name string, b *own.Arc[blob]) (old *own.Arc[blob]) {
	g := s.blobs.MustLock()
	defer g.Unlock()
	old = (*g.Value())[name]
	(*g.Value())[name] = b
	return old
}

func (s *store) replace(name string, data []byte) {
	old := s.put(name, own.NewArc(blob{data: data}))
	old.Drop() // after the Unlock
}

func (s *store) touch(name string) (n int, err error) {
	a, ok := s.get(name)
	if !ok {
		return 0, errors.New("no such blob")
	}
	defer a.Drop()
	g, err := a.Value().refs.Lock()
	if err != nil {
		return 0, err
	}
	defer g.Unlock()
	*g.Value()++
	return *g.Value(), nil
}

func (s *store) each(names []string, f func(*own.Arc[blob]) error) (err error) {
	for _, name := range names {
		a, ok := s.get(name)
		if !ok {
			continue
		}
		err = f(a)
		a.Drop()
		if err != nil {
			break
		}
	}
	return err
}

func (s *store) collect(names ...string) (all []*own.Arc[blob], err error) {
	defer func() {
		if err != nil {
			for _, a := range all {
				a.Drop()
			}
			all = nil
		}
	}()
	for _, name := range names {
		a, ok := s.get(name)
		if !ok {
			return all, fmt.Errorf("no blob %s", name)
		}
		all = append(all, a)
	}
	return all, nil
}

func (s *store) rename(from, to string) bool {
	g := s.blobs.MustLock()
	a, ok := (*g.Value())[from]
	if !ok {
		g.Unlock()
		return false
	}
	delete(*g.Value(), from)
	old := (*g.Value())[to]
	(*g.Value())[to] = a
	g.Unlock()
	old.Drop()
	return true
}

func (s *store) stream(out chan<- *own.Arc[blob], stop <-chan bool) {
	g := s.blobs.MustLock()
	var all []*own.Arc[blob]
	for _, a := range *g.Value() {
		all = append(all, a.Clone())
	}
	g.Unlock()
	for i, a := range all {
		select {
		case out <- a:
		case <-stop:
			for _, rest := range all[i:] {
				rest.Drop()
			}
			return
		}
	}
}

func cowAppend(a *own.Arc[[]int], v int) {
	p := a.MakeMut(func(old *[]int) []int { return slices.Clone(*old) })
	*p = append(*p, v)
}

func unwrapOrCopy(a *own.Arc[[]int]) []int {
	if v, ok := a.TryUnwrap(); ok {
		return *v
	}
	defer a.Drop()
	return slices.Clone(*a.Value())
}

type observer struct{ notify func(string) }

type subject struct {
	observers cell.RefCell[[]*rc.Weak[observer]]
}

func (s *subject) subscribe(o *rc.Rc[observer]) {
	b := s.observers.BorrowMut()
	defer b.Drop()
	*b.Value() = append(*b.Value(), o.Downgrade())
}

func (s *subject) notify(event string) {
	b := s.observers.Borrow()
	all := slices.Clone(*b.Value())
	b.Drop()
	for _, w := range all {
		o, ok := w.Upgrade()
		if !ok {
			continue
		}
		o.Value().notify(event)
		o.Drop()
	}
}

func (s *subject) prune() (n int) {
	b := s.observers.BorrowMut()
	defer b.Drop()
	*b.Value() = slices.DeleteFunc(*b.Value(), func(w *rc.Weak[observer]) bool {
		dead := w.StrongCount() == 0
		if dead {
			w.Drop()
			n++
		}
		return dead
	})
	return n
}

func (s *subject) count() int {
	b, err := s.observers.TryBorrow()
	if err != nil {
		return -1
	}
	n := len(*b.Value())
	b.Drop()
	return n
}

type pool struct {
	free own.Mutex[[]*own.Arc[blob]]
}

func (p *pool) take() (*own.Arc[blob], error) {
	g, err := p.free.Lock()
	if err != nil {
		return nil, err
	}
	free := *g.Value()
	if len(free) == 0 {
		g.Unlock()
		return own.NewArc(blob{}), nil
	}
	a := free[len(free)-1]
	*g.Value() = free[:len(free)-1]
	g.Unlock()
	return a, nil
}

func (p *pool) give(a *own.Arc[blob]) {
	if err := p.free.With(func(free *[]*own.Arc[blob]) { *free = append(*free, a) }); err != nil {
		a.Drop()
	}
}

func (p *pool) use(f func(*blob) error) error {
	a, err := p.take()
	if err != nil {
		return err
	}
	defer p.give(a)
	return f(a.Value())
}
