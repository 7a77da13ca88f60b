package useafterunlock

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-own/own"
)

func inOrder(m *own.Mutex[int]) int {
	g := m.MustLock()
	v := *g.Value()
	g.Unlock()
	return v
}

func twice(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value() = 1
	g.Unlock()
	g.Unlock()
}

func onOnePath(m *own.Mutex[int], n int) {
	g := m.MustLock()
	defer g.Unlock()
	if n == 0 {
		g.Unlock()
	}
	if n != 0 {
		*g.Value() = 1
	}
}

func onOnePathForAll(m *own.Mutex[int], n, k int) {
	g := m.MustLock()
	defer g.Unlock()
	if n == 0 {
		g.Unlock()
	}
	if k != 0 { // whatever that has to do with n
		*g.Value() = 1
	}
}

func deferredThenUsed(m *own.Mutex[int]) int {
	g := m.MustLock()
	defer g.Unlock()
	return *g.Value()
}

func printedAfter(m *own.Mutex[int]) {
	g := m.MustLock()
	g.Unlock()
	fmt.Println(g) // <unlocked>
}

func lockedAgain(m *own.Mutex[int]) {
	g := m.MustLock()
	g.Unlock()
	g = m.MustLock()
	*g.Value() = 1
	g.Unlock()
}

func lockedAgainInLoop(m *own.Mutex[int]) {
	g := m.MustLock()
	for *g.Value() == 0 {
		g.Unlock()
		g = m.MustLock()
	}
	g.Unlock()
}

func eachIteration(ms []own.Mutex[int]) {
	for i := range ms {
		g := ms[i].MustLock()
		*g.Value() = 1
		g.Unlock()
	}
}

func eachIterationOutside(ms []own.Mutex[int]) {
	var g *own.Guard[int]
	for i := range ms {
		if g != nil {
			g.Unlock()
		}
		g = ms[i].MustLock()
		*g.Value() = 1
	}
	g.Unlock()
}

func rangeFunc(ms []*own.Mutex[int]) {
	for _, m := range slices.Backward(ms) {
		g := m.MustLock()
		*g.Value() = 1
		g.Unlock()
	}
}

func awaited(m *own.Mutex[int], ctx context.Context) error {
	g := m.MustLock()
	defer g.Unlock()
	if err := g.Await(ctx, func(v *int) bool { return *v > 0 }); err != nil {
		return err
	}
	*g.Value() = 1
	return nil
}

func awaitedUnchecked(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	g.Await(context.Background(), func(v *int) bool { return *v > 0 })
	*g.Value() = 1
}

func awaitedAndMore(m *own.Mutex[int], ctx context.Context, more func() error) {
	g := m.MustLock()
	defer g.Unlock()
	err := g.Await(ctx, func(v *int) bool { return *v > 0 })
	if err == nil {
		err = more()
	}
	if err != nil {
		println(err.Error())
		return
	}
	*g.Value() = 1
}

func awaitedOrOther(m *own.Mutex[int], ctx context.Context, wait bool, more func() error) {
	g := m.MustLock()
	defer g.Unlock()
	var err error
	if wait {
		err = g.Await(ctx, func(v *int) bool { return *v > 0 })
	} else {
		err = more()
	}
	if err != nil && !wait {
		*g.Value() = 1
	}
}

func downgraded(m *own.RWMutex[int]) int {
	w := m.MustLock()
	defer w.Unlock()
	r := w.Downgrade()
	defer r.Unlock()
	return *r.Value()
}

func downgradedPerhaps(m *own.RWMutex[int], n int) int {
	w := m.MustLock()
	defer w.Unlock()
	if n > 0 {
		r := w.Downgrade()
		defer r.Unlock()
		return *r.Value()
	}
	return *w.Value()
}

func mapped(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	defer g.Unlock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	*p.Value() = 1
	g.Value()[1] = 1
}

func mappedNil(m *own.Mutex[map[int]*int]) {
	g := m.MustLock()
	p := own.MapGuard(g, func(v *map[int]*int) *int { return (*v)[0] })
	if p == nil {
		println(len(*g.Value()))
		g.Unlock()
		return
	}
	p.Unlock()
}

