package rc_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/rc"
)

// hooked returns the only owner of v, and how often its hook has run.
func hooked[T any](v T) (*rc.Rc[T], *int) {
	runs := new(int)
	return rc.From(&v, func(*T) { *runs++ }), runs
}

// copyOf is the clone function for a type that may be copied.
func copyOf[T any](v *T) T { return *v }

// counts are the owners and the Weaks of a value.
type counts struct{ strong, weak int }

// countsOf returns both counts of an Rc or a Weak.
func countsOf(handle interface {
	StrongCount() int
	WeakCount() int
}) counts {
	return counts{handle.StrongCount(), handle.WeakCount()}
}

// requireMessage fails t unless f panics with the message, which is one of this
// module's: one line, and it says where it comes from.
func requireMessage(t *testing.T, message string, f func()) {
	t.Helper()
	require.True(t, strings.HasPrefix(message, "own: "), message)
	require.NotContains(t, message, "\n")
	require.PanicsWithValue(t, message, f)
}

// ending is how a function came to its end.
type ending string

const (
	returned ending = "returned"
	panicked ending = "panicked"
	exited   ending = "exited" // by runtime.Goexit
)

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// finish runs f on a goroutine of its own and tells how it ended, and what it
// panicked with. The caller waits meanwhile, so f may use the caller's handles:
// they all move there and back.
func finish(f func()) (how ending, value any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		how = exited
		defer func() {
			if v := recover(); v != nil {
				how, value = panicked, v
			}
		}()
		f()
		how = returned
	}()
	<-done
	return how, value
}
