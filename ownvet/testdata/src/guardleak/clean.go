package guardleak

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

func deferred(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	if *g.Value() == 0 {
		return errNo
	}
	return nil
}

func deferredBeforeTheCheck(m *own.Mutex[int]) error {
	g, err := m.Lock()
	defer g.Unlock()
	if err != nil {
		return err
	}
	return nil
}

func earlyAndDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value() = 1
	g.Unlock()
	println("long work")
}

func everyPath(m *own.Mutex[int], n int) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	if n == 0 {
		g.Unlock()
		return errNo
	}
	*g.Value() = n
	g.Unlock()
	return nil
}

func wrapped(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return fmt.Errorf("locking: %w", err)
	}
	g.Unlock()
	return nil
}

func tryOrGiveUp(m *own.Mutex[int]) bool {
	g, err := m.TryLock()
	if errors.Is(err, own.ErrWouldBlock) {
		return false
	}
	if err != nil {
		return false
	}
	defer g.Unlock()
	return true
}

func tryIs(m *own.Mutex[int]) bool {
	g, err := m.TryLock()
	if err == own.ErrWouldBlock {
		return false
	} else if err != nil {
		return false
	}
	g.Unlock()
	return true
}

func tryThenLock(m *own.Mutex[int]) error {
	g, err := m.TryLock()
	if errors.Is(err, own.ErrWouldBlock) {
		println("busy")
		g, err = m.Lock()
	}
	if err != nil {
		return err
	}
	defer g.Unlock()
	return nil
}

func either(m *own.Mutex[int], ctx context.Context, wait bool) error {
	var g *own.Guard[int]
	var err error
	if wait {
		g, err = m.LockContext(ctx)
	} else {
		g, err = m.TryLock()
	}
	if err != nil {
		return err
	}
	defer g.Unlock()
	return nil
}

func judgedElsewhere(m *own.Mutex[int]) {
	g, err := m.TryLock()
	if busy(err) {
		return
	}
	g.Unlock()
}

func busy(err error) bool { return errors.Is(err, own.ErrWouldBlock) }

func errorStored(s *holder, m *own.Mutex[int]) {
	g, err := m.Lock()
	s.err = err
	if s.err != nil {
		return
	}
	g.Unlock()
}

type holder struct {
	g   *own.Guard[int]
	err error
}

func switched2(m *own.Mutex[int]) error {
	g, err := m.TryLock()
	switch {
	case errors.Is(err, own.ErrWouldBlock):
		return nil
	case err != nil:
		return err
	}
	g.Unlock()
	return nil
}

func typeSwitched(m *own.Mutex[int]) {
	g, err := m.Lock()
	switch err := err.(type) {
	case nil:
	case *own.PoisonError:
		fmt.Println(err)
		return
	default:
		return
	}
	g.Unlock()
}

func nilCheck(m *own.Mutex[int]) {
	g, _ := m.TryLock()
	if g == nil {
		return
	}
	g.Unlock()
}

func nilSafe(m *own.Mutex[int]) {
	g, _ := m.TryLock()
	g.Unlock()
}

func poll(m *own.Mutex[int]) {
	for {
		g, err := m.TryLock()
		if err != nil {
			continue
		}
		*g.Value() = 1
		g.Unlock()
		return
	}
}

func loop(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock()
		if *g.Value() == 0 {
			g.Unlock()
			continue
		}
		*g.Value() = 1
		g.Unlock()
	}
}

func loopWithLiteral(ms []own.Mutex[int]) {
	for i := range ms {
		func() {
			g := ms[i].MustLock()
			defer g.Unlock()
			*g.Value() = 1
		}()
	}
}

func lockAll(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock()
		defer g.Unlock()
	}
	println("all locked")
}

func lockAllAndKeep(ms []own.Mutex[int]) {
	var guards []*own.Guard[int]
	for i := range ms {
		guards = append(guards, ms[i].MustLock())
	}
	for _, g := range guards {
		g.Unlock()
	}
}

func letGoMeanwhile(m *own.Mutex[int]) {
	g := m.MustLock()
	for *g.Value() == 0 {
		g.Unlock()
		println("work")
		g = m.MustLock()
	}
	g.Unlock()
}

func letGoMeanwhileDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { g.Unlock() }()
	for *g.Value() == 0 {
		g.Unlock()
		println("work")
		g = m.MustLock()
	}
}

type node struct {
	own.Mutex[int]
	next *node
}

