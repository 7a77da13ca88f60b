package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// comparison prints one with single blanks.
func comparison(t testing.TB, earlier, later *run, absolute bool) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, compareRuns(&b, earlier, later, absolute))
	return regexp.MustCompile(` +`).ReplaceAllString(b.String(), " ")
}

// A run compared with itself has no change.
func TestCompareIdentical(t *testing.T) {
	r := fakeRun(t)
	for _, absolute := range []bool{false, true} {
		text := comparison(t, r, r, absolute)
		require.NotRegexp(t, `(?m)^[^g].*[+-]\d+\.\d+%`, text)
		require.Contains(t, text, "\ngeomean +0.00%")
		require.NotContains(t, text, "warning")
		require.NotContains(t, text, "not measured")
	}
	require.NotContains(t, comparison(t, r, r, false), "increment sync.Mutex ")
	require.Contains(t, comparison(t, r, r, true), "increment sync.Mutex ")
}

// All figures of a side are equal in both runs: the test has nothing to rank.
func TestCompareConstants(t *testing.T) {
	r := madeUp(&laps{"sync.Mutex", steps(6, 5, 0)}, &laps{"own.With", steps(6, 10, 0)})
	require.Contains(t, comparison(t, r, r, false), "\nincrement own.With 2.00 ± 0% 2.00 ± 0% ~ (p=1.000 n=6)\n")
}

// A machine that is half as quick changes the figures and not the ratios.
func TestCompareSlowerMachine(t *testing.T) {
	was := madeUp(&laps{"sync.Mutex", steps(10, 5, 0.01)}, &laps{"own.With", steps(10, 8, 0.016)})
	is := madeUp(&laps{"sync.Mutex", steps(10, 10, 0.02)}, &laps{"own.With", steps(10, 16, 0.032)})
	require.Contains(t, comparison(t, was, is, false), "\nincrement own.With 1.60 ± 0% 1.60 ± 0% ~ (p=1.000 n=10)\n")
	text := comparison(t, was, is, true)
	require.Regexp(t, `(?m)^increment sync.Mutex 5.04 ns ± \S+ 10.1 ns ± \S+ \+100.00% \(p=0.000 n=10\)$`, text)
	require.Regexp(t, `(?m)^increment own.With 8.07 ns ± \S+ 16.1 ns ± \S+ \+100.00% \(p=0.000 n=10\)$`, text)
	require.Contains(t, text, "\ngeomean +100.00%\n")
}

// What is clearly quicker is said to be so.
func TestCompareDifferent(t *testing.T) {
	base := &laps{"sync.Mutex", steps(10, 5, 0)}
	was := madeUp(base, &laps{"own.With", steps(10, 10, 0.01)}, &laps{"own.Guard", steps(10, 10, 0)})
	is := madeUp(base, &laps{"own.With", steps(12, 5, 0.005)}, &laps{"own.Guard", steps(10, 10, 0)})
	text := comparison(t, was, is, false)
	require.Regexp(t, `(?m)^increment own.With 2.01 ± 0.\d% 1.00 ± 0.\d% -50.00% \(p=0.000 n=10\)$`, text)
	// Of a half and one.
	require.Contains(t, text, "\ngeomean -29.29%\n")
	require.Regexp(t, `(?m)^increment own.With .* -49.9\d% \(p=0.000 n=10\+12\)$`, comparison(t, was, is, true))
}

// What differs by less than it varies is no change, though the medians differ.
func TestCompareNoise(t *testing.T) {
	base := &laps{"sync.Mutex", steps(8, 5, 0)}
	was := madeUp(base, &laps{"own.With", []float64{10, 14, 11, 16, 9, 13, 12, 15}})
	is := madeUp(base, &laps{"own.With", []float64{11, 13.5, 12, 17, 10, 14, 9.5, 15.5}})
	require.Regexp(t, `(?m)^increment own.With 2.50 ± 28% 2.55 ± 25% ~ \(p=0.\d+ n=8\)$`, comparison(t, was, is, false))
}

// With few rounds nothing can be told apart.
func TestCompareFewRounds(t *testing.T) {
	was := madeUp(&laps{"sync.Mutex", []float64{5, 5, 5}}, &laps{"own.With", []float64{10, 10.1, 10.2}})
	is := madeUp(&laps{"sync.Mutex", []float64{5, 5, 5}}, &laps{"own.With", []float64{5, 5.1, 5.2}})
	require.Contains(t, comparison(t, was, is, false), "\nincrement own.With 2.02 ± ∞ 1.02 ± ∞ ~ (p=0.100 n=3)\n")
}

// What only one of the runs has is named.
func TestCompareUnlike(t *testing.T) {
	full := fakeRun(t)
	less := without(full, func(workload, side string) bool {
		return side == "rust.Mutex" || strings.HasPrefix(workload, "RW/")
	})
	text := comparison(t, full, less, false)
	require.Contains(t, text, "\nnot measured now: Lock/increment, rust.Mutex\n")
	require.Contains(t, text, "\nnot measured now: RW/99, own.Mutex\n")
	require.NotContains(t, text, "not measured now: RW/99, sync.RWMutex", "it is the base")
	require.Contains(t, comparison(t, full, less, true), "\nnot measured now: RW/99, sync.RWMutex\n")
	require.Regexp(t, `(?m)^increment rust.Mutex 1\.05 ± \S+ new$`, comparison(t, less, full, false))
}

func TestCompareWarns(t *testing.T) {
	was := fakeRun(t)
	for _, key := range []string{"cpu", "cpus", "go", "goos", "goarch", "rust", "modules"} {
		is := &run{head: set(was.head, key, "another"), workloads: was.workloads}
		text := comparison(t, was, is, false)
		require.Contains(t, text, "warning: not the same "+key+": \""+was.setting(key)+"\" before, \"another\" now\n")
		require.Equal(t, 1, strings.Count(text, "warning"))
	}
	is := &run{head: set(set(was.head, "date", "2027-01-01T00:00:00Z"), "own", "v1.0.0"), workloads: was.workloads}
	text := comparison(t, was, is, false)
	require.NotContains(t, text, "warning")
	require.Contains(t, text, "ratio to the first side; before: 2026-11-25T12:00:00Z, now: 2027-01-01T00:00:00Z\n")
}

// A base of 0 has no ratios, and a figure that was 0 no change in percent.
func TestCompareZero(t *testing.T) {
	was := madeUp(&laps{"none", steps(8, 0, 0)}, &laps{"own.Arc", steps(8, 8, 0)})
	is := madeUp(&laps{"none", steps(8, 4, 0)}, &laps{"own.Arc", steps(8, 16, 0)})
	text := comparison(t, was, is, true)
	require.Regexp(t, `(?m)^increment none 0 ns ± 0% 4.00 ns ± 0% \? \(p=0.000 n=8\)$`, text)
	require.Contains(t, text, "\ngeomean +100.00%\n")
	require.Contains(t, comparison(t, was, is, false), "increment own.Arc 4.00 ± 0% new\n")
}
