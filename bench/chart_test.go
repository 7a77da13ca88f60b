package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// paint draws all charts of r and returns them by name.
func paint(t *testing.T, r *run) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "charts")
	require.NoError(t, draw(r, dir))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		all[f.Name()] = string(text)
	}
	return all
}

// texts parses a chart and returns the texts in it, each between bars.
func texts(t *testing.T, svg string) string {
	t.Helper()
	var all strings.Builder
	inText := false
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all.String() + "|"
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
			for _, a := range token.Attr {
				require.NotEqual(t, "id", a.Name.Local)
				require.NotContains(t, a.Value, "NaN")
				require.NotContains(t, a.Value, "Inf")
			}
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				all.WriteString("|" + string(token))
			}
		}
	}
}

func TestCharts(t *testing.T) {
	all := paint(t, fakeRun(t))
	require.Len(t, all, len(charts))
	for name, labels := range map[string][]string{
		"overview.svg": {
			"What it costs against what one would write without it", "own", "Rust", "Mutex, guard deferred vs sync.Mutex", "1.67", "1.06",
			"LockContext vs 1-slot channel", "0.18", "AtomicArc, Load + Drop vs RWMutex + count", "0.58", "1×",
		},
		"contended.svg": {"own.With", "own.Guard", "tailscale.MutexValue", "semaphore.Weighted", "channel", "rust.Mutex", "map update, 2 goroutines", "9.98"},
		"rw.svg":        {"own.RWMutex", "xsync.RBMutex", "rust.RwLock", "8 goroutines, 90 % reads", "5.37"},
		"rust.svg":      {"Mutex, guard", "9.41 ns", "5.58 ns", "Condvar, taking turns", "5.65 µs", "1 µs"},
		"scaling.svg":   {"goroutines on one lock", "debug build: locks held by others", "go-deadlock", "own.debug", "10000", "1 ms", "atomic.Pointer"},
	} {
		found := texts(t, all[name])
		require.Contains(t, all[name], "sans-serif")
		require.NotRegexp(t, `font-family:[^;]*[^f];`, all[name], "no font without one that everybody has")
		require.Contains(t, found, "lower is better")
		require.Contains(t, found, "|Made-up Processor 7000, 2 CPUs, go1.26.8, rustc 1.90.0|")
		for _, label := range labels {
			require.Contains(t, found, "|"+label+"|", name)
		}
	}
}

// The same results make the same files.
func TestChartsAreDeterministic(t *testing.T) {
	require.Equal(t, paint(t, fakeRun(t)), paint(t, fakeRun(t)))
	other := paint(t, parse(t, string(fakeFile(t, fakeHead, 15, 2))))
	for name, svg := range paint(t, fakeRun(t)) {
		require.NotEqual(t, svg, other[name], name)
	}
}

// Bars that were not measured are left out, and charts that are then empty are not drawn.
func TestChartsPartial(t *testing.T) {
	r := without(fakeRun(t), func(workload, side string) bool {
		return strings.HasPrefix(side, "rust.") || strings.HasPrefix(workload, "RW/") || workload == "Waiters/100"
	})
	r.head = set(r.head, "rust", "not measured: no rustc")
	all := paint(t, r)
	require.ElementsMatch(t, []string{"overview.svg", "contended.svg", "scaling.svg"}, keys(all))
	require.NotContains(t, texts(t, all["overview.svg"]), "Rust|")
	require.NotContains(t, texts(t, all["contended.svg"]), "rust")
	require.NotContains(t, texts(t, all["scaling.svg"]), "rustc")

	require.Empty(t, paint(t, madeUp(&laps{"x", []float64{1}}, &laps{"y", []float64{2}})))
}

func keys(m map[string]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}

// Figures that have no place on a logarithmic axis are left out: nothing panics.
func TestChartsOfZeros(t *testing.T) {
	r := fakeRun(t)
	for i, w := range r.workloads {
		for j, s := range w.sides {
			if (i+j)%3 == 0 {
				clear(s.values)
			}
		}
	}
	for _, svg := range paint(t, r) {
		texts(t, svg)
	}
	for _, w := range r.workloads {
		for _, s := range w.sides {
			clear(s.values)
		}
	}
	require.Empty(t, paint(t, r))
}

// One round has no interval, and is drawn.
func TestChartsOfOneRound(t *testing.T) {
	all := paint(t, parse(t, string(fakeFile(t, fakeHead, 1, 1))))
	require.Len(t, all, len(charts))
	for _, svg := range all {
		texts(t, svg)
	}
}

// Names at the ends of lines do not overlap, however near the ends are, and are beside the
// lines: at the bottom of a panel as at the top.
func TestChartNamesAreApart(t *testing.T) {
	for _, ns := range []float64{1.001, 5, 9.99} {
		r := &run{head: fakeHead}
		for n := 1; n <= 4; n *= 2 {
			w := &measured{name: fmt.Sprintf("Owners/%d", n), unit: defaultUnit}
			for i := range 8 {
				w.sides = append(w.sides, &laps{fmt.Sprintf("side-%d", i), []float64{ns + float64(i)/1e6}})
			}
			r.workloads = append(r.workloads, w)
		}
		at := places(t, paint(t, r)["scaling.svg"])
		for i := range 8 {
			y, ok := at[fmt.Sprintf("side-%d", i)]
			require.True(t, ok)
			require.True(t, at["10 ns"]-8 < y && y < at["1 ns"]+8, "%v is not between %v and %v", y, at["10 ns"], at["1 ns"])
			for k := range i {
				require.GreaterOrEqual(t, math.Abs(at[fmt.Sprintf("side-%d", k)]-y), 9.9)
			}
		}
	}
}

// places returns how far down each text is in a chart.
func places(t *testing.T, svg string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	y := math.NaN() // outside of texts
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				if token.Name.Local == "text" && a.Name.Local == "y" {
					y, err = strconv.ParseFloat(a.Value, 64)
					require.NoError(t, err)
				}
			}
		case xml.EndElement:
			y = math.NaN()
		case xml.CharData:
			if !math.IsNaN(y) {
				all[string(token)] = y
			}
		}
	}
}

// All that is drawn has the place for it: nothing is outside of the picture.
func TestChartsAreWithinThePicture(t *testing.T) {
	for name, svg := range paint(t, fakeRun(t)) {
		var width, height float64
		_, err := fmt.Sscanf(svg[strings.Index(svg, "viewBox="):], `viewBox="0 0 %g %g"`, &width, &height)
		require.NoError(t, err)
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			start, ok := token.(xml.StartElement)
			if !ok || start.Name.Local != "text" {
				continue
			}
			for _, a := range start.Attr {
				v, err := strconv.ParseFloat(a.Value, 64)
				switch a.Name.Local {
				case "x":
					require.NoError(t, err)
					require.True(t, 0 <= v && v <= width-10, "%s: x of %v", name, v)
				case "y": // upwards is negative
					require.NoError(t, err)
					require.True(t, -height+5 <= v && v <= 0, "%s: y of %v", name, v)
				}
			}
		}
	}
}
