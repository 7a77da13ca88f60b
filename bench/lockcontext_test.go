package bench

import (
	"context"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/go-own/own"
)

// A free lock that can be given up, against what services use for it: x/sync's
// semaphore of weight one, and a channel with one slot. All three check a context
// that can end, lock, increment, and unlock by defer. The three take turns in
// one process, and each ratio is the median of many turns:
//
//	go test -run '^$' -bench LockContext -cpu 1 .
func BenchmarkLockContext(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var (
		sem  = &weighted{s: semaphore.NewWeighted(1)}
		slot = &channel{c: make(chan struct{}, 1)}
		m    own.Mutex[int]
	)
	lap := func(f func()) float64 {
		const n = 5000
		start := time.Now()
		for range n {
			f()
		}
		return float64(time.Since(start).Nanoseconds()) / n
	}
	var ours, toSemaphore, toChannel []float64
	for b.Loop() {
		own := lap(func() { mutex(ctx, &m) })
		ours = append(ours, own)
		toSemaphore = append(toSemaphore, own/lap(func() { sem.add(ctx) }))
		toChannel = append(toChannel, own/lap(func() { slot.add(ctx) }))
	}
	b.ReportMetric(median(ours), "own-ns")
	b.ReportMetric(median(toSemaphore), "ratio-semaphore")
	b.ReportMetric(median(toChannel), "ratio-channel")
	b.ReportMetric(0, "ns/op") // of a whole turn: says nothing
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// The sides are functions that are not inlined, as the methods of a service that
// lock are not.

//go:noinline
func mutex(ctx context.Context, m *own.Mutex[int]) error {
	g, err := m.LockContext(ctx)
	if err != nil {
		return err
	}
	defer g.Unlock()
	*g.Value()++
	return nil
}

type weighted struct {
	s *semaphore.Weighted
	n int
}

//go:noinline
func (w *weighted) add(ctx context.Context) error {
	if err := w.s.Acquire(ctx, 1); err != nil {
		return err
	}
	defer w.s.Release(1)
	w.n++
	return nil
}

type channel struct {
	c chan struct{}
	n int
}

//go:noinline
func (c *channel) add(ctx context.Context) error {
	select {
	case c.c <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.c }()
	c.n++
	return nil
}
