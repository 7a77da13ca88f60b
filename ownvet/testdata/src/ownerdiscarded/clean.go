package ownerdiscarded

import (
	"sync"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

func bound(a *own.Arc[int]) {
	b := a.Clone()
	defer b.Drop()
}

func chained(a *own.Arc[int]) {
	a.Clone().Drop()
	defer a.Clone().Drop()
}

func returned(a *own.Arc[int]) *own.Arc[int] { return a.Clone() }

func movedOut(a *own.Arc[int]) *own.Arc[int] {
	defer a.Drop()
	return a.Move()
}

func passed(a *own.Arc[int]) { go use(a.Clone()) }

func use(a *own.Arc[int]) { a.Drop() }

func stored(s []*own.Arc[int], a *own.Arc[int]) { s[0] = a.Clone() }

func storedInCell(p *own.AtomicArc[int], a *own.Arc[int]) {
	p.Store(a.Clone())
	p.Swap(a).Drop()
}

func exchanged(p *own.AtomicArc[int], a *own.Arc[int]) {
	b := a.Clone()
	if !p.CompareAndSwap(nil, b) {
		b.Drop()
	}
}

func upgraded(w *own.Weak[int]) int {
	a, ok := w.Upgrade()
	if !ok {
		return 0
	}
	defer a.Drop()
	return *a.Value()
}

func isAliveRight(w *own.Weak[int]) bool {
	a, ok := w.Upgrade()
	a.Drop()
	return ok
}

func count(w *own.Weak[int]) bool { return w.StrongCount() > 0 }

// A reference owns nothing.
func weak(a *own.Arc[int]) {
	a.Downgrade()
	a.Downgrade().Clone()
}

func values(a *own.Arc[int]) {
	a.GetMut()
	a.TryUnwrap()
	a.IntoInner()
}

func asserted(t *testing.T, w *own.Weak[int]) {
	if _, ok := w.Upgrade(); ok {
		t.Fatal("alive")
	}
	_, ok := w.Upgrade()
	requireFalse(t, ok)
	_, ok = w.Upgrade()
	if ok {
		t.Error("alive")
	}
}

func requireFalse(t *testing.T, v bool) {
	if v {
		t.FailNow()
	}
}

func loaded(p *own.AtomicArc[int]) {
	if a := p.Load(); a != nil {
		defer a.Drop()
	}
}

func goroutines(a *own.Arc[int], wg *sync.WaitGroup) {
	for range 3 {
		b := a.Clone()
		wg.Go(func() { b.Drop() })
	}
}

func countedRight(r *rc.Rc[int]) {
	s := r.Clone()
	s.Drop()
}

func borrowed(s *holder) {
	s.arc() // still s's
}

type holder struct{ a *own.Arc[int] }

func (s *holder) arc() *own.Arc[int] { return s.a }

func inLiteral(a *own.Arc[int]) func() *own.Arc[int] {
	return func() *own.Arc[int] { return a.Clone() }
}

func inSelect(a *own.Arc[int], c chan *own.Arc[int]) {
	b := a.Clone()
	select {
	case c <- b:
	default:
		b.Drop()
	}
}

func named(a *own.Arc[int]) (b *own.Arc[int]) {
	b = a.Clone()
	return
}
