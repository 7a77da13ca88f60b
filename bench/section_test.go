package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func readme(t *testing.T, text string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func TestReplaceSection(t *testing.T) {
	const before, after = "# Title\n\n<!-- begin costs: made by go run . -->\n", "<!-- end costs -->\n\nText.\n<!-- begin other: made by go run . -->\n<!-- end other -->\n"
	name := readme(t, before+after)
	for _, text := range []string{"first\n", "\n\nsecond\nlonger\n\n", "3"} {
		require.NoError(t, replaceSection(name, "costs", text))
	}
	require.Equal(t, before+"\n3\n\n"+after, read(t, name))

	require.NoError(t, replaceSection(name, "other", "x"))
	require.Contains(t, read(t, name), "other: made by go run . -->\n\nx\n\n<!-- end other -->\n")
	require.Contains(t, read(t, name), before+"\n3\n\n<!-- end costs -->")
}

// The same text again leaves the file alone: the second run of the command changes nothing.
func TestReplaceSectionUnchanged(t *testing.T) {
	name := readme(t, "<!-- begin costs: made by go run . -->\n<!-- end costs -->\n")
	require.NoError(t, replaceSection(name, "costs", "text"))
	once := read(t, name)
	before := time.Unix(1e9, 0)
	require.NoError(t, os.Chtimes(name, before, before))
	require.NoError(t, replaceSection(name, "costs", "text"))
	require.Equal(t, once, read(t, name))
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.True(t, info.ModTime().Equal(before), "written again")
}

func TestReplaceSectionErrors(t *testing.T) {
	const begin, end = "<!-- begin costs: made by go run . -->\n", "<!-- end costs -->\n"
	for _, test := range []struct{ text, message string }{
		{"", `"<!-- begin costs: made by go run . -->" is there 0 times, not once`},
		{begin, `"<!-- end costs -->" is there 0 times, not once`},
		{end, `"<!-- begin costs: made by go run . -->" is there 0 times, not once`},
		{end + begin, `"<!-- end costs -->" comes before "<!-- begin costs: made by go run . -->"`},
		{begin + begin + end, `"<!-- begin costs: made by go run . -->" is there 2 times, not once`},
		{begin + end + end, `"<!-- end costs -->" is there 2 times, not once`},
		{"<!-- begin cost: made by go run . -->\n" + end, `"<!-- begin costs: made by go run . -->" is there 0 times, not once`},
	} {
		name := readme(t, test.text)
		require.EqualError(t, replaceSection(name, "costs", "new"), name+": "+test.message)
		require.Equal(t, test.text, read(t, name), "the file stays")
	}
	require.ErrorIs(t, replaceSection(filepath.Join(t.TempDir(), "none.md"), "costs", ""), os.ErrNotExist)
}