func handOverHand(n *node) {
	g := n.MustLock()
	for n.next != nil {
		next := n.next.MustLock()
		g.Unlock()
		g, n = next, n.next
	}
	g.Unlock()
}

func literal(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() {
		println("done")
		g.Unlock()
	}()
}

func literalWithCondition(m *own.Mutex[int]) (err error) {
	g := m.MustLock()
	done := false
	defer func() {
		if !done {
			g.Unlock()
		}
	}()
	if *g.Value() == 0 {
		return errNo
	}
	g.Unlock()
	done = true
	return nil
}

func literalWithNilCheck(m *own.Mutex[int], ok bool) {
	var g *own.Guard[int]
	defer func() {
		if g != nil {
			g.Unlock()
		}
	}()
	if ok {
		g = m.MustLock()
	}
}

func namedLiteral(m *own.Mutex[int], n int) {
	g := m.MustLock()
	done := func() { g.Unlock() }
	if n == 0 {
		done()
		return
	}
	done()
}

func returnedLiteral(m *own.Mutex[int]) func() {
	g := m.MustLock()
	return func() { g.Unlock() }
}

func returnedMethod(m *own.Mutex[int]) (v *int, unlock func()) {
	g := m.MustLock()
	return nil, g.Unlock
}

func methodValue(m *own.Mutex[int]) {
	g := m.MustLock()
	unlock := g.Unlock
	defer unlock()
}

func methodExpression(m *own.Mutex[int]) {
	g := m.MustLock()
	defer (*own.Guard[int]).Unlock(g)
}

func cleanup(t *testing.T, m *own.Mutex[int]) {
	g := m.MustLock()
	t.Cleanup(g.Unlock)
}

func cleanupLiteral(t *testing.T, m *own.Mutex[int]) {
	g := m.MustLock()
	t.Cleanup(func() { g.Unlock() })
}

func helper(m *own.Mutex[int]) {
	g := m.MustLock()
	finish(g)
}

func finish(g *own.Guard[int]) {
	*g.Value() = 0
	g.Unlock()
}

func deferredHelper(m *own.Mutex[int]) {
	g := m.MustLock()
	defer finish(g)
}

func helperPerhaps(m *own.Mutex[int], n int) {
	g := m.MustLock()
	finishPerhaps(g, n)
}

func finishPerhaps(g *own.Guard[int], n int) {
	if n > 0 {
		g.Unlock()
	}
}

func recursive(g *own.Guard[int], n int) {
	if n == 0 {
		g.Unlock()
		return
	}
	recursive(g, n-1)
}

func viaInterface(m *own.Mutex[int], u interface{ take(*own.Guard[int]) }) {
	u.take(m.MustLock())
}

func asLocker(m *own.Mutex[int]) {
	g := m.MustLock()
	var u interface{ Unlock() } = g
	defer u.Unlock()
}

func stored(h *holder, m *own.Mutex[int]) {
	h.g = m.MustLock()
}

func (h *holder) close() {
	h.g.Unlock()
}

func inStruct(m *own.Mutex[int]) *holder {
	return &holder{g: m.MustLock()}
}

func inStructLocal(m *own.Mutex[int]) {
	h := holder{g: m.MustLock()}
	defer h.close()
}

func inMap(m *own.Mutex[int], held map[string]*own.Guard[int]) {
	held["m"] = m.MustLock()
}

func sent(m *own.Mutex[int], c chan *own.Guard[int]) {
	g := m.MustLock()
	select {
	case c <- g:
	default:
		g.Unlock()
	}
}

func toGoroutine(m *own.Mutex[int]) {
	g := m.MustLock()
	go finish(g)
}

func literalToGoroutine(m *own.Mutex[int], wg *sync.WaitGroup) {
	g := m.MustLock()
	wg.Go(func() { g.Unlock() })
}

func toOnce(m *own.Mutex[int], once *sync.Once) {
	g := m.MustLock()
	once.Do(g.Unlock)
}

func conditionTwiceRight(m *own.Mutex[int], shared bool) {
	var g *own.Guard[int]
	if shared {
		g = m.MustLock()
	}
	println("work")
	if shared {
		g.Unlock()
	}
}

func conditionThrice(m *own.Mutex[int], n int) {
	var g *own.Guard[int]
	if n > 3 {
		g = m.MustLock()
	}
	if n > 3 {
		*g.Value() = n
	}
	if !(n > 3) {
		return
	}
	g.Unlock()
}

