package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"

	linkdata "github.com/linkdata/deadlock"
	godeadlock "github.com/sasha-s/go-deadlock"

	"github.com/go-own/own"
)

// What it costs to have deadlocks found, each library as it is set up by default. Ours and
// linkdata's are plain locks without build tags. So they run in a second process, which is
// this program built with the tags in debugTags.

const debugTags = "owndebug deadlock"

// Sides with these names run in that process.
const (
	ownDebug      = "own.debug"
	linkdataDebug = "linkdata.deadlock"
)

// A locker locks and unlocks once.
type locker interface {
	Lock()
	Unlock()
}

type ownLocker struct {
	m own.Mutex[int]
	g *own.Guard[int]
}

func (o *ownLocker) Lock()   { o.g = o.m.MustLock() }
func (o *ownLocker) Unlock() { o.g.Unlock() }

func debugWorkloads() []*workload {
	godeadlock.Opts.LogBuf = io.Discard
	pairs := func(name, what string, held, inside int) *workload {
		w := &workload{name: name, what: what, alone: true}
		for _, l := range []struct {
			name string
			make func() locker
		}{
			{"sync.Mutex", func() locker { return new(sync.Mutex) }},
			{ownDebug, func() locker { return new(ownLocker) }},
			{"go-deadlock", func() locker { return new(godeadlock.Mutex) }},
			{linkdataDebug, func() locker { return new(linkdata.Mutex) }},
		} {
			w.sides = append(w.sides, pair(l.name, l.make, held, inside))
		}
		return w
	}
	all := []*workload{pairs("Debug/pair", "lock, unlock", 0, 0)}
	for _, held := range []int{1, 10, 100, 1000} {
		all = append(all, pairs(fmt.Sprintf("Debug/held/%d", held),
			fmt.Sprintf("lock, unlock, while other goroutines hold %d others", held), held, 0))
	}
	for _, inside := range []int{1, 2, 3} {
		all = append(all, pairs(fmt.Sprintf("Debug/inside/%d", inside),
			fmt.Sprintf("lock %d in a row, unlock them", inside+1), 0, inside))
	}
	return append(all,
		&workload{
			name:  "Debug/owner",
			what:  "make an owner, drop it",
			alone: true,
			sides: []side{
				ofArc("own", cloneDrop),
				ofArc(ownDebug, cloneDrop),
			},
		},
		&workload{
			name:  "Debug/service",
			what:  "a request of a service that takes two locks and an owner, one inside the other",
			sides: []side{service("own"), service(ownDebug)},
		})
}

func cloneDrop(a *own.Arc[int], n int) {
	for range n {
		c := a.Clone()
		c.Drop()
	}
}

// pair returns a side that locks and unlocks, with so many locks around, while other
// goroutines hold so many others.
func pair(name string, fresh func() locker, held, inside int) side {
	return side{name, func() (func(int) float64, func()) {
		// Each is held by a goroutine of its own, which unlocks it, too.
		var locked, released sync.WaitGroup
		release := make(chan struct{})
		for range held {
			l := fresh()
			locked.Add(1)
			released.Go(func() {
				l.Lock()
				locked.Done()
				<-release
				l.Unlock()
			})
		}
		locked.Wait()
		chain := make([]locker, inside+1)
		for i := range chain {
			chain[i] = fresh()
		}
		return timed(func(n int) {
			for range n {
				for _, l := range chain {
					l.Lock()
				}
				for i := range chain {
					chain[len(chain)-1-i].Unlock()
				}
			}
		}), func() { close(release); released.Wait() }
	}}
}

// service returns a side whose operations are requests, over the loopback interface. Each
// takes the configuration from an AtomicArc, counts itself in a map under a Mutex, and reads
// a table under an RWMutex while it holds the first.
func service(name string) side {
	return side{name, func() (func(int) float64, func()) {
		var (
			current own.AtomicArc[config]
			hits    = own.NewMutex(map[string]int{})
			names   = own.NewRWMutex(map[string]string{"1": "one"})
			failed  atomic.Int64
		)
		current.Store(own.NewArc(config{1, "hello"}))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := current.Load()
			defer c.Drop()
			g, err := hits.Lock()
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			defer g.Unlock()
			(*g.Value())[r.URL.Path]++
			n, err := names.RLock()
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			defer n.Unlock()
			fmt.Fprintln(w, c.Value().s, (*n.Value())["1"], (*g.Value())[r.URL.Path])
		}))
		client := server.Client()
		return timed(func(n int) {
				share(2, n, func(int) {
					res, err := client.Get(server.URL + "/x")
					if err != nil {
						failed.Add(1)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				})
				if f := failed.Load(); f > 0 {
					panic(fmt.Errorf("%d requests failed", f))
				}
			}), func() {
				server.Close()
				current.Drop()
			}
	}}
}
