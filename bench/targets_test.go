package main

import (
	"bytes"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerdict(t *testing.T) {
	g := &target{limit: 1.25}
	inf := math.Inf(1)
	for _, test := range []struct {
		e    estimate
		want string
	}{
		{estimate{1.20, 1.18, 1.24}, "met"},
		{estimate{1.30, 1.26, 1.35}, "missed"},
		{estimate{1.24, 1.20, 1.26}, "at the edge"},
		{estimate{1.26, 1.24, 1.30}, "at the edge"},
		{estimate{1.26, 1.25, 1.30}, "at the edge"},
		{estimate{1.24, 1.20, 1.25}, "at the edge"},
		{estimate{1.25, 1.25, 1.25}, "met"}, // exactly
		{estimate{1.20, -inf, inf}, "too few rounds"},
		{estimate{2.00, -inf, inf}, "too few rounds"},
	} {
		require.Equal(t, test.want, g.verdict(test.e), "%v", test.e)
	}
}

// verdictLine returns the line of the verdicts that begins so.
func verdictLine(t *testing.T, r *run, markdown bool, begin string) string {
	t.Helper()
	var b bytes.Buffer
	verdicts(r, &b, markdown)
	for l := range strings.Lines(b.String()) {
		if strings.HasPrefix(l, begin) {
			return regexp.MustCompile(` +`).ReplaceAllString(strings.TrimSpace(l), " ")
		}
	}
	t.Fatalf("no %q in %s", begin, b.String())
	return ""
}

func TestVerdicts(t *testing.T) {
	base := &laps{"sync.Mutex", steps(15, 10, 0)}
	r := madeUp(base,
		&laps{"own.With", steps(15, 12, 0)},              // 1.2, always
		&laps{"own.Guard-direct", steps(15, 13.2, 0.06)}, // 1.32 to 1.40
		&laps{"own.Guard-deferred", steps(15, 19, 0.1)},  // 1.9 to 2.04
		&laps{"own.Guard-checked", []float64{18}},
	)
	require.Equal(t, "| `With`, increment | `sync.Mutex` + defer | ≤ 1.25× | 1.20 | met |", verdictLine(t, r, true, "| `With`, increment"))
	require.Equal(t, "With, increment sync.Mutex + defer ≤ 1.25× 1.20 met", verdictLine(t, r, false, "With, increment"))
	require.Equal(t, "guard, direct Unlock sync.Mutex + defer ≤ 1.35× 1.36 (1.34 to 1.39) at the edge", verdictLine(t, r, false, "guard, direct"))
	require.Equal(t, "guard, deferred Unlock sync.Mutex + defer ≤ 1.7× 1.97 (1.93 to 2.01) missed", verdictLine(t, r, false, "guard, deferred"))
	require.Equal(t, "guard, error checked, deferred sync.Mutex + defer ≤ 1.9× 1.80 too few rounds", verdictLine(t, r, false, "guard, error"))
	require.Equal(t, "AtomicArc Load + Drop RWMutex + hand-written count ≤ 0.72× not measured", verdictLine(t, r, false, "AtomicArc"))
	require.Equal(t, "size of Mutex[T] over T Rust: 8 B ≤ 32 B pinned by a test: TestSizes", verdictLine(t, r, false, "size"))
}

// A target against a side that is not the base is by rounds, too: the ratio of the medians
// would be 2 here.
func TestVerdictAgainstAnotherSide(t *testing.T) {
	mood := []float64{1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2}
	two, arc, rust := &laps{name: "two-adds"}, &laps{name: "own.Arc"}, &laps{name: "rust.Arc"}
	for _, m := range mood {
		two.values = append(two.values, 8)
		arc.values = append(arc.values, 12*m)
		rust.values = append(rust.values, 10*m)
	}
	r := madeUp(two, arc, rust)
	r.workloads[0].name = "Count/clone"
	e, ok := r.ratio("Count/clone", "own.Arc", "rust.Arc")
	require.True(t, ok)
	require.Equal(t, estimate{1.2, 1.2, 1.2}, e)
}

// All targets have a place in a full run, and all are there in each table.
func TestTargets(t *testing.T) {
	r := fakeRun(t)
	for _, markdown := range []bool{false, true} {
		var b bytes.Buffer
		verdicts(r, &b, markdown)
		require.NotContains(t, b.String(), "not measured")
		head := 1
		if markdown {
			head = 2
		}
		require.Equal(t, head+len(targets), strings.Count(b.String(), "\n"))
	}
}

// The tests that pin what is not a time are there.
func TestPinned(t *testing.T) {
	source, err := os.ReadFile("../perf_test.go")
	require.NoError(t, err)
	n := 0
	for _, g := range targets {
		if g.test == "" {
			require.NotZero(t, g.limit, g.work)
			continue
		}
		for name := range strings.SplitSeq(g.test, ", ") {
			n++
			require.Contains(t, string(source), "func "+name+"(t *testing.T)")
		}
	}
	require.NotZero(t, n)
}