func mapped2(m *own.Mutex[[2]int]) {
	g := m.MustLock()
	p := own.MapGuard(g, func(v *[2]int) *int { return &v[0] })
	q := own.MapGuard(g, func(v *[2]int) *int { return &v[1] })
	*p.Value() = 1
	*q.Value() = 1
	p.Unlock()
	q.Unlock()
}

func remapped(m *own.Mutex[[2]int], ctx context.Context) error {
	g := m.MustLock()
	defer g.Unlock()
	part := func(v *[2]int) *int { return &v[0] }
	p := own.MapGuard(g, part)
	*p.Value() = 1
	if err := g.Await(ctx, func(v *[2]int) bool { return v[0] > 0 }); err != nil {
		return err
	}
	p = own.MapGuard(g, part)
	*p.Value() = 1
	return nil
}

func helperPerhaps(m *own.Mutex[int], n int) {
	g := m.MustLock()
	unlockPerhaps(g, n)
	if n <= 0 {
		*g.Value() = 1
		g.Unlock()
	}
}

func unlockPerhaps(g *own.Guard[int], n int) {
	if n > 0 {
		g.Unlock()
	}
}

func helperThatCopes(m *own.Mutex[int]) {
	g := m.MustLock()
	g.Unlock()
	note(g, false)
}

func note(g *own.Guard[int], value bool) {
	if value {
		fmt.Println(*g.Value())
	}
}

func literalLater(m *own.Mutex[int]) func() {
	g := m.MustLock()
	unlock := func() { g.Unlock() }
	*g.Value() = 1
	return unlock
}

func literalDeferred(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { g.Unlock() }()
	*g.Value() = 1
}

// The literal runs first.
func usedInDefer(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	defer func() { *g.Value() = 1 }()
	*g.Value() = 2
}

func reassignedInLiteral(m *own.Mutex[int]) {
	g := m.MustLock()
	again := func() {
		g.Unlock()
		g = m.MustLock()
	}
	again()
	*g.Value() = 1
	g.Unlock()
}

func choice(a, b *own.Mutex[int], first bool) {
	x, y := a.MustLock(), b.MustLock()
	defer y.Unlock()
	x.Unlock()
	g := x
	if first {
		g = y
	}
	fmt.Println(g)
}

func choiceHeld(a, b *own.Mutex[int], first bool) {
	x, y := a.MustLock(), b.MustLock()
	g := x
	if first {
		x.Unlock()
		g = y
	}
	*g.Value() = 1
	g.Unlock()
	if !first {
		y.Unlock()
	}
}

type holder2 struct{ g *own.Guard[int] }

func (h *holder2) relock(m *own.Mutex[int]) {
	h.g.Unlock()
	h.g = m.MustLock()
	*h.g.Value() = 1
}

func (h *holder2) unlock() { h.g.Unlock() }

func (h *holder2) use(m *own.Mutex[int]) {
	h.unlock()
	h.g = m.MustLock()
	*h.g.Value() = 1
}

func gotoing(m *own.Mutex[int], n int) {
again:
	g := m.MustLock()
	*g.Value() = n
	g.Unlock()
	n--
	if n > 0 {
		goto again
	}
}

func recovered(m *own.Mutex[int]) (err error) {
	g := m.MustLock()
	defer g.Unlock()
	defer func() {
		if v := recover(); v != nil {
			*g.Value() = 0
			err = fmt.Errorf("%v", v)
		}
	}()
	*g.Value() = 1
	return nil
}

func field(m *own.Mutex[int], o *options) {
	g := m.MustLock()
	if o.early {
		g.Unlock()
	}
	o.change()
	if !o.early {
		*g.Value() = 1
		g.Unlock()
	}
}

func fieldThatChanges(m *own.Mutex[int], o *options) {
	g := m.MustLock()
	defer g.Unlock()
	if !o.early {
		o.change()
	} else {
		g.Unlock()
		return
	}
	if o.early {
		*g.Value() = 1
	}
}

type options struct{ early bool }

func (o *options) change() { o.early = !o.early }

func deferredUseBefore(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	defer show(g)
	defer func() { *g.Value() = 1 }()
}

func deferredUseOrNot(m *own.Mutex[int], n int) {
	g := m.MustLock()
	if n > 0 {
		defer show(g)
	} else {
		defer g.Unlock()
	}
}

func deferredPrint(m *own.Mutex[int]) {
	g := m.MustLock()
	defer func() { fmt.Println(g) }()
	defer g.Unlock()
}
