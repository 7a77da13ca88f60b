//go:build owndebug

package track

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-own/own/internal/goroutine"
)

// maxFrames is how many calls of a stack are kept.
const maxFrames = 24

// A trace is a stack as runtime.Callers gives it. It becomes a Stack when somebody wants
// to read it. A trace does not change, and the same stack is the same trace as a rule.
type trace struct {
	key uint64 // a hash of the return addresses
	pcs [maxFrames]uintptr
	n   int
}

// traces are those that have been seen, by key. runtime.Callers takes half a microsecond;
// to find the return addresses and what Callers has said of them takes a tenth of that.
// A program has few stacks on which it locks. What does not fit in is not kept.
var traces [1 << 14]atomic.Pointer[trace]

const maxProbes = 4

// here returns the stack of its caller. On top of it are functions of the library, which
// stack leaves out.
//
//go:noinline
func here() *trace {
	var pcs [maxFrames]uintptr
	key := uint64(0)
	for _, pc := range pcs[:goroutine.Frames(pcs[:])] {
		key = (key ^ uint64(pc)) * 0x9e3779b97f4a7c15
		key ^= key >> 29
	}
	var free *atomic.Pointer[trace]
	for i := range uint64(maxProbes) {
		slot := &traces[(key+i)%uint64(len(traces))]
		t := slot.Load()
		if t == nil {
			free = slot
			break
		}
		if t.key == key {
			return t
		}
	}
	t := &trace{key: key}
	t.n = runtime.Callers(2, t.pcs[:])
	if free != nil {
		free.CompareAndSwap(nil, t)
	}
	return t
}

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

// stack returns the calls of t without the library's own, without those of the runtime on
// top, and without what began the goroutine at the bottom. A reader wants to see the line
// that called Lock, or With, and how the program came there.
func (t *trace) stack() Stack {
	if t == nil || t.n == 0 {
		return nil
	}
	var s Stack
	frames := runtime.CallersFrames(t.pcs[:t.n])
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "":
		case inside(f.Function), len(s) == 0 && strings.HasPrefix(f.Function, "runtime."):
		default:
			s = append(s, Frame{f.Function, f.File, f.Line})
		}
		if !more {
			break
		}
	}
	for n := len(s); n > 1 && launches(s[n-1].Function); n-- {
		s = s[:n-1]
	}
	return s
}

// launches reports whether a function is of a package that begins goroutines for others,
// and calls what they are to run.
func launches(function string) bool {
	for _, pkg := range []string{"runtime.", "sync.", "testing.", "net/http.", "golang.org/x/sync/errgroup."} {
		if strings.HasPrefix(function, pkg) {
			return true
		}
	}
	return false
}

// inside reports whether a function is of the library itself, and not of a test of it.
func inside(function string) bool {
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

// continues reports whether a goroutine whose stack is u can be the one whose stack was t.
// If it is, and something has happened to it in between that matters here, then one
// function has been running all the while: both stacks came through the same calls into
// it. That function is the user's own, and not one that begins goroutines for others.
// Where a stack is not whole, nobody knows.
func (t *trace) continues(u *trace) bool {
	if !t.whole() || !u.whole() {
		return true
	}
	common := uintptr(0)
	for i := 1; i <= min(t.n, u.n); i++ {
		was, is := t.pcs[t.n-i], u.pcs[u.n-i]
		if entry(was) != entry(is) {
			break
		}
		common = was
		if was != is {
			break
		}
	}
	if common == 0 {
		return false
	}
	return !launches(runtime.FuncForPC(common - 1).Name())
}

// whole reports whether t reaches to where its goroutine began.
func (t *trace) whole() bool { return t.n < maxFrames }

func entry(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc - 1); f != nil {
		return f.Entry()
	}
	return pc
}
