package bench

import (
	"io"
	"sync"
	"testing"
	"time"

	linkdata "github.com/linkdata/deadlock"
	godeadlock "github.com/sasha-s/go-deadlock"

	"github.com/go-own/own"
)

// What it costs to have deadlocks found, against go-deadlock and a fork of it, each as it is
// set up by default. They take turns in one process, and each ratio is the median of many
// turns. Without the tags, ours and linkdata's are plain locks.
//
//	go test -tags 'owndebug deadlock' -run '^$' -bench Debug -cpu 1 .

// A locker locks and unlocks once.
type locker interface {
	Lock()
	Unlock()
}

type owned struct {
	m own.Mutex[int]
	g *own.Guard[int]
}

func (o *owned) Lock()   { o.g = o.m.MustLock() }
func (o *owned) Unlock() { o.g.Unlock() }

func BenchmarkDebug(b *testing.B) {
	godeadlock.Opts.LogBuf = io.Discard
	makers := []struct {
		name string
		make func() locker
	}{
		{"own", func() locker { return new(owned) }},
		{"sync", func() locker { return new(sync.Mutex) }},
		{"go-deadlock", func() locker { return new(godeadlock.Mutex) }},
		{"linkdata", func() locker { return new(linkdata.Mutex) }},
	}
	for _, bench := range []struct {
		name  string
		held  int // locks that another goroutine holds meanwhile
		inner int // locks that are held around
	}{{"one lock", 0, 0}, {"while 1000 others are held", 1000, 0}, {"inside of two", 0, 2}} {
		b.Run(bench.name, func(b *testing.B) {
			laps := make([]func() float64, len(makers))
			for i, m := range makers {
				others := make([]locker, bench.held)
				for j := range others {
					others[j] = m.make()
				}
				// Locked where they are unlocked.
				start, done := make(chan struct{}), make(chan struct{})
				go func() {
					for _, l := range others {
						l.Lock()
					}
					start <- struct{}{}
					<-done
					for _, l := range others {
						l.Unlock()
					}
					start <- struct{}{}
				}()
				<-start
				b.Cleanup(func() { close(done); <-start })
				chain := []locker{m.make()}
				for range bench.inner {
					chain = append(chain, m.make())
				}
				laps[i] = func() float64 {
					const n = 200
					begin := time.Now()
					for range n {
						for _, l := range chain {
							l.Lock()
						}
						for j := range chain {
							chain[len(chain)-1-j].Unlock()
						}
					}
					return float64(time.Since(begin).Nanoseconds()) / n
				}
			}
			times := make([][]float64, len(makers))
			ratios := make([][]float64, len(makers))
			for b.Loop() {
				ours := laps[0]()
				times[0] = append(times[0], ours)
				for i := 1; i < len(makers); i++ {
					t := laps[i]()
					times[i], ratios[i] = append(times[i], t), append(ratios[i], ours/t)
				}
			}
			for i, m := range makers {
				b.ReportMetric(median(times[i]), m.name+"-ns")
				if i > 0 {
					b.ReportMetric(median(ratios[i]), "ratio-"+m.name)
				}
			}
			b.ReportMetric(0, "ns/op") // of a whole turn: says nothing
		})
	}
}

// What an owner costs there.
func BenchmarkDebugOwner(b *testing.B) {
	a := own.NewArc(0)
	defer a.Drop()
	b.ReportAllocs()
	for b.Loop() {
		a.Clone().Drop()
	}
}
