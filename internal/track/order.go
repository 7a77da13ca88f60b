//go:build owndebug

package track

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/go-own/own/internal/goroutine"
)

// The graph of lock order has an edge from each lock to those that were taken while it was
// held. A cycle in it is a deadlock that did not happen this time, unless
//
//   - one goroutine took the locks in both orders: it does not wait for itself. So edges
//     know whose they are, by the numbers of goroutines, and each edge of a cycle must be
//     able to be another's;
//   - a gate, another lock that was held around both, keeps them apart. So edges know what
//     else was held;
//   - two that meet at a lock only read. So edges know how;
//   - it was tried (TryLock), and would not have been waited for. Such a lock has edges to
//     what is taken while it is held, and none to it;
//   - one of the locks is gone. So a lock takes its edges with it.
//
// Looking for cycles takes long and is done once for each new edge. What is done for each
// lock taken is to ask whether this chain of locks has been seen (chains).

// An order is one lock of the graph.
type node struct {
	*label
	out   map[*node]*edge
	in    map[*node]bool
	place int // in an order in which most edges lead forward: see graph.turn

	reported map[string]bool // cycles of which it is the newest, by the ids of all
}

// An edge says that its end was taken while its beginning was held.
type edge struct {
	from, to *node
	variants []*variant
	reported bool // as part of a cycle
	back     bool // it leads back in the order of places: it has closed a cycle
}

// A variant is one way in which that was done.
type variant struct {
	edge        *edge
	holds, gets Mode
	gates       *gates
	numbers     []uint64 // of goroutines that did: the first few
	held, taken *trace
}

// gates are the locks that were held when one was taken, by their ids. All edges that
// lead to that one share them; what such an edge leads from is no gate of it.
type gates struct {
	all  []gate
	hash uint64
}

type gate struct {
	id   uint64
	mode Mode
}

func gatesOf(held []*token) *gates {
	g := new(gates)
	for _, t := range held {
		g.all = append(g.all, gate{t.lock.id, t.mode})
	}
	slices.SortFunc(g.all, func(a, b gate) int { return cmp.Compare(a.id, b.id) })
	for _, one := range g.all {
		g.hash = mix(g.hash, one.id<<1+uint64(one.mode))
	}
	return g
}

const (
	maxVariants = 16
	maxCycle    = 64       // locks
	maxNumbers  = maxCycle // so that each of a cycle can have one of its own
	maxHeld     = 64       // locks that one goroutine holds, from which there are edges to the next
	maxSteps    = 20_000   // of all searches for one new edge
	maxFound    = 16       // cycles that one new edge closes
	maxChains   = 4096     // known at one lock
	maxAsked    = 16       // times in a row that a goroutine's number is asked for
)

// graph is the graph of lock order.
//
// Its nodes have places, so that most edges lead forward. While all do, there is no cycle,
// and a new edge that leads forward makes none: who locks in the order of some number pays
// nothing for the search. One that leads back has the nodes between turned round, if it
// can: Pearce and Kelly's algorithm.
var graph struct {
	mu    sync.Mutex
	nodes map[*node]bool
	last  int // place
	back  int // edges that lead back
}

// A chain says that a lock has been taken while certain others were held, in their order.
type chain struct {
	by    []taker // of each g, the latest
	count int     // of goroutines that have done that
}

// A taker is a goroutine that has taken a chain.
type taker struct {
	g      uintptr
	number uint64
	hits   uint32
}

// Want goes before the running goroutine takes the lock, or waits for it.
func (l *Lock) Want(mode Mode) {
	g := goroutine.Address()
	s := shardOf(g)
	s.mu.Lock()
	a := s.by[g]
	if a == nil || len(a.held) == 0 {
		s.mu.Unlock()
		return
	}
	k := l.get()
	key := chained(a.held, k, mode)
	s.mu.Unlock()
	if number, fresh := k.chain(key, g); fresh {
		k.follows(a, mode, number)
	}
}

// chain looks the chain up. It reports whether there may be something new in it, and then
// the number of the running goroutine.
//
// Until maxNumbers goroutines are known to have taken the chain, another matters. It has
// another address, or else one of the same, later; so that is looked into now and then.
func (k *lock) chain(key uint64, g uintptr) (number uint64, fresh bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := k.chains[key]
	if c == nil {
		if k.chains == nil || len(k.chains) >= maxChains {
			k.chains = map[uint64]*chain{} // of a lock that is taken under others that come and go
		}
		c = new(chain)
		k.chains[key] = c
	}
	if c.count == maxNumbers {
		return 0, false
	}
	i := slices.IndexFunc(c.by, func(t taker) bool { return t.g == g })
	if i >= 0 {
		t := &c.by[i]
		if t.hits++; t.hits > maxAsked && t.hits&(t.hits-1) != 0 {
			return 0, false
		}
		if number = goroutine.Number(); number == t.number {
			return 0, false
		}
		t.number = number
	} else {
		number = goroutine.Number()
		c.by = append(c.by, taker{g: g, number: number})
	}
	c.count++
	return number, true
}

