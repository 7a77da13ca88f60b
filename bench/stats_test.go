package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ratios are by rounds: a machine that is slower in a round is so for both. The ratio of the
// medians would be another here.
func TestRatiosAreByRounds(t *testing.T) {
	r := madeUp(
		&laps{"base", []float64{10, 20, 10, 20, 10}},
		&laps{"own", []float64{15, 30, 20, 30, 15}},
	)
	require.Equal(t, []float64{1.5, 1.5, 2, 1.5, 1.5}, ratios(r.workloads[0].sides[1], r.workloads[0].sides[0]))
	e, ok := r.ratio("Lock/increment", "own", "base")
	require.True(t, ok)
	require.Equal(t, 1.5, e.center)

	// The other way round, too: the base of the workload is only one of the sides.
	e, ok = r.ratio("Lock/increment", "base", "own")
	require.True(t, ok)
	require.InDelta(t, 2.0/3, e.center, 1e-9)
}

// The interval of the median of 15 values at 95 % is from the 4th to the 12th of them.
func TestEstimate(t *testing.T) {
	require.Equal(t, estimate{8, 4, 12}, estimated(steps(15, 1, 1)))
	require.InDelta(t, 0.5, estimated(steps(15, 1, 1)).spread(), 1e-9)

	values := []float64{3, 1, 2}
	require.Equal(t, 2.0, estimated(values).center)
	require.Equal(t, []float64{3, 1, 2}, values, "they stay in the order of the rounds")
}

func TestEstimateOfFewRounds(t *testing.T) {
	for n := 1; n <= 7; n++ {
		e := estimated(steps(n, 5, 0))
		require.Equal(t, 5.0, e.center)
		require.Equal(t, n >= 6, e.bounded(), "%d rounds", n)
	}
	require.Equal(t, "± ∞", estimated([]float64{5}).plusMinus())
	require.Equal(t, "5.00", estimated([]float64{5}).interval())
}

// An interrupted run has fewer rounds of some sides.
func TestRatiosOfAnInterruptedRun(t *testing.T) {
	require.Equal(t, []float64{2, 3}, ratios(&laps{"a", []float64{2, 6, 8}}, &laps{"b", []float64{1, 2}}))
	require.Equal(t, []float64{2, 3}, ratios(&laps{"a", []float64{2, 6}}, &laps{"b", []float64{1, 2, 9}}))
}

func TestNoRatio(t *testing.T) {
	r := madeUp(&laps{"base", []float64{1, 0}}, &laps{"own", []float64{2, 2}})
	for _, names := range [][3]string{
		{"Lock/increment", "own", "base"}, // a base of 0
		{"Lock/increment", "own", "rust"},
		{"Lock/increment", "rust", "own"},
		{"Lock/other", "own", "base"},
	} {
		_, ok := r.ratio(names[0], names[1], names[2])
		require.False(t, ok, "%v", names)
	}
	_, ok := r.ratio("Lock/increment", "base", "own")
	require.True(t, ok)
	_, ok = r.absolute("Lock/other", "own")
	require.False(t, ok)
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0 ns", 0.5678: "0.568 ns", 0.99951: "1.00 ns", 5.02: "5.02 ns", 9.996: "10.0 ns", 44: "44.0 ns", 99.96: "100 ns", 251.4: "251 ns",
		999.4: "999 ns", 999.6: "1.00 µs", 5100: "5.10 µs", 2.5e6: "2.50 ms", 4e9: "4.00 s", 5e12: "5000 s",
	} {
		require.Equal(t, want, amount(v, "ns/op"), "%v", v)
	}
	for v, want := range map[float64]string{8: "8 B", 8.5: "8.50 B", 1024: "1024 B", 56000: "56.0 kB"} {
		require.Equal(t, want, amount(v, "B"), "%v", v)
	}
	require.Equal(t, "12.0 owners", amount(12, "owners"))
	for v, want := range map[float64]string{0: "0.00", 0.0057: "0.0057", 0.05: "0.05", 0.178: "0.18", 1.005: "1.00", 3.1: "3.10", 9.994: "9.99", 9.996: "10.0", 31.84: "31.8", 365.2: "365"} {
		require.Equal(t, want, times(v), "%v", v)
	}
	require.Equal(t, "± 0%", estimate{5, 5, 5}.plusMinus())
	require.Equal(t, "± 0.4%", estimate{1, 0.998, 1.004}.plusMinus())
	require.Equal(t, "± 12%", estimate{1, 0.88, 1.02}.plusMinus())
	require.Equal(t, "± 0%", estimate{0, 0, 0}.plusMinus())
	require.Equal(t, "± ?", estimate{0, 0, 5}.plusMinus())
	require.Equal(t, "± ∞", estimate{1, math.Inf(-1), math.Inf(1)}.plusMinus())
	require.Equal(t, "1.50 (1.48 to 1.53)", estimate{1.5, 1.48, 1.53}.interval())
	require.Equal(t, "0.18", estimate{0.18, 0.1799, 0.1801}.interval())
}
