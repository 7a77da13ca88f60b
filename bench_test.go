package own_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-own/own"
)

// compare measures two ways to do the same work against each other: both run in
// turns of n operations, in one process, many times, and the median of the
// ratios is reported. A machine that is busy or changes its clock in between
// hits both sides alike, which two separate benchmarks do not survive.
//
//	go test -run '^$' -bench Ratio -cpu 1
func compare(b *testing.B, base, ours func(n int)) {
	const n = 5000
	lap := func(f func(int)) float64 {
		start := time.Now()
		f(n)
		return float64(time.Since(start).Nanoseconds()) / n
	}
	base(n)
	ours(n)
	var bases, ourss, ratios []float64
	for b.Loop() {
		x, y := lap(base), lap(ours)
		bases, ourss, ratios = append(bases, x), append(ourss, y), append(ratios, y/x)
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(bases), "base-ns")
	b.ReportMetric(median(ourss), "own-ns")
	b.ReportMetric(0, "ns/op") // of a whole turn: says nothing
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// The two sides of a comparison are functions that are not inlined, as the
// methods of a service that lock are not.

type plain struct {
	mu sync.Mutex
	n  int
}

//go:noinline
func plainDefer(p *plain) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
}

//go:noinline
func guardDirect(m *own.Mutex[int]) {
	g := m.MustLock()
	*g.Value()++
	g.Unlock()
}

//go:noinline
func guardDefer(m *own.Mutex[int]) {
	g := m.MustLock()
	defer g.Unlock()
	*g.Value()++
}

//go:noinline
func guardChecked(m *own.Mutex[int]) error {
	g, err := m.Lock()
	if err != nil {
		return err
	}
	defer g.Unlock()
	*g.Value()++
	return nil
}

//go:noinline
func with(m *own.Mutex[int]) error {
	return m.With(func(v *int) { *v++ })
}

func times[T any](x *T, f func(*T)) func(int) {
	return func(n int) {
		for range n {
			f(x)
		}
	}
}

func BenchmarkRatioMutex(b *testing.B) {
	base := times(new(plain), plainDefer)
	m := new(own.Mutex[int])
	for _, bench := range []struct {
		name string
		f    func(*own.Mutex[int])
	}{
		{"With", func(m *own.Mutex[int]) { with(m) }},
		{"GuardDirect", guardDirect},
		{"GuardDefer", guardDefer},
		{"GuardCheckedDefer", func(m *own.Mutex[int]) { guardChecked(m) }},
	} {
		b.Run(bench.name, func(b *testing.B) { compare(b, base, times(m, bench.f)) })
	}
}

func BenchmarkRatioArc(b *testing.B) {
	var count atomic.Int64
	base := func(n int) {
		for range n {
			count.Add(1)
			count.Add(-1)
		}
	}
	a := own.NewArc(1)
	w := a.Downgrade()
	b.Run("CloneDrop", func(b *testing.B) {
		compare(b, base, func(n int) {
			for range n {
				c := a.Clone()
				c.Drop()
			}
		})
	})
	b.Run("UpgradeDrop", func(b *testing.B) {
		compare(b, base, func(n int) {
			for range n {
				c, _ := w.Upgrade()
				c.Drop()
			}
		})
	})
}
