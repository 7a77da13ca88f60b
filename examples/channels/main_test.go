package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func Example() {
	main()
	// Output:
	// received [one two]
	// received [three four]
	// receiver: serving 10.0.0.7, owners: 1
	// hook: closed 10.0.0.7
	// sender: my handle is <dropped>
	// sender: own: use of an empty Arc: it was dropped or moved, Clone it before giving it away
}

// The trap that a comment in sendOwner warns of, and the way around it.
func TestMoveInSelect(t *testing.T) {
	owndebug.Expect(t, owndebug.LeakedOwner) // the first half
	cancelled := make(chan struct{})
	close(cancelled)
	var nobody chan *own.Arc[conn] // a send never succeeds

	closed := 0
	c := own.ArcFrom(&conn{}, func(*conn) { closed++ })
	watch := c.Downgrade()
	defer watch.Drop()
	select {
	case nobody <- c.Move():
	case <-cancelled:
	}
	c.Drop()
	if closed != 0 || watch.StrongCount() != 1 {
		t.Errorf("Move inside the select: closed %d times, %d owners; want a lost owner", closed, watch.StrongCount())
	}

	closed = 0
	c = own.ArcFrom(&conn{}, func(*conn) { closed++ })
	moved := c.Move()
	select {
	case nobody <- moved:
	case <-cancelled:
		moved.Drop()
	}
	c.Drop()
	if closed != 1 {
		t.Errorf("Move before the select: closed %d times, want 1", closed)
	}
}
