//go:build owndebug

package track

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames is how many calls of a stack are kept.
const maxFrames = 24

// A trace is a stack as runtime.Callers gives it, which is cheap. It becomes a Stack when
// somebody wants to read it.
type trace struct {
	pcs [maxFrames]uintptr
	n   int
}

// here fills t with the stack of its caller's caller.
func (t *trace) here() { t.n = runtime.Callers(3, t.pcs[:]) }

// A Stack is calls, the innermost first.
type Stack []Frame

// A Frame is a call.
type Frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// String returns file:line, with the folder of the file.
func (f Frame) String() string {
	dir, file := filepath.Split(filepath.ToSlash(f.File))
	return filepath.Base(dir) + "/" + file + ":" + strconv.Itoa(f.Line)
}

// stack returns the calls of t without those on top that are the library's own and the
// runtime's. A reader wants to see the line that called Lock.
func (t *trace) stack() Stack {
	if t == nil || t.n == 0 {
		return nil
	}
	var s Stack
	frames := runtime.CallersFrames(t.pcs[:t.n])
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "", f.Function == "runtime.goexit", f.Function == "runtime.main", f.Function == "testing.tRunner":
		case len(s) == 0 && inside(f.Function):
		default:
			s = append(s, Frame{f.Function, f.File, f.Line})
		}
		if !more {
			return s
		}
	}
}

// inside reports whether a function is of the library itself or of the runtime, and not
// of a test of the library.
func inside(function string) bool {
	if strings.HasPrefix(function, "runtime.") {
		return true
	}
	rest, ok := strings.CutPrefix(function, "github.com/go-own/own")
	if !ok {
		return false
	}
	for _, pkg := range []string{".", "/rc.", "/cell.", "/internal/track."} {
		if strings.HasPrefix(rest, pkg) {
			return true
		}
	}
	return false
}

// root returns the function with which the goroutine of t began, or 0 if t does not
// reach that far.
func (t *trace) root() uintptr {
	if t.n == maxFrames || t.n < 2 {
		return 0
	}
	if f := runtime.FuncForPC(t.pcs[t.n-2] - 1); f != nil { // below goexit
		return f.Entry()
	}
	return 0
}
