package main

import (
	"fmt"
	"io"
	"os"

	"github.com/go-own/own"
)

// A meter shows how many files have been counted. A nil meter shows nothing.
type meter struct {
	w    io.Writer
	of   int
	done own.Mutex[int]
}

// newMeter returns a meter for a person who has to wait: nil if w is no terminal,
// where the line would end up in a log, or if there are few files.
func newMeter(w io.Writer, files int) *meter {
	const many = 1000
	if files < many || !isTerminal(w) {
		return nil
	}
	return &meter{w: w, of: files}
}

// isTerminal reports whether w is a character device, which a terminal is. So is
// /dev/null, which does not mind.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// step says that one more file is done. Any worker may call it.
//
// It prints with the lock held, which is wrong nearly everywhere else. Here the
// order of the lines is what the lock is for: with an atomic counter, the worker
// that counts 200 may print before the one that counts 100.
func (m *meter) step() {
	if m == nil {
		return
	}
	m.done.MustWith(func(done *int) {
		*done++
		switch {
		case *done == m.of:
			fmt.Fprintf(m.w, "\r%d of %d files\n", *done, m.of)
		case *done%100 == 0:
			fmt.Fprintf(m.w, "\r%d of %d files", *done, m.of)
		}
	})
}
