package main

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func Example() {
	main()
	// Output: m = Mutex { data: 6, poisoned: false, .. }
}

// Printing a lock that is held does not wait for it. The guard prints the value.
func Example_locked() {
	m := own.NewMutex(5)
	g := m.MustLock()
	defer g.Unlock()

	fmt.Println("m =", &m)
	fmt.Println("g =", g)
	// Output:
	// m = Mutex { data: <locked>, poisoned: false, .. }
	// g = 5
}

// The four lines of increment as one, for a section that returns nothing.
func Example_with() {
	m := own.NewMutex(5)
	if err := m.With(func(v *int) { *v++ }); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("m =", &m)
	// Output: m = Mutex { data: 6, poisoned: false, .. }
}

// What is reachable only through the guard is not reachable after it.
func TestIncrementReleases(t *testing.T) {
	m := own.NewMutex(5)
	for range 2 {
		if err := increment(&m); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := m.IntoInner(); v != 7 || err != nil {
		t.Errorf("after two increments of 5: %d, %v; want 7, unlocked", v, err)
	}
}
