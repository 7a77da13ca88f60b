//go:build owndebug

package track

import (
	"cmp"
	"encoding/binary"
	"fmt"
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

// cycles returns the reports of the cycles through v that can become a deadlock and have
// not been reported, the shortest first. The caller holds graph.mu.
func (v *variant) cycles() (found []*Report) {
	if graph.back == 0 || !v.edge.to.reaches(v.edge.from) {
		return nil
	}
	s := search{goal: v.edge.from, away: v.edge.from.away(), steps: maxSteps}
	// If only a goroutine is new, it matters to cycles that are so long that all the others
	// are needed.
	for s.length = max(1+s.away[v.edge.to], len(v.numbers)); s.length <= min(maxCycle, len(graph.nodes)) && s.steps > 0; s.length++ {
		for path := s.extend([]*variant{v}); path != nil; path = s.extend([]*variant{v}) {
			if found = append(found, reportOrder(path)); len(found) == maxFound {
				return found
			}
		}
	}
	return found
}

// reaches reports whether there is a path from n to m.
func (n *node) reaches(m *node) bool {
	seen := map[*node]bool{n: true}
	for queue := []*node{n}; len(queue) > 0; queue = queue[1:] {
		for next := range queue[0].out {
			if next == m {
				return true
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

// away returns how many edges it takes at least to n, from where it can be reached.
func (n *node) away() map[*node]int {
	away := map[*node]int{n: 0}
	for queue := []*node{n}; len(queue) > 0; queue = queue[1:] {
		for before := range queue[0].in {
			if _, ok := away[before]; !ok {
				away[before] = away[queue[0]] + 1
				queue = append(queue, before)
			}
		}
	}
	return away
}

// A search is for a path back to where it began, of a given length.
type search struct {
	goal   *node
	away   map[*node]int // from it
	length int
	steps  int
}

// extend returns path, extended to a cycle that can become a deadlock, or nil.
func (s *search) extend(path []*variant) []*variant {
	if s.steps--; s.steps < 0 {
		return nil
	}
	last := path[len(path)-1]
	if len(path) == s.length {
		if last.edge.to == s.goal && meet(last, path[0]) && assign(path) != nil && !isReported(path) {
			return path
		}
		return nil
	}
	for next, e := range last.edge.to.out {
		if next == s.goal != (len(path)+1 == s.length) || visits(path, next) {
			continue
		}
		if away, ok := s.away[next]; !ok || len(path)+1+away > s.length {
			continue // leads nowhere, or too far round
		}
		for _, v := range e.variants {
			if meet(last, v) && !slices.ContainsFunc(path, v.excludes) {
				if found := s.extend(append(path, v)); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// visits reports whether n is on the path, other than as where it began.
func visits(path []*variant, n *node) bool {
	return slices.ContainsFunc(path, func(v *variant) bool { return v.edge.to == n })
}

// meet reports whether the one that does v waits for the one that does next, at the lock
// between them: not if both only read it.
func meet(v, next *variant) bool { return v.gets == Write || next.holds == Write }

// excludes reports whether a gate keeps v and w apart.
func (v *variant) excludes(w *variant) bool {
	a, b := v.gates.all, w.gates.all
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].id < b[0].id:
			a = a[1:]
		case a[0].id > b[0].id:
			b = b[1:]
		default:
			id := a[0].id
			if id != v.edge.from.id && id != w.edge.from.id && (a[0].mode == Write || b[0].mode == Write) {
				return true
			}
			a, b = a[1:], b[1:]
		}
	}
	return false
}

// assign returns a goroutine for each of the variants, each another one, or nil if they
// cannot all be different: then somebody would have to wait for himself.
func assign(path []*variant) []uint64 {
	numbers, of := make([]uint64, len(path)), map[uint64]int{}
	// give gives one to variant i, and another to the variant that had it.
	var give func(i int, tried map[uint64]bool) bool
	give = func(i int, tried map[uint64]bool) bool {
		for _, n := range path[i].numbers {
			if tried[n] {
				continue
			}
			tried[n] = true
			if had, ok := of[n]; !ok || give(had, tried) {
				numbers[i], of[n] = n, i
				return true
			}
		}
		return false
	}
	for i := range path {
		if !give(i, map[uint64]bool{}) {
			return nil
		}
	}
	return numbers
}

// canonical returns the cycle as it begins with its oldest lock, wherever it was closed,
// with a key, and who remembers that it was reported: its newest lock, for one that lasts
// would remember all that came and went.
func canonical(path []*variant) (cycle []*variant, key string, newest *node) {
	first := 0
	for i, v := range path {
		if v.edge.from.id < path[first].edge.from.id {
			first = i
		}
	}
	cycle = append(slices.Clone(path[first:]), path[:first]...)
	newest = cycle[0].edge.from
	var ids []byte
	for _, v := range cycle {
		ids = binary.AppendUvarint(ids, v.edge.from.id)
		if v.edge.from.id > newest.id {
			newest = v.edge.from
		}
	}
	return cycle, string(ids), newest
}

func isReported(path []*variant) bool {
	_, key, newest := canonical(path)
	return newest.reported[key]
}

// reportOrder returns the report of a cycle.
func reportOrder(path []*variant) *Report {
	path, key, newest := canonical(path)
	if newest.reported == nil {
		newest.reported = map[string]bool{}
	}
	newest.reported[key] = true
	r := &Report{
		Kind:     PotentialDeadlock,
		Headline: fmt.Sprintf("%d locks are taken in orders that do not agree", len(path)),
		Advice:   "Lock them in the same order everywhere, or hold one at a time. It is a deadlock once these goroutines do that at the same moment.",
	}
	numbers := assign(path)
	for i, v := range path {
		v.edge.reported = true
		r.Cycle = append(r.Cycle, Step{
			Goroutine: numbers[i],
			Holds:     Hold{v.edge.from.named(), v.holds, numbers[i], v.held.stack()},
			Wants:     Want{Lock: v.edge.to.named(), Mode: v.gets, At: v.taken.stack()},
		})
	}
	return r
}
