package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSummary(t *testing.T) {
	text := summary(fakeRun(t))
	require.LessOrEqual(t, strings.Count(text, "\n"), 2+10)
	require.NotContains(t, text, "–", "all of it is measured in a full run")
	for _, row := range []string{
		"| `With`; guard: direct `Unlock`; deferred; error checked too ",
		"| 1.57; 1.47; 1.67; 1.77 |", // in the order of its words
		"| 0.65; 0.18 |",
		"| Rust: `Mutex`; `RwLock`; the same; `Arc`; `Weak` ",
		"1.05; 1.12 |", // against Rust, which is not the base
	} {
		require.Contains(t, strings.Join(strings.Fields(text), " "), strings.TrimSpace(row))
	}
}

// Each cell has as many ratios as its words have parts.
func TestQuotations(t *testing.T) {
	for _, q := range quotations {
		parts := max(strings.Count(q.work, ";"), strings.Count(q.against, ";")) + 1
		require.Len(t, q.ratios, parts, q.work)
	}
}

// Without Rust the rows about it are not there; a part that is not measured is a dash.
func TestSummaryPartial(t *testing.T) {
	text := summary(without(fakeRun(t), func(workload, side string) bool {
		return strings.HasPrefix(side, "rust.") || workload == "Contended/empty/10"
	}))
	require.NotContains(t, text, "Rust")
	require.Contains(t, text, "| –; 1.03 ")
}
