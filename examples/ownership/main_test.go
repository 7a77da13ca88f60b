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
	// a.Downgrade    strong 1, weak 1
	// a.Clone        strong 2, weak 1
	// weak.Upgrade   strong 3, weak 1
	// c.Drop         strong 2, weak 1
	// b.Move         strong 2, weak 1
	// current.Store  strong 2, weak 1
	// a.Drop, twice  strong 1, weak 1
	// hook: dropped [some data]
	// current.Drop   strong 0, weak 0
	// weak.Upgrade succeeds: false
	// without a lock: 1
	// with a lock: 10
}

// The comment on lostUpdates says that a Load and a Store are two sections.
func TestLoadThenStoreLosesUpdates(t *testing.T) {
	var n own.Mutex[int]
	first, err := n.Load()
	if err != nil {
		t.Fatal(err)
	}
	second, err := n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, seen := range []int{first, second} {
		if err := n.Store(seen + 1); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := n.Load(); v != 1 || err != nil {
		t.Errorf("got %d, %v; want 1: one of the two additions is lost", v, err)
	}
}