func flagged(m *own.Mutex[int], n int) {
	var g *own.Guard[int]
	locked := false
	if n > 3 {
		g = m.MustLock()
		locked = true
	}
	println("work")
	if locked {
		g.Unlock()
	}
}

type options struct{ shared bool }

func field(m *own.Mutex[int], o *options) {
	var g *own.Guard[int]
	if o.shared {
		g = m.MustLock()
	}
	println("work")
	if o.shared {
		g.Unlock()
	}
}

func nilAtTheEnd(m *own.Mutex[int], n int) {
	var g *own.Guard[int]
	if n > 3 {
		g = m.MustLock()
	}
	if g != nil {
		g.Unlock()
	}
}

func returnedGuard(m *own.Mutex[int]) (*own.Guard[int], error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	*g.Value() = 1
	return g, nil
}

func returnedNamed(m *own.Mutex[int]) (g *own.Guard[int], err error) {
	defer fmt.Println("done")
	g, err = m.Lock()
	if err != nil {
		return nil, err
	}
	*g.Value() = 1
	return g, nil
}

func returnedNamedCaptured(m *own.Mutex[int]) (g *own.Guard[int], err error) {
	defer func() {
		if err != nil {
			g.Unlock()
			g = nil
		}
	}()
	g, err = m.Lock()
	if err != nil {
		return
	}
	err = work(g.Value())
	return
}

func awaiting(m *own.Mutex[int], ctx context.Context) error {
	g := m.MustLock()
	if err := g.Await(ctx, func(v *int) bool { return *v > 0 }); err != nil {
		return err // released
	}
	g.Unlock()
	return nil
}

func awaitingDeferred(m *own.Mutex[int], ctx context.Context) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	return g.Await(ctx, func(v *int) bool { return *v > 0 })
}

func downgrading(m *own.RWMutex[int]) int {
	w := m.MustLock()
	defer w.Unlock()
	*w.Value() = 1
	r := w.Downgrade()
	defer r.Unlock()
	return *r.Value()
}

func mapped(m *own.Mutex[[2]int]) int {
	g := m.MustLock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	defer p.Unlock() // covers g
	return *p.Value()
}

func mappedParent(m *own.Mutex[[2]int]) int {
	g := m.MustLock()
	defer g.Unlock() // covers p
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	return *p.Value()
}

var errNoUser = errors.New("no user")

func mappedReturned(m *own.Mutex[map[string]*int]) (*own.MappedGuard[int], error) {
	g, err := m.Lock()
	if err != nil {
		return nil, err
	}
	p := own.MapGuard(g, func(v *map[string]*int) *int { return (*v)["x"] })
	if p == nil {
		g.Unlock()
		return nil, errNoUser
	}
	return p, nil
}

func mappedFromHelper(m *own.Mutex[map[string]*int]) error {
	p, err := mappedReturned(m)
	if err != nil {
		return err
	}
	defer p.Unlock()
	*p.Value() = 1
	return nil
}

func fatal(m *own.Mutex[int]) {
	g := m.MustLock()
	if *g.Value() == 0 {
		log.Fatal("zero")
	}
	if *g.Value() == 1 {
		os.Exit(1)
	}
	g.Unlock()
}

func testFatal(t *testing.T, m *own.Mutex[int]) {
	g, err := m.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if *g.Value() == 0 {
		t.Fatalf("zero")
	}
	g.Unlock()
}

func panicDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	if *g.Value() < 0 {
		panic("negative")
	}
}

func selecting(m *own.Mutex[int], a, b chan int) {
	g := m.MustLock()
	select {
	case <-a:
		g.Unlock()
	case <-b:
		g.Unlock()
	}
}

func selectingDeferred(m *own.Mutex[int], a, b chan int) {
	g := m.MustLock()
	defer g.Unlock()
	select {
	case <-a:
		return
	case <-b:
	}
}

func gotoing(m *own.Mutex[int], n int) {
	g := m.MustLock()
	if n > 0 {
		goto out
	}
	println("not")
out:
	g.Unlock()
}

func labelled(ms [][]own.Mutex[int]) {
outer:
	for i := range ms {
		for j := range ms[i] {
			g := ms[i][j].MustLock()
			if *g.Value() == 0 {
				g.Unlock()
				continue outer
			}
			g.Unlock()
		}
	}
}

func rangeFunc(m *own.Mutex[[]int]) int {
	g := m.MustLock()
	defer g.Unlock()
	for _, v := range slices.Backward(*g.Value()) {
		if v == 0 {
			return v
		}
	}
	return 1
}

