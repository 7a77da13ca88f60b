package main

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"golang.org/x/perf/benchmath"
)

// A later run against an older one, by the method of benchstat: medians, and whether the
// figures differ by more than chance by the Mann-Whitney U test.
//
// What is compared are the ratios to the base of each workload. A machine that is slower
// today is so for all sides, and so the ratios stay. The absolute figures are the other
// view.

// alike are the lines of the head that have to be the same for two runs to be compared.
var alike = []string{"goos", "goarch", "cpu", "cpus", "go", "rust", "modules"}

// compareRuns prints how the figures of later differ from those of earlier.
func compareRuns(w io.Writer, earlier, later *run, absolute bool) error {
	out := bufio.NewWriter(w)
	for _, key := range alike {
		if a, b := earlier.setting(key), later.setting(key); a != b {
			fmt.Fprintf(out, "warning: not the same %s: %q before, %q now\n", key, a, b)
		}
	}
	what := "ratio to the first side"
	if absolute {
		what = "absolute"
	}
	fmt.Fprintf(out, "%s; before: %s, now: %s\n", what, earlier.setting("date"), later.setting("date"))

	for _, g := range later.groups() {
		t := &table{left: 2}
		t.add(group(g[0].name), "", "before", "", "now", "", "change", "")
		var logs []float64
		for _, m := range g {
			for i, s := range m.sides {
				if i == 0 && !absolute {
					continue // it is the base
				}
				was, is := figures(earlier, m.name, s.name, absolute), figures(later, m.name, s.name, absolute)
				if len(is) == 0 {
					continue
				}
				show := times
				if absolute {
					show = func(v float64) string { return amount(v, m.unit) }
				}
				now := estimated(is)
				if len(was) == 0 {
					t.add(within(m.name), s.name, "", "", show(now.center), now.plusMinus(), "new", "")
					continue
				}
				before := estimated(was)
				change, p := delta(was, is)
				t.add(within(m.name), s.name, show(before.center), before.plusMinus(), show(now.center), now.plusMinus(), change, p)
				if before.center > 0 && now.center > 0 {
					logs = append(logs, math.Log(now.center/before.center))
				}
			}
		}
		if len(t.rows) == 1 {
			continue
		}
		if len(logs) > 0 {
			t.add("geomean", "", "", "", "", "", percent(math.Exp(mean(logs))), "")
		}
		fmt.Fprintln(out)
		t.text(out)
	}
	for _, m := range earlier.workloads {
		for i, s := range m.sides {
			if (i > 0 || absolute) && len(figures(later, m.name, s.name, absolute)) == 0 {
				fmt.Fprintf(out, "not measured now: %s, %s\n", m.name, s.name)
			}
		}
	}
	return out.Flush()
}

// figures returns the laps of a side, or their ratios to those of the base.
func figures(r *run, workload, side string, absolute bool) []float64 {
	w := r.workload(workload)
	s := w.side(side)
	if s == nil {
		return nil
	}
	if absolute {
		return s.values
	}
	return ratios(s, w.sides[0])
}

// delta returns the change of the median in percent and the p of the test, or "~" if the
// figures may be equal.
func delta(was, is []float64) (change, p string) {
	before, now := sample(was), sample(is)
	c := benchmath.AssumeNothing.Compare(before, now)
	p = fmt.Sprintf("(p=%.3f n=%d", c.P, c.N1)
	if c.N1 != c.N2 {
		p += fmt.Sprintf("+%d", c.N2)
	}
	p += ")"
	if c.P >= c.Alpha {
		return "~", p
	}
	from, to := estimated(was).center, estimated(is).center
	if from == 0 {
		return "?", p
	}
	return percent(to / from), p
}

func percent(ratio float64) string { return fmt.Sprintf("%+.2f%%", 100*(ratio-1)) }

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
