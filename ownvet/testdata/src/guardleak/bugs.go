package guardleak

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

var errNo = errors.New("no")

func never(m *own.Mutex[int]) int {
	g := m.MustLock() // want `^guard-leak: g is never unlocked; defer its Unlock$`
	return *g.Value()
}

func earlyReturn(m *own.Mutex[int]) error {
	g, err := m.Lock() // want `guard-leak: g is not unlocked on the path to the return at line 25; defer its Unlock`
	if err != nil {
		return err
	}
	if *g.Value() == 0 {
		return errNo
	}
	g.Unlock()
	return nil
}

func onlyInOneBranch(m *own.Mutex[int], ok bool) {
	g := m.MustLock() // want `guard-leak: g is not unlocked on the path to the return at line 36`
	if ok {
		g.Unlock()
	}
}

func panicking(m *own.Mutex[int]) {
	g := m.MustLock() // want `guard-leak: g is not unlocked by the panic at line 41; defer its Unlock`
	if *g.Value() < 0 {
		panic("negative")
	}
	g.Unlock()
}

func tryLock(m *own.Mutex[int]) bool {
	g, err := m.TryLock() // want `guard-leak: g is not unlocked on the path to the return at line 52`
	if err != nil {
		return false
	}
	if *g.Value() > 0 {
		return true
	}
	g.Unlock()
	return false
}

func errorRefinement(m *own.Mutex[int]) error {
	g, err := m.Lock() // want `guard-leak: g is not unlocked on the path to the return at line 64`
	if err == nil {
		err = work(g.Value())
	}
	if err != nil {
		return err // also if it is that of work
	}
	g.Unlock()
	return nil
}

func work(*int) error { return nil }

func inLoop(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock() // want `guard-leak: g is not unlocked when the loop gets here again and takes another`
		if *g.Value() == 0 {
			continue
		}
		g.Unlock()
	}
}

func breakOut(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock() // want `guard-leak`
		if *g.Value() == 0 {
			break
		}
		g.Unlock()
	}
}

func closureThatDoesNot(m *own.Mutex[int]) {
	g := m.MustLock() // want `guard-leak: g is never unlocked`
	func() {
		fmt.Println(*g.Value())
	}()
}

func closureKeptThatDoesNot(m *own.Mutex[int]) func() int {
	g := m.MustLock() // want `guard-leak: g is never unlocked`
	return func() int { return *g.Value() }
}

func helperThatDoesNot(m *own.Mutex[int]) {
	g := m.MustLock() // want `guard-leak: g is never unlocked`
	show(g)
}

func show(g *own.Guard[int]) {
	fmt.Println(*g.Value())
}

func printed(m *own.Mutex[int]) {
	g := m.MustLock() // want `guard-leak: g is never unlocked`
	fmt.Println(g)
}

func switched(m *own.Mutex[int], n int) error {
	g, err := m.LockContext(context.Background()) // want `guard-leak: g is not unlocked on the path to the return at line 124`
	switch {
	case err != nil:
		return err
	case n == 0:
		return errNo
	}
	defer g.Unlock()
	return nil
}

func await(m *own.Mutex[int], ctx context.Context) error {
	g := m.MustLock() // want `guard-leak: g is not unlocked on the path to the return at line 135`
	if err := g.Await(ctx, func(v *int) bool { return *v > 0 }); err != nil {
		return err
	}
	return nil
}

func gotos(m *own.Mutex[int], n int) {
	g := m.MustLock() // want `guard-leak`
	if n > 0 {
		goto out
	}
	g.Unlock()
out:
	println(n)
}

func selects(m *own.Mutex[int], a, b chan int) {
	g := m.MustLock() // want `guard-leak: g is not unlocked on the path to the return at line 152`
	select {
	case <-a:
		return
	case <-b:
		g.Unlock()
	}
}

func namedResult(m *own.Mutex[int]) (err error) {
	defer func() { err = errors.Join(err, errNo) }()
	g, err := m.Lock() // want `guard-leak: g is never unlocked`
	if err != nil {
		return err
	}
	*g.Value() = 1
	return nil
}

func returnedOnOnePath(m *own.Mutex[int]) (*own.Guard[int], error) {
	g, err := m.Lock() // want `guard-leak: g is not unlocked on the path to the return at line 174`
	if err != nil {
		return nil, err
	}
	if *g.Value() == 0 {
		return nil, errNo
	}
	return g, nil
}

