//go:build owndebug

package cell

import (
	"container/list"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A site is where a borrow began that has not ended. Its handle keeps it.
type site struct{ element *list.Element }

// sites is where the borrows of a cell began that have not ended, the earliest
// first. It is a list because the handles are dropped in any order.
type sites struct{ active list.List } // of []uintptr, as runtime.Callers fills it

// begin records that a borrow begins. To give the place a name takes longer, and
// can wait until somebody wants to read it.
func (s *sites) begin() site {
	var pcs [64]uintptr
	return site{s.active.PushBack(slices.Clone(pcs[:runtime.Callers(2, pcs[:])]))}
}

// end forgets a borrow.
func (s *sites) end(at site) { s.active.Remove(at.element) }

// name adds to err, which says that there is a borrow, where the earliest began.
func (s *sites) name(err error) error {
	return fmt.Errorf("%w; a previous borrow was at %s", err, callSite(s.active.Front().Value.([]uintptr)))
}

// callSite returns file:line of the call by which this package was entered. If
// package fmt made that call, for [RefCell.Format], it is the line that prints.
func callSite(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if !more || !between(f.Function) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
	}
}

// between reports whether a function can stand between a borrow and the line that
// asked for it: it is of this package, or prints a value that contains a cell.
func between(function string) bool {
	return slices.ContainsFunc([]string{
		"github.com/go-own/own/cell.",
		"github.com/go-own/own/internal/",
		"github.com/go-own/own/rc.",
		"github.com/go-own/own.",
		"fmt.",
	}, func(prefix string) bool { return strings.HasPrefix(function, prefix) })
}