// follows puts into the graph that the running goroutine takes k while it holds what is on
// its account, and reports the cycle that there is then.
func (k *lock) follows(a *account, mode Mode, number uint64) {
	taken := here()
	s := a.shard
	s.mu.Lock()
	held := slices.Clone(a.held)
	s.mu.Unlock()
	held = slices.DeleteFunc(held, func(t *token) bool {
		if t.lock == k {
			return true // it will wait for itself, which is no matter of order
		}
		if !t.vouch(number, taken, false) {
			t.abandon() // its goroutine has ended, and has not unlocked it
			return true
		}
		return false
	})
	held = held[max(0, len(held)-maxHeld):]
	gates := gatesOf(held)
	var found []*Report
	graph.mu.Lock()
	for _, t := range held {
		v := &variant{holds: t.mode, gets: mode, gates: gates, numbers: []uint64{number}, held: t.at, taken: taken}
		if v = connect(t.lock, k, v); v != nil {
			found = append(found, v.cycles()...)
		}
	}
	graph.mu.Unlock()
	for _, r := range found {
		r.Goroutine, r.At = number, taken.stack()
		deliver(r)
	}
}

// connect adds v to the edge from one lock to another. It returns what is new: v, or the
// variant that it adds its goroutine to, or nil.
func connect(from, to *lock, v *variant) *variant {
	f, t := from.inGraph(), to.inGraph()
	e := f.out[t]
	if e == nil {
		e = &edge{from: f, to: t}
		e.back = !turn(f, t)
		if e.back {
			graph.back++
		}
		f.out[t], t.in[f] = e, true
	}
	for _, old := range e.variants {
		if old.holds != v.holds || old.gets != v.gets || old.gates.hash != v.gates.hash {
			continue
		}
		if len(old.numbers) == maxNumbers || slices.Contains(old.numbers, v.numbers[0]) {
			return nil
		}
		old.numbers = append(old.numbers, v.numbers[0])
		return old
	}
	if len(e.variants) == maxVariants {
		return nil
	}
	v.edge = e
	e.variants = append(e.variants, v)
	return v
}

// inGraph returns the lock's node. The caller holds graph.mu.
func (k *lock) inGraph() *node {
	if k.node == nil {
		n := &node{label: k.label, out: map[*node]*edge{}, in: map[*node]bool{}}
		if graph.nodes == nil {
			graph.nodes = map[*node]bool{}
		}
		graph.nodes[n] = true
		graph.last++
		n.place = graph.last
		k.node = n
		runtime.AddCleanup(k, (*node).leave, n)
	}
	return k.node
}

// leave takes n out of the graph, with its edges.
func (n *node) leave() {
	graph.mu.Lock()
	defer graph.mu.Unlock()
	if delete(graph.nodes, n); len(graph.nodes) == 0 {
		graph.nodes = nil // an empty map keeps the room that it once needed
	}
	for to, e := range n.out {
		if e.back {
			graph.back--
		}
		delete(to.in, n)
	}
	for from := range n.in {
		if from.out[n].back {
			graph.back--
		}
		delete(from.out, n)
	}
}

// turn gives nodes other places so that an edge from one to another leads forward, as those
// do that led forward before. It reports false, and leaves them, if there is a way back.
// The caller holds graph.mu.
func turn(from, to *node) bool {
	if from.place < to.place {
		return true
	}
	// Whatever is behind from, and can be reached, goes behind whatever is before to and leads
	// there.
	after := map[*node]bool{to: true}
	for todo := []*node{to}; len(todo) > 0; todo = todo[1:] {
		for next, e := range todo[0].out {
			if e.back || next.place > from.place || after[next] {
				continue
			}
			if next == from {
				return false
			}
			after[next] = true
			todo = append(todo, next)
		}
	}
	before := map[*node]bool{from: true}
	for todo := []*node{from}; len(todo) > 0; todo = todo[1:] {
		for next := range todo[0].in {
			if next.out[todo[0]].back || next.place < to.place || before[next] {
				continue
			}
			before[next] = true
			todo = append(todo, next)
		}
	}
	byPlace := func(a, b *node) int { return cmp.Compare(a.place, b.place) }
	order := append(slices.SortedFunc(maps.Keys(before), byPlace), slices.SortedFunc(maps.Keys(after), byPlace)...)
	var places []int
	for _, n := range order {
		places = append(places, n.place)
	}
	slices.Sort(places)
	for i, n := range order {
		n.place = places[i]
	}
	return true
}
