package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Raw results are kept in Go's benchmark format, a line for each lap, so that other tools
// read them too:
//
//	BenchmarkLock/increment/by=sync.Mutex 5000 5.12 ns/op
//
// benchstat -ignore date,own -col /by FILE compares the sides of a file, and without -col
// the files with each other. It knows nothing of the turns that the sides take, so it has
// no ratios by rounds.

// by is what separates a workload from a side in the name of a benchmark.
const by = "/by="

// defaultUnit is that of the figures of a workload that does not name one.
const defaultUnit = "ns/op"

// A setting is a line of the head of a file: what was measured, and on what.
type setting struct{ key, value string }

// A run is what a file of results has.
type run struct {
	head      []setting
	workloads []*measured // in the order in which they were measured
}

// measured is what a workload came to.
type measured struct {
	name  string
	unit  string
	sides []*laps // the first is the base
}

// laps are the figures of a side, one for each round.
type laps struct {
	name   string
	values []float64
}

// setting returns the value of a line of the head, or "".
func (r *run) setting(key string) string {
	for _, s := range r.head {
		if s.key == key {
			return s.value
		}
	}
	return ""
}

// workload returns what the workload came to, or nil if it was not measured.
func (r *run) workload(name string) *measured {
	for _, w := range r.workloads {
		if w.name == name {
			return w
		}
	}
	return nil
}

// side returns the laps of a side, or nil. It may be asked of no workload.
func (w *measured) side(name string) *laps {
	if w == nil {
		return nil
	}
	for _, s := range w.sides {
		if s.name == name {
			return s
		}
	}
	return nil
}

// results writes a file of results, a line at once for each lap: a run that is interrupted
// has what was measured until then.
type results struct {
	w    *benchfmt.Writer
	head []benchfmt.Config
}

// newResults returns a writer of results. The head comes with the first lap. It is an error
// if a line of it would be read as something else.
func newResults(w io.Writer, head []setting) (*results, error) {
	r := &results{w: benchfmt.NewWriter(w)}
	for i, s := range head {
		if !headKey.MatchString(s.key) || (&run{head: head[:i]}).setting(s.key) != "" {
			return nil, fmt.Errorf("%q: no key for the head of a file of results, or there twice", s.key)
		}
		if s.value == "" || s.value != strings.TrimSpace(s.value) || strings.ContainsAny(s.value, "\r\n") {
			return nil, fmt.Errorf("%s: %q: no value for the head of a file of results", s.key, s.value)
		}
		r.head = append(r.head, benchfmt.Config{Key: s.key, Value: []byte(s.value), File: true})
	}
	return r, nil
}

var headKey = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// add writes a lap.
func (r *results) add(f figure) error {
	unit := f.workload.unit
	if unit == "" {
		unit = defaultUnit
	}
	name := f.workload.name + by + f.side
	if strings.ContainsAny(name, " \t\n") {
		return fmt.Errorf("%q: a name in a file of results has no blanks", name)
	}
	if err := plausible(f.value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return r.w.Write(&benchfmt.Result{
		Config: r.head,
		Name:   benchfmt.Name(name),
		Iters:  f.n,
		Values: []benchfmt.Value{{Value: f.value, Unit: unit}},
	})
}

// plausible returns an error for what no lap comes to.
func plausible(v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
		return fmt.Errorf("a lap of %v", v)
	}
	return nil
}

// readResults reads a file of results. An error names the line.
func readResults(from io.Reader) (*run, error) {
	r := new(run)
	in := benchfmt.NewReader(from, "results")
	for in.Scan() {
		_, line := in.Result().Pos()
		switch record := in.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, fmt.Errorf("line %d: %s", line, record.Msg)
		case *benchfmt.Result:
			var head []setting
			for _, c := range record.Config {
				head = append(head, setting{c.Key, string(c.Value)})
			}
			if len(r.workloads) == 0 {
				r.head = head
			}
			if !slices.Equal(r.head, head) {
				return nil, fmt.Errorf("line %d: another head: these are laps of several runs", line)
			}
			if err := r.lap(record); err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(r.workloads) == 0 {
		return nil, errors.New("no results")
	}
	return r, nil
}

// lap adds a line to the run.
func (r *run) lap(line *benchfmt.Result) error {
	name := string(line.Name)
	at := strings.LastIndex(name, by)
	if at <= 0 || at+len(by) == len(name) {
		return fmt.Errorf("%s: names no workload and side, as Lock/increment%ssync.Mutex does", name, by)
	}
	if len(line.Values) != 1 {
		return errors.New("more than one figure")
	}
	// The reader changes ns to seconds, and keeps what was there.
	value, unit := line.Values[0].Value, line.Values[0].Unit
	if line.Values[0].OrigUnit != "" {
		value, unit = line.Values[0].OrigValue, line.Values[0].OrigUnit
	}
	if err := plausible(value); err != nil {
		return err
	}

	w := r.workload(name[:at])
	if w == nil {
		w = &measured{name: name[:at], unit: unit}
		r.workloads = append(r.workloads, w)
	}
	if w.unit != unit {
		return fmt.Errorf("%s in %s, and before in %s", w.name, unit, w.unit)
	}
	s := w.side(name[at+len(by):])
	if s == nil {
		s = &laps{name: name[at+len(by):]}
		w.sides = append(w.sides, s)
	}
	s.values = append(s.values, value)
	return nil
}
