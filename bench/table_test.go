package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func textOf(t testing.TB, r *run) string {
	t.Helper()
	var b bytes.Buffer
	r.text(&b)
	return b.String()
}

func markdownOf(t testing.TB, r *run) string {
	t.Helper()
	var b bytes.Buffer
	r.markdown(&b)
	return b.String()
}

// small is a run with two tables in a group, several units, and a base of 0.
func small() *run {
	six := func(v float64) []float64 { return steps(6, v, 0) }
	return &run{
		head: []setting{{"go", "go1.26.8"}},
		workloads: []*measured{
			{"Lock/increment", "ns/op", []*laps{{"sync.Mutex", six(5)}, {"own.With", six(7.5)}}},
			{"Contended/empty/2", "ns/op", []*laps{{"sync.Mutex", six(20)}, {"own.With", six(30)}, {"rust.Mutex", six(10)}}},
			{"Contended/empty/10", "ns/op", []*laps{{"sync.Mutex", six(1000)}, {"own.With", six(1500)}, {"rust.Mutex", six(40)}}},
			{"Contended/map/2", "ns/op", []*laps{{"sync.Mutex", six(50)}, {"own.With", []float64{60}}}},
			{"Size/handle", "B", []*laps{{"none", six(0)}, {"own.Arc", six(8)}}},
		},
	}
}

func TestText(t *testing.T) {
	require.Equal(t, strings.TrimPrefix(`
go: go1.26.8

Lock                    median        ratio        rounds
increment  sync.Mutex  5.00 ns  ± 0%                    6
           own.With    7.50 ns  ± 0%   1.50  ± 0%       6

Contended               median        ratio        rounds
empty/2    sync.Mutex  20.0 ns  ± 0%                    6
           own.With    30.0 ns  ± 0%   1.50  ± 0%       6
           rust.Mutex  10.0 ns  ± 0%   0.50  ± 0%       6
empty/10   sync.Mutex  1.00 µs  ± 0%                    6
           own.With    1.50 µs  ± 0%   1.50  ± 0%       6
           rust.Mutex  40.0 ns  ± 0%   0.04  ± 0%       6
map/2      sync.Mutex  50.0 ns  ± 0%                    6
           own.With    60.0 ns   ± ∞   1.20   ± ∞       1

Size             median        ratio    rounds
handle  none        0 B  ± 0%                6
        own.Arc     8 B  ± 0%                6
`, "\n"), textOf(t, small()))
}

// Workloads that differ in the last part of the name and have the same sides share a table.
func TestMarkdown(t *testing.T) {
	require.Equal(t, strings.TrimPrefix(`
### Lock

| increment    |  median | ratio | 95 % interval |
| ------------ | ------: | ----: | ------------: |
| sync.Mutex   | 5.00 ns |       |               |
| **own.With** | 7.50 ns |  1.50 |  1.50 to 1.50 |

### Contended

| empty        |              2 |             10 |
| ------------ | -------------: | -------------: |
| sync.Mutex   |        20.0 ns |        1.00 µs |
| **own.With** | 30.0 ns, 1.50× | 1.50 µs, 1.50× |
| rust.Mutex   | 10.0 ns, 0.50× | 40.0 ns, 0.04× |

| map/2        |  median | ratio | 95 % interval |
| ------------ | ------: | ----: | ------------: |
| sync.Mutex   | 50.0 ns |       |               |
| **own.With** | 60.0 ns |  1.20 |               |

### Size

| handle      | median | ratio | 95 % interval |
| ----------- | -----: | ----: | ------------: |
| none        |    0 B |       |               |
| **own.Arc** |    8 B |       |               |

`, "\n"), markdownOf(t, small()))
}

// A side that is not in all workloads of a series ends a table; no figure is lost.
func TestMarkdownOfUnlikeSides(t *testing.T) {
	r := without(small(), func(workload, side string) bool {
		return workload == "Contended/empty/10" && side == "rust.Mutex"
	})
	text := markdownOf(t, r)
	require.Contains(t, text, "| empty/2      |  median |")
	require.Contains(t, text, "| empty/10     |  median |")
	require.Contains(t, text, "| **own.With** | 1.50 µs |")
}

// A table of any run is one: each line has as many cells as the head.
func TestMarkdownIsWellFormed(t *testing.T) {
	cells := 0
	for line := range strings.Lines(markdownOf(t, fakeRun(t))) {
		switch n := strings.Count(line, "|"); {
		case n == 0:
			cells = 0
		case cells == 0:
			cells = n
		default:
			require.Equal(t, cells, n, line)
		}
	}
}

// A group that is measured in two parts is one block.
func TestGroups(t *testing.T) {
	r := &run{workloads: []*measured{{name: "A/1"}, {name: "B/1"}, {name: "A/2"}, {name: "C"}}}
	var names [][]string
	for _, g := range r.groups() {
		var in []string
		for _, w := range g {
			in = append(in, w.name)
		}
		names = append(names, in)
	}
	require.Equal(t, [][]string{{"A/1", "A/2"}, {"B/1"}, {"C"}}, names)
}

// A run that was interrupted, or that was without Rust, is printed as far as it goes.
func TestPartialRuns(t *testing.T) {
	full := fakeFile(t, fakeHead, 2, 1)
	lines := strings.SplitAfter(string(full), "\n")
	for n := len(fakeHead) + 2; n <= len(lines); n += 37 {
		r := parse(t, strings.Join(lines[:n], ""))
		require.NotEmpty(t, textOf(t, r))
		require.NotEmpty(t, markdownOf(t, r))
		require.NotEmpty(t, summary(r))
		verdicts(r, new(bytes.Buffer), true)
		require.NoError(t, compareRuns(new(bytes.Buffer), fakeRun(t), r, false))
		require.NoError(t, compareRuns(new(bytes.Buffer), r, fakeRun(t), true))
		require.NoError(t, draw(r, t.TempDir()))
	}

	r := without(fakeRun(t), func(_, side string) bool { return strings.HasPrefix(side, "rust.") })
	require.NotContains(t, textOf(t, r)+markdownOf(t, r), "rust.")
}
