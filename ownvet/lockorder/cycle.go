package lockorder

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// maxCycle is how many locks a circle can have to be looked for.
const maxCycle = 6

// report reports the circles in all that have an edge in mine, each once, at its
// last edge in this package.
func report(pass *analysis.Pass, mine, all []edge) {
	from := map[string][]edge{}
	for _, e := range all {
		from[e.From] = append(from[e.From], e)
	}
	reported := map[string]bool{}
	for _, e := range slices.Backward(mine) {
		cycle := shortest(from, e)
		if cycle == nil {
			continue
		}
		var names []string
		for _, step := range cycle {
			names = append(names, step.From)
		}
		slices.Sort(names)
		key := strings.Join(names, " ")
		if reported[key] {
			continue
		}
		reported[key] = true

		var others []string
		var related []analysis.RelatedInformation
		for _, step := range cycle[1:] {
			others = append(others, fmt.Sprintf("%s is locked under %s (%s)", short(step.To), short(step.From), step.Where))
			if step.pos.IsValid() {
				related = append(related, analysis.RelatedInformation{
					Pos:     step.pos,
					Message: fmt.Sprintf("here %s is locked under %s", short(step.To), short(step.From)),
				})
			}
		}
		pass.Report(analysis.Diagnostic{
			Pos: e.pos,
			Message: fmt.Sprintf("%s is locked under %s, and elsewhere %s: %d goroutines can wait for each other; agree on one order",
				short(e.To), short(e.From), strings.Join(others, ", "), len(cycle)),
			Related: related,
		})
	}
}

// shortest returns the shortest circle that begins with e and can be one in which
// everybody waits, or nil.
func shortest(from map[string][]edge, e edge) []edge {
	for length := 2; length <= maxCycle; length++ {
		if cycle := extend(from, []edge{e}, length); cycle != nil {
			return cycle
		}
	}
	return nil
}

// extend looks for edges that make path a circle of the given length.
func extend(from map[string][]edge, path []edge, length int) []edge {
	for _, next := range from[path[len(path)-1].To] {
		if next.To == path[0].From {
			if cycle := append(slices.Clone(path), next); len(cycle) == length && deadly(cycle) {
				return cycle
			}
			continue
		}
		if len(path) >= length-1 || slices.ContainsFunc(path, func(e edge) bool { return e.From == next.To }) {
			continue
		}
		if cycle := extend(from, append(slices.Clone(path), next), length); cycle != nil {
			return cycle
		}
	}
	return nil
}

// deadly reports whether everybody in a circle can wait for the next.
func deadly(cycle []edge) bool {
	for i, e := range cycle {
		next := cycle[(i+1)%len(cycle)]
		if e.ToRead && next.FromRead {
			return false // readers of one lock do not wait for each other
		}
	}
	// A lock that is held on every edge lets in one at a time.
	for _, gate := range cycle[0].Also {
		everywhere := true
		for _, e := range cycle[1:] {
			everywhere = everywhere && slices.Contains(e.Also, gate)
		}
		if everywhere {
			return false
		}
	}
	return true
}
