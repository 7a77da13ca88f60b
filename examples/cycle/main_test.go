package main

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

// It is a test and no Example, to say that it leaks on purpose: in the debug build, a
// test of any other program would fail for it.
func TestOutput(t *testing.T) {
	owndebug.Expect(t, owndebug.LeakedOwner)
	const want = `circle: a has 2 owners, b has 2
dropped: a has 1 owner, b has 1

tree: a has 1 owner, b has 2
parent of b: a
hook: dropped a
parent of b: gone
hook: dropped b
`
	var out strings.Builder
	run(&out)
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// The line that is never printed, and the cure: open the circle by hand.
func TestCircle(t *testing.T) {
	owndebug.Expect(t, owndebug.LeakedOwner)
	var out strings.Builder
	owningBack(&out)
	if strings.Contains(out.String(), "hook:") {
		t.Errorf("a hook ran although the circle is closed:\n%s", &out)
	}

	out.Reset()
	a, b := newNode(&out, "a"), newNode(&out, "b")
	a.Value().child = b.Clone()
	b.Value().up = a.Clone()
	b.Value().up.Drop()
	b.Drop()
	a.Drop()
	if got, want := out.String(), "hook: dropped a\nhook: dropped b\n"; got != want {
		t.Errorf("circle opened by hand: got %q, want %q", got, want)
	}
}

// An upgraded Weak is an owner like any other: printParent must drop its own.
func TestPrintParentKeepsNothing(t *testing.T) {
	var out strings.Builder
	a, b := newNode(&out, "a"), newNode(&out, "b")
	defer b.Drop()
	b.Value().parent = a.Downgrade()
	printParent(&out, b)
	if n := a.StrongCount(); n != 1 {
		t.Errorf("parent has %d owners, want 1", n)
	}
	a.Drop()
}
