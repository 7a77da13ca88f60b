package writethroughreadguard

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func read(m *own.RWMutex[config]) int {
	r := m.MustRLock()
	defer r.Unlock()
	return r.Value().limit + len(r.Value().rules) + len(r.Value().names)
}

func readAll(m *own.RWMutex[config]) (sum int) {
	r := m.MustRLock()
	defer r.Unlock()
	for i, f := range &r.Value().flags {
		if f {
			sum += i
		}
	}
	for _, rule := range r.Value().rules {
		rule.on = true // a copy
		if rule.on {
			sum++
		}
	}
	return sum
}

func written(m *own.RWMutex[config]) {
	w := m.MustLock()
	defer w.Unlock()
	w.Value().limit = 1
	w.Value().rules["x"] = rule{}
}

func copied(m *own.RWMutex[config]) config {
	r := m.MustRLock()
	defer r.Unlock()
	c := *r.Value()
	c.limit = 2
	c.flags[0] = true
	return c
}

func cloned(m *own.RWMutex[config]) map[string]rule {
	r := m.MustRLock()
	defer r.Unlock()
	rules := maps.Clone(r.Value().rules)
	rules["x"] = rule{}
	names := slices.Clone(r.Value().names)
	names[0] = "x"
	return rules
}

// What is behind a pointer may have a lock of its own.
func behindPointer(m *own.RWMutex[config]) {
	r := m.MustRLock()
	defer r.Unlock()
	r.Value().next.limit = 1
}

func behindPointerInMap(m *own.RWMutex[map[string]*config]) {
	r := m.MustRLock()
	defer r.Unlock()
	(*r.Value())["x"].limit = 1
}

type counters struct {
	hits  atomic.Int64
	mu    sync.Mutex
	names own.Mutex[[]string]
}

func interior(m *own.RWMutex[counters]) {
	r := m.MustRLock()
	defer r.Unlock()
	r.Value().hits.Add(1)
	r.Value().mu.Lock()
	r.Value().mu.Unlock()
	r.Value().names.MustWith(func(names *[]string) { *names = append(*names, "x") })
}

func atomics(m *own.RWMutex[[]int64]) {
	r := m.MustRLock()
	defer r.Unlock()
	atomic.AddInt64(&(*r.Value())[0], 1)
}

func intoOther(m *own.RWMutex[[]int], into []int) {
	r := m.MustRLock()
	defer r.Unlock()
	copy(into, *r.Value())
	into[0] = (*r.Value())[0]
}

func asValue(m *own.RWMutex[[]int], into map[string][]int) {
	r := m.MustRLock()
	defer r.Unlock()
	into["x"] = *r.Value()
}

func appendedRight(m *own.RWMutex[[]int], into []int) []int {
	r := m.MustRLock()
	defer r.Unlock()
	return append(into, *r.Value()...)
}

func pointerMoved(m *own.RWMutex[int], other *int) {
	r := m.MustRLock()
	defer r.Unlock()
	p := r.Value()
	fmt.Println(*p)
	p = other
	*p = 1
}

func choice(m *own.RWMutex[int], other *int, mine bool) {
	r := m.MustRLock()
	defer r.Unlock()
	p := r.Value()
	if mine {
		p = other
	}
	if mine {
		*p = 1
	}
}

func withRight(m *own.RWMutex[config]) (limit int, err error) {
	err = m.RWith(func(c *config) { limit = c.limit })
	return limit, err
}

func withWrite(m *own.RWMutex[config]) error {
	return m.With(func(c *config) { c.limit = 1 })
}

func borrowed(c *cell.RefCell[config]) int {
	b := c.Borrow()
	defer b.Drop()
	return b.Value().limit
}

func borrowedMut(c *cell.RefCell[config]) {
	b := c.BorrowMut()
	defer b.Drop()
	b.Value().limit = 1
}

func mutex(m *own.Mutex[config]) {
	g := m.MustLock()
	defer g.Unlock()
	g.Value().limit = 1
}

func downgradedRight(m *own.RWMutex[config]) int {
	w := m.MustLock()
	defer w.Unlock()
	w.Value().limit = 1
	r := w.Downgrade()
	defer r.Unlock()
	return r.Value().limit
}

func genericRead[T any](m *own.RWMutex[T]) (v T) {
	r := m.MustRLock()
	defer r.Unlock()
	v = *r.Value()
	return v
}

func selects(m *own.RWMutex[chan int]) {
	r := m.MustRLock()
	defer r.Unlock()
	select {
	case *r.Value() <- 1:
	case v := <-*r.Value():
		fmt.Println(v)
	default:
	}
}

func called(m *own.RWMutex[config]) {
	r := m.MustRLock()
	defer r.Unlock()
	use(r.Value())
}

func use(*config) {}

func sortedCopy(m *own.RWMutex[[]string]) []string {
	r := m.MustRLock()
	defer r.Unlock()
	return slices.Sorted(slices.Values(*r.Value()))
}

func copiedInto(m *own.RWMutex[map[string]int], into map[string]int) {
	r := m.MustRLock()
	defer r.Unlock()
	maps.Copy(into, *r.Value())
}

// A copy is sorted, also where a literal has it.
func sortedCopyByLiteral(m *own.RWMutex[[]string]) []string {
	r := m.MustRLock()
	defer r.Unlock()
	all := *r.Value()
	first := func() string { return all[0] }
	mine := slices.Clone(all)
	sort.Slice(mine, func(i, j int) bool { return mine[i] < mine[j] && first() != "" })
	return mine
}

func sortedAfterwards(m *own.RWMutex[[]string]) []string {
	r := m.MustRLock()
	all := *r.Value()
	all = append([]string(nil), all...)
	r.Unlock()
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return all
}
