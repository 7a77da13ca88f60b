package main

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// confidence is that of all intervals.
const confidence = 0.95

// An estimate is a median with its confidence interval. Fewer than six values have none:
// its ends are infinite then.
type estimate struct{ center, lo, hi float64 }

// estimated returns the estimate from at least one value, without assuming anything about
// how they are distributed, as benchstat does.
func estimated(values []float64) estimate {
	s := benchmath.AssumeNothing.Summary(sample(values), confidence)
	return estimate{s.Center, s.Lo, s.Hi}
}

func sample(values []float64) *benchmath.Sample {
	thresholds := benchmath.DefaultThresholds
	return benchmath.NewSample(slices.Clone(values), &thresholds) // it sorts them
}

// bounded is whether there is an interval.
func (e estimate) bounded() bool {
	return !math.IsInf(e.lo, 0) && !math.IsInf(e.hi, 0)
}

// spread is how far the farther end of the interval is from the median, as a part of it.
func (e estimate) spread() float64 {
	if e.lo == e.hi {
		return 0
	}
	return max(e.hi/e.center-1, 1-e.lo/e.center)
}

// ratios returns what s took in each round in relation to what base took in it. The two
// took turns, so that a round which the machine disturbed has disturbed both. It returns
// none if one of them was not measured or base took nothing; of a run that was interrupted,
// it takes the rounds that both have.
func ratios(s, base *laps) []float64 {
	if s == nil || base == nil {
		return nil
	}
	n := min(len(s.values), len(base.values))
	var all []float64
	for i := range n {
		if base.values[i] == 0 {
			return nil
		}
		all = append(all, s.values[i]/base.values[i])
	}
	return all
}

// ratio returns the estimate for a side in relation to another of the same workload, and
// whether there is one.
func (r *run) ratio(workload, side, base string) (estimate, bool) {
	w := r.workload(workload)
	all := ratios(w.side(side), w.side(base))
	if len(all) == 0 {
		return estimate{}, false
	}
	return estimated(all), true
}

// absolute returns the estimate for a side in the unit of the workload, and whether there is
// one.
func (r *run) absolute(workload, side string) (estimate, bool) {
	s := r.workload(workload).side(side)
	if s == nil {
		return estimate{}, false
	}
	return estimated(s.values), true
}
