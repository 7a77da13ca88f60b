//go:build owndebug

package track

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// The search for a cycle in the graph of lock order that can become a deadlock.

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
