package main

import (
	"fmt"
	"math"
	"strings"
)

// How numbers are printed: with as many digits as they are worth.

// digits3 prints three significant digits, or all of the integer part.
func digits3(v float64) string {
	switch v = math.Abs(v); {
	case v >= 99.95 || v == 0:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.9995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// seconds are the units of the default one.
var seconds = []string{"ns", "µs", "ms", "s"}

// amount prints a figure with its unit.
func amount(v float64, unit string) string {
	switch unit {
	case defaultUnit:
		return scaled(v, digits3, seconds...)
	case "B":
		if v < 10_000 && v == math.Trunc(v) {
			return fmt.Sprintf("%.0f B", v)
		}
		return scaled(v, digits3, "B", "kB", "MB", "GB")
	}
	return digits3(v) + " " + unit
}

// scaled prints v in the largest unit of which there is one. Each is 1000 of the one before.
func scaled(v float64, print func(float64) string, units ...string) string {
	for v >= 999.5 && len(units) > 1 {
		v, units = v/1000, units[1:]
	}
	return print(v) + " " + units[0]
}

// short prints a number for the axis of a chart.
func short(v float64) string { return fmt.Sprintf("%.3g", v) }

// times prints a ratio: two decimals, or two digits if it is small.
func times(ratio float64) string {
	switch {
	case ratio >= 99.5:
		return fmt.Sprintf("%.0f", ratio)
	case ratio >= 9.995:
		return fmt.Sprintf("%.1f", ratio)
	case ratio >= 0.0995 || ratio == 0:
		return fmt.Sprintf("%.2f", ratio)
	}
	return fmt.Sprintf("%.2g", ratio)
}

// interval prints a ratio with its confidence interval, if there is one.
func (e estimate) interval() string {
	if !e.bounded() {
		return times(e.center)
	}
	lo, hi := times(e.lo), times(e.hi)
	if lo == hi && lo == times(e.center) {
		return lo
	}
	return fmt.Sprintf("%s (%s to %s)", times(e.center), lo, hi)
}

// plusMinus prints the spread.
func (e estimate) plusMinus() string {
	switch {
	case !e.bounded():
		return "± ∞"
	case e.center == 0 && e.lo != e.hi:
		return "± ?"
	case 0.0005 <= e.spread() && e.spread() < 0.01:
		return fmt.Sprintf("± %.1f%%", 100*e.spread())
	}
	return fmt.Sprintf("± %.0f%%", 100*e.spread())
}

// within returns the name of a workload without that of the group.
func within(name string) string {
	_, rest, found := strings.Cut(name, "/")
	if !found {
		return name
	}
	return rest
}

// group returns the first part of the name of a workload.
func group(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}