func returnedOnOnePathWithDefer(m *own.Mutex[int]) (*own.Guard[int], error) {
	defer fmt.Println("done")
	g, err := m.Lock() // want `guard-leak: g is not unlocked on the path to the return at line 186`
	if err != nil {
		return nil, err
	}
	if *g.Value() == 0 {
		return nil, errNo
	}
	return g, nil
}

func borrow(c *cell.RefCell[int]) {
	b := c.BorrowMut() // want `guard-leak: b is never dropped; defer its Drop`
	*b.Value() = 1
}

func readGuard(m *own.RWMutex[int]) int {
	r, err := m.RLock() // want `guard-leak: r is never unlocked`
	if err != nil {
		return 0
	}
	return *r.Value()
}

func downgraded(m *own.RWMutex[int]) int {
	w := m.MustLock()
	defer w.Unlock()
	r := w.Downgrade() // want `guard-leak: r is never unlocked`
	return *r.Value()
}

func lockIt(m *own.Mutex[int]) (*own.Guard[int], error) { return m.Lock() }

func fromHelper(m *own.Mutex[int]) int {
	g, err := lockIt(m) // want `guard-leak: g is never unlocked`
	if err != nil {
		return 0
	}
	return *g.Value()
}

func generic[T any](m *own.Mutex[T]) T {
	g := m.MustLock() // want `guard-leak: g is never unlocked`
	return *g.Value()
}

type server struct{ own.Mutex[int] }

func (s *server) embedded(n int) int {
	g := s.MustLock() // want `guard-leak: g is not unlocked on the path to the return at line 231`
	if n == 0 {
		return 0
	}
	v := *g.Value()
	g.Unlock()
	return v
}

func conditionTwice(m *own.Mutex[int], shared bool) {
	var g *own.Guard[int]
	if shared {
		g = m.MustLock() // want `guard-leak`
	}
	println("work")
	if !shared {
		g.Unlock()
	}
}

func mappedNil(m *own.Mutex[map[string]*int]) *int {
	g := m.MustLock() // want `guard-leak: g is not unlocked on the path to the return at line 253`
	p := own.MapGuard(g, func(v *map[string]*int) *int { return (*v)["x"] })
	if p == nil {
		return nil // the lock is still held
	}
	n := *p.Value()
	p.Unlock()
	return &n
}

func inGoroutine(m *own.Mutex[int]) {
	go func() {
		g := m.MustLock() // want `guard-leak: g is never unlocked`
		*g.Value() = 1
	}()
}

// The last one is in the variable when the loop ends.
func lastOfALoop(all []*own.Mutex[int]) {
	var last *own.Guard[int]
	for _, m := range all {
		next := m.MustLock() // want `guard-leak: next is not unlocked on the path to the return at line \d+`
		last.Unlock()
		last = next
		*last.Value()++
	}
}

// The one before is overwritten.
func overwritten(all []*own.Mutex[int]) {
	var last *own.Guard[int]
	for _, m := range all {
		next := m.MustLock() // want `guard-leak`
		last = next
		*last.Value()++
	}
	last.Unlock()
}

// One of two is unlocked by the condition of the other.
func oneOfTwo(a, b *own.Mutex[int], first, second bool) {
	var g *own.Guard[int]
	if first {
		g = a.MustLock() // want `guard-leak`
	} else if second {
		g = b.MustLock()
	}
	if second {
		g.Unlock()
	}
}

func whateverLengthItHas(m *own.Mutex[int], work []int) {
	var g *own.Guard[int]
	if len(work) > 0 {
		g = m.MustLock() // want `guard-leak`
	}
	if len(work) > 1 {
		g.Unlock()
	}
}

// What a function says may be something else in the next round.
func untilDone(m *own.Mutex[int], done func() bool, q *queue) {
	g := m.MustLock() // want `guard-leak`
	for !q.empty() {
		*g.Value()++
	}
	if q.empty() && done() {
		return
	}
	g.Unlock()
}

type queue struct{ n int }

func (q *queue) empty() bool { return q.n == 0 }

// errors.Is says that it is not held there; on the other way, it may be.
func onlyIfBusy(m *own.Mutex[int]) int {
	g, err := m.TryLock() // want `guard-leak: g is never unlocked`
	if errors.Is(err, own.ErrWouldBlock) {
		return -1
	}
	return *g.Value()
}

func onlyIfPoisoned(m *own.Mutex[int]) int {
	g, err := m.Lock() // want `guard-leak`
	var poisoned *own.PoisonError
	if errors.As(err, &poisoned) {
		return -1
	}
	return *g.Value()
}
