package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// Parts of a Markdown file are made by this program: those between two comments, each on a
// line of its own. The rest is written by hand.

// replaceSection puts text where the file has the section of that name now. The file is left
// alone if it has no such section or already has that text.
func replaceSection(file, name, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin := fmt.Sprintf("<!-- begin %s: made by go run . -->\n", name)
	end := fmt.Sprintf("<!-- end %s -->", name)
	for _, marker := range []string{begin, end} {
		if n := bytes.Count(old, []byte(marker)); n != 1 {
			return fmt.Errorf("%s: %q is there %d times, not once", file, strings.TrimSpace(marker), n)
		}
	}
	from := bytes.Index(old, []byte(begin)) + len(begin)
	to := bytes.Index(old, []byte(end))
	if to < from {
		return fmt.Errorf("%s: %q comes before %q", file, end, strings.TrimSpace(begin))
	}
	section := "\n" + strings.Trim(text, "\n") + "\n\n"
	if string(old[from:to]) == section {
		return nil
	}
	return os.WriteFile(file, bytes.Join([][]byte{old[:from], []byte(section), old[to:]}, nil), 0o644)
}
