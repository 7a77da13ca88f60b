package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is written is what is read: head, order, figures to the last digit, units.
func TestResultsRoundTrip(t *testing.T) {
	var b bytes.Buffer
	out, err := newResults(&b, fakeHead)
	require.NoError(t, err)
	lock := &workload{name: "Lock/increment"}
	size := &workload{name: "Size/mutex", unit: "B"}
	for _, f := range []figure{
		{lock, "sync.Mutex", 5000, 5.123456789012345},
		{lock, "own.With", 5000, 7},
		{lock, "own.With", 5000, 8.5},
		{lock, "sync.Mutex", 5000, 0},
		{size, "own.Mutex", 10, 48},
	} {
		require.NoError(t, out.add(f))
	}
	require.Contains(t, b.String(), "\nBenchmarkLock/increment/by=own.With 5000 8.5 ns/op\n")
	require.True(t, strings.HasPrefix(b.String(), "goos: linux\ngoarch: amd64\ncpu: Made-up Processor 7000\n"), b.String())

	require.Equal(t, &run{
		head: fakeHead,
		workloads: []*measured{
			{"Lock/increment", "ns/op", []*laps{
				{"sync.Mutex", []float64{5.123456789012345, 0}},
				{"own.With", []float64{7, 8.5}},
			}},
			{"Size/mutex", "B", []*laps{{"own.Mutex", []float64{48}}}},
		},
	}, parse(t, b.String()))
}

// A lap is in the file when add returns, so that an interrupted run has it.
func TestResultsAreWrittenAtOnce(t *testing.T) {
	var b bytes.Buffer
	out, err := newResults(&b, fakeHead)
	require.NoError(t, err)
	w := &workload{name: "Lock/increment"}
	for n := 1; n <= 3; n++ {
		require.NoError(t, out.add(figure{w, "sync.Mutex", 1, float64(n)}))
		require.Len(t, parse(t, b.String()).workload("Lock/increment").side("sync.Mutex").values, n)
	}
}

func TestResultsRefused(t *testing.T) {
	var b bytes.Buffer
	out, err := newResults(&b, fakeHead)
	require.NoError(t, err)
	w := &workload{name: "Lock/increment"}
	require.EqualError(t, out.add(figure{w, "a side", 1, 1}), `"Lock/increment/by=a side": a name in a file of results has no blanks`)
	require.EqualError(t, out.add(figure{w, "a", 1, math.NaN()}), "Lock/increment/by=a: a lap of NaN")
	require.EqualError(t, out.add(figure{w, "a", 1, math.Inf(1)}), "Lock/increment/by=a: a lap of +Inf")
	require.EqualError(t, out.add(figure{w, "a", 1, -1}), "Lock/increment/by=a: a lap of -1")
	require.Empty(t, b.String())
}

func TestReadResultsMalformed(t *testing.T) {
	const good = "goos: linux\n\nBenchmarkLock/a/by=x 10 5 ns/op\n"
	for _, test := range []struct{ text, message string }{
		{"", "no results"},
		{"goos: linux\n", "no results"},
		{good + "BenchmarkLock/a/by=x 10\n", "line 4: missing measurements"},
		{good + "BenchmarkLock/a/by=x ten 5 ns/op\n", "line 4: parsing iteration count: invalid syntax"},
		{good + "BenchmarkLock/a/by=x 10 five ns/op\n", "line 4: parsing measurement: invalid syntax"},
		{good + "BenchmarkLock/a/by=x 10 5\n", "line 4: missing units"},
		{good + "BenchmarkLock/a/by=x 10 5 ns/op 3 B/op\n", "line 4: more than one figure"},
		{good + "BenchmarkLock/a 10 5 ns/op\n", "line 4: Lock/a: names no workload and side, as Lock/increment/by=sync.Mutex does"},
		{good + "BenchmarkLock/a/by= 10 5 ns/op\n", "line 4: Lock/a/by=: names no workload and side, as Lock/increment/by=sync.Mutex does"},
		{good + "BenchmarkLock/a/by=x 10 5 B\n", "line 4: Lock/a in B, and before in ns/op"},
		{good + "BenchmarkLock/a/by=x 10 NaN ns/op\n", "line 4: a lap of NaN"},
		{good + "BenchmarkLock/a/by=x 10 -2 ns/op\n", "line 4: a lap of -2"},
		{good + "goos: plan9\nBenchmarkLock/a/by=x 10 5 ns/op\n", "line 5: another head: these are laps of several runs"},
		{"BenchmarkLock/a/by=x 10 5 ns/op\ngoos: plan9\nBenchmarkLock/a/by=x 10 5 ns/op\n", "line 3: another head: these are laps of several runs"},
	} {
		_, err := readResults(strings.NewReader(test.text))
		require.EqualError(t, err, test.message, "%s", test.text)
	}
}

func TestMachine(t *testing.T) {
	head := machine()
	var keys []string
	for _, s := range head {
		keys = append(keys, s.key)
		require.NotEmpty(t, s.value, s.key)
		require.NotContains(t, s.value, "\n", s.key)
	}
	require.Equal(t, []string{"goos", "goarch", "cpu", "cpus", "go", "date", "own", "modules"}, keys)
	_, err := time.Parse(time.RFC3339, (&run{head: head}).setting("date"))
	require.NoError(t, err)

	// All of it is in a file of results again.
	var b bytes.Buffer
	out, err := newResults(&b, head)
	require.NoError(t, err)
	require.NoError(t, out.add(figure{&workload{name: "Lock/a"}, "x", 1, 1}))
	require.Equal(t, head, parse(t, b.String()).head)
}

func TestModelName(t *testing.T) {
	require.Equal(t, "AMD EPYC 9R14", modelName("processor\t: 0\nmodel name\t: AMD EPYC 9R14\nmodel name\t: another\n"))
	require.Empty(t, modelName("processor\t: 0\nBogoMIPS\t: 243.75\n"))
}

// A head that would be read as something else is refused before anything is measured.
func TestNewResultsRefuses(t *testing.T) {
	for _, test := range []struct {
		head    []setting
		message string
	}{
		{[]setting{{"Go", "1"}}, `"Go": no key for the head of a file of results, or there twice`},
		{[]setting{{"go version", "1"}}, `"go version": no key for the head of a file of results, or there twice`},
		{[]setting{{"", "1"}}, `"": no key for the head of a file of results, or there twice`},
		{[]setting{{"rust", "1"}, {"go", "1"}, {"rust", "2"}}, `"rust": no key for the head of a file of results, or there twice`},
		{[]setting{{"rust", ""}}, `rust: "": no value for the head of a file of results`},
		{[]setting{{"rust", "error:\nno rustc"}}, `rust: "error:\nno rustc": no value for the head of a file of results`},
		{[]setting{{"rust", " 1"}}, `rust: " 1": no value for the head of a file of results`},
	} {
		_, err := newResults(new(bytes.Buffer), test.head)
		require.EqualError(t, err, test.message)
	}
}