func rangeFuncInside(ms []*own.Mutex[int]) int {
	for _, m := range slices.Backward(ms) {
		g := m.MustLock()
		if *g.Value() == 0 {
			g.Unlock()
			return 0
		}
		g.Unlock()
	}
	return 1
}

func rangeFuncDeferInside(ms []*own.Mutex[int]) {
	for _, m := range slices.Backward(ms) {
		g := m.MustLock()
		defer g.Unlock()
	}
}

func borrowing(c *cell.RefCell[int]) int {
	b := c.Borrow()
	v := *b.Value()
	b.Drop()
	return v
}

func tryBorrowing(c *cell.RefCell[int]) error {
	b, err := c.TryBorrowMut()
	if err != nil {
		return err
	}
	defer b.Drop()
	return nil
}

func cloned(c *cell.RefCell[int]) *cell.Ref[int] {
	b := c.Borrow()
	defer b.Drop()
	return b.Clone()
}

func genericRight[T any](m *own.Mutex[T]) (v T, err error) {
	g, err := m.Lock()
	if err != nil {
		return v, err
	}
	defer g.Unlock()
	return *g.Value(), nil
}

func genericHelper[T any](m *own.Mutex[T]) {
	g := m.MustLock()
	unlockGeneric(g)
}

func unlockGeneric[T any](g *own.Guard[T]) { g.Unlock() }

func instantiated(m *own.Mutex[int]) {
	g := m.MustLock()
	unlockGeneric(g)
}

func (s *server) embeddedRight() int {
	g := s.MustLock()
	defer g.Unlock()
	return *g.Value()
}

type guarded struct{ *own.Guard[int] }

func wrappedGuard(s *server) {
	w := guarded{s.MustLock()}
	defer w.Unlock()
}

func arguments(m *own.Mutex[int]) {
	g := m.MustLock()
	take("x", g)
}

func take(_ string, args ...any) {}

func forEver(m *own.Mutex[int]) {
	g := m.MustLock()
	_ = g.Value()
	select {} // the program's life long
}

func parameter(g *own.Guard[int]) int {
	return *g.Value()
}

func swapped(a, b *own.Mutex[int]) {
	x, y := a.MustLock(), b.MustLock()
	x, y = y, x
	x.Unlock()
	y.Unlock()
}

func assignedInLiteral(m *own.Mutex[int]) {
	var g *own.Guard[int]
	lock := func() { g = m.MustLock() }
	lock()
	defer g.Unlock()
}

func address(m *own.Mutex[int]) {
	var g *own.Guard[int]
	lockInto(m, &g)
	defer g.Unlock()
}

func lockInto(m *own.Mutex[int], g **own.Guard[int]) { *g = m.MustLock() }

func addressAfter(m *own.Mutex[int]) {
	g := m.MustLock()
	release(&g)
}

func release(g **own.Guard[int]) { (*g).Unlock() }

func awaitAsserted(t *testing.T, m *own.Mutex[int], ctx context.Context) {
	g := m.MustLock()
	requireEqual(t, context.Canceled, g.Await(ctx, func(*int) bool { return true }))
}

func requireEqual(t *testing.T, want, got error) {}

func flaggedNot(m *own.Mutex[int], n int) {
	var g *own.Guard[int]
	locked := false
	if n > 3 {
		g = m.MustLock()
		locked = true
	}
	if !locked {
		return
	}
	g.Unlock()
}

func flaggedTwice(m *own.Mutex[int], n int) {
	var g *own.Guard[int]
	mine := n > 3 && n < 9
	if mine {
		g = m.MustLock()
	}
	for i := range n {
		println(i)
	}
	if !mine {
		return
	}
	g.Unlock()
}

func switchedTwice(m *own.Mutex[int], mode string) {
	var g *own.Guard[int]
	switch mode {
	case "lock":
		g = m.MustLock()
	case "none":
	default:
		return
	}
	println(mode)
	switch mode {
	case "lock":
		g.Unlock()
	}
}

func earlyFlag(m *own.Mutex[int], n int) (err error) {
	g := m.MustLock()
	unlocked := false
	if n == 0 {
		g.Unlock()
		unlocked = true
	}
	if !unlocked {
		g.Unlock()
	}
	return nil
}

func loopFlag(ms []*own.Mutex[int]) {
	var g *own.Guard[int]
	found := false
	for _, m := range ms {
		g = m.MustLock()
		if *g.Value() > 0 {
			found = true
			break
		}
		g.Unlock()
	}
	if !found {
		return
	}
	g.Unlock()
}
