package own_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/go-own/own"
)

// Examples of the locks, as a course: from the first lock to repair. Those of
// the owners are in example_arc_test.go.

// Ten goroutines share one counter. Each has an owner of its own and drops it.
func Example() {
	counter := own.NewArc(own.NewMutex(0))
	defer counter.Drop()

	var wg sync.WaitGroup
	for range 10 {
		mine := counter.Clone()
		wg.Go(func() {
			defer mine.Drop()
			mine.Value().MustWith(func(n *int) { *n++ })
		})
	}
	wg.Wait()

	fmt.Println(counter)
	// Output: Mutex { data: 10, poisoned: false, .. }
}

// The zero Mutex is ready for use. The value cannot be reached without the lock.
func ExampleMutex() {
	var visits own.Mutex[map[string]int]

	visits.MustWith(func(v *map[string]int) { *v = map[string]int{} })
	visits.MustWith(func(v *map[string]int) { (*v)["/"]++ })

	fmt.Println(&visits)
	// Output: Mutex { data: map[/:1], poisoned: false, .. }
}

// NewMutex returns a value, so that a struct can hold it without a pointer.
func ExampleNewMutex() {
	type account struct {
		owner   string
		balance own.Mutex[int]
	}
	a := account{owner: "ann", balance: own.NewMutex(100)}

	balance, err := a.balance.Load()
	fmt.Println(a.owner, balance, err)
	// Output: ann 100 <nil>
}

// The three lines that every critical section begins with.
func ExampleMutex_Lock() {
	balance := own.NewMutex(100)

	deposit := func(amount int) error {
		g, err := balance.Lock()
		if err != nil {
			return err // poisoned; the lock is not held
		}
		defer g.Unlock() // directly: this is how it sees a panic

		*g.Value() += amount
		return nil
	}

	fmt.Println(deposit(20))
	fmt.Println(&balance)
	// Output:
	// <nil>
	// Mutex { data: 120, poisoned: false, .. }
}

// MustLock has no error: it panics if an earlier section did.
func ExampleMutex_MustLock() {
	m := own.NewMutex(5)

	g := m.MustLock()
	*g.Value()++
	g.Unlock()

	fmt.Println(&m)
	// Output: Mutex { data: 6, poisoned: false, .. }
}

// TryLock is for work that can be left undone.
func ExampleMutex_TryLock() {
	cache := own.NewMutex("full")
	g := cache.MustLock()

	_, err := cache.TryLock()
	fmt.Println(err)
	fmt.Println(errors.Is(err, own.ErrWouldBlock))

	g.Unlock()
	g, err = cache.TryLock()
	fmt.Println(*g.Value(), err)
	g.Unlock()
	// Output:
	// own: lock is held, locking would block
	// true
	// full <nil>
}

// With needs no Unlock, and knows exactly how the function ended.
func ExampleMutex_With() {
	m := own.NewMutex([]string{"a"})

	err := m.With(func(v *[]string) { *v = append(*v, "b") })

	fmt.Println(err, &m)
	// Output: <nil> Mutex { data: [a b], poisoned: false, .. }
}

// An error is not a panic: it says that nothing was done, and does not poison.
func ExampleMutex_WithErr() {
	balance := own.NewMutex(100)
	errFunds := errors.New("insufficient funds")

	err := balance.WithErr(func(v *int) error {
		if *v < 500 {
			return errFunds
		}
		*v -= 500
		return nil
	})

	fmt.Println(err, balance.IsPoisoned())
	// Output: insufficient funds false
}

// MustWith is With for programs in which a poisoned lock is a bug.
func ExampleMutex_MustWith() {
	m := own.NewMutex(1)
	m.MustWith(func(v *int) { *v *= 2 })
	fmt.Println(m.Load())
	// Output: 2 <nil>
}

// Load copies under the lock. The copy is shallow: a map or slice inside is
// still the one in the lock.
func ExampleMutex_Load() {
	type config struct{ Retries int }
	m := own.NewMutex(config{Retries: 3})

	c, err := m.Load()

	fmt.Println(c.Retries, err)
	// Output: 3 <nil>
}

// There is no MarshalJSON: an encoder that waits for a lock is a deadlock that
// waits to happen. Marshal a copy.
func ExampleMutex_Load_json() {
	m := own.NewMutex(struct{ Retries int }{3})

	v, err := m.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	json.NewEncoder(os.Stdout).Encode(v)
	// Output: {"Retries":3}
}

func ExampleMutex_Store() {
	m := own.NewMutex("old")
	err := m.Store("new")
	fmt.Println(err, &m)
	// Output: <nil> Mutex { data: new, poisoned: false, .. }
}

// Swap takes what is there and leaves something else: the whole batch, once.
func ExampleMutex_Swap() {
	batch := own.NewMutex([]string{"a", "b"})

	work, err := batch.Swap(nil)

	fmt.Println(work, err, &batch)
	// Output: [a b] <nil> Mutex { data: [], poisoned: false, .. }
}

// IntoInner is for the end, when nobody else is left to lock.
func ExampleMutex_IntoInner() {
	total := own.NewMutex(0)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { total.MustWith(func(v *int) { *v += i }) })
	}
	wg.Wait()

	fmt.Println(total.IntoInner())
	// Output: 6 <nil>
}

// Formatting never waits for the lock.
func ExampleMutex_Format() {
	m := own.NewMutex(6)
	fmt.Println(&m)

	g := m.MustLock()
	fmt.Println(&m)
	fmt.Printf("%v %03d\n", g, g)
	g.Unlock()

	fmt.Printf("%03d\n", &m)
	// Output:
	// Mutex { data: 6, poisoned: false, .. }
	// Mutex { data: <locked>, poisoned: false, .. }
	// 6 006
	// Mutex { data: 006, poisoned: false, .. }
}

// A guard is the right to use the value, for as long as it is not released.
func ExampleGuard() {
	m := own.NewMutex([]int{3, 1, 2})

	g := m.MustLock()
	defer g.Unlock()
	for i := range *g.Value() {
		(*g.Value())[i] *= 10
	}

	fmt.Println(g)
	// Output: [30 10 20]
}

// A released guard refuses access, rather than give access to what others have
// locked since.
func ExampleGuard_Value() {
	m := own.NewMutex(1)
	g := m.MustLock()
	*g.Value() = 2
	g.Unlock()

	defer func() { fmt.Println(recover()) }()
	g.Value()
	// Output: own: Guard.Value after Unlock: the lock is not held any more, lock again
}

// A second Unlock does nothing, so an early one and a deferred one go together.
func ExampleGuard_Unlock() {
	queue := own.NewMutex([]string{"job"})

	next := func() string {
		g := queue.MustLock()
		defer g.Unlock()
		if len(*g.Value()) == 0 {
			return "nothing to do"
		}
		job := (*g.Value())[0]
		*g.Value() = (*g.Value())[1:]
		g.Unlock() // the rest needs no lock

		return "did " + job
	}

	fmt.Println(next())
	fmt.Println(next())
	// Output:
	// did job
	// nothing to do
}

func ExampleGuard_Format() {
	m := own.NewMutex("v")
	g := m.MustLock()
	fmt.Printf("%s %q\n", g, g)
	g.Unlock()
	fmt.Println(g)
	// Output:
	// v "v"
	// <unlocked>
}

// broken returns a mutex whose last critical section panicked halfway, in a
// place where somebody recovered, as net/http does for its handlers.
func broken() *own.Mutex[[]string] {
	m := own.NewMutex([]string{"begin"})
	func() {
		defer func() { _ = recover() }()
		g := m.MustLock()
		defer g.Unlock()
		*g.Value() = append(*g.Value(), "half an entry")
		panic("disk full")
	}()
	return &m
}

// The error says what happened. It carries no guard: the lock is not held.
func ExamplePoisonError() {
	m := broken()

	_, err := m.Lock()

	if perr, ok := errors.AsType[*own.PoisonError](err); ok {
		fmt.Println("cause:", perr.Value)
		fmt.Println("names the function:", strings.Contains(string(perr.Stack), "own_test.broken"))
	}
	// Output:
	// cause: disk full
	// names the function: true
}

func ExamplePoisonError_Error() {
	err := &own.PoisonError{Value: "disk full"} // as from a lock, but for the place
	fmt.Println(err.Error())
	// Output: own: lock poisoned by panic: disk full
}

func ExamplePoisonError_Is() {
	_, err := broken().Lock()
	fmt.Println(errors.Is(err, own.ErrPoisoned), errors.Is(err, own.ErrWouldBlock))
	// Output: true false
}

// %+v adds the stack.
func ExamplePoisonError_Format() {
	err := &own.PoisonError{Value: "disk full", Stack: []byte("main.save(...)\n\tmain.go:42")}
	fmt.Printf("%v\n", err)
	fmt.Printf("%+v\n", err)
	// Output:
	// own: lock poisoned by panic: disk full
	// own: lock poisoned by panic: disk full
	// main.save(...)
	// 	main.go:42
}

// A closure that is left by runtime.Goexit, as t.FailNow leaves a test, did not
// come to its end either.
func ExampleErrGoexit() {
	m := own.NewMutex(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.With(func(v *int) { runtime.Goexit() })
	}()
	<-done

	_, err := m.Lock()
	perr, _ := errors.AsType[*own.PoisonError](err)
	fmt.Println(perr.Value == own.ErrGoexit)
	// Output: true
}

func ExampleErrPoisoned() {
	err := broken().Store(nil)
	if errors.Is(err, own.ErrPoisoned) {
		fmt.Println("503 Service Unavailable")
	}
	// Output: 503 Service Unavailable
}

func ExampleErrWouldBlock() {
	var m own.Mutex[int]
	defer m.MustLock().Unlock()

	_, err := m.TryLock()
	fmt.Println(err == own.ErrWouldBlock)
	// Output: true
}

func ExampleMutex_IsPoisoned() {
	fmt.Println(broken().IsPoisoned())
	// Output: true
}

// LockIgnorePoison looks at what is left.
func ExampleMutex_LockIgnorePoison() {
	m := broken()

	g := m.LockIgnorePoison()
	fmt.Println(*g.Value())
	g.Unlock()

	fmt.Println(m.IsPoisoned())
	// Output:
	// [begin half an entry]
	// true
}

// ClearPoison is for values that cannot be half updated.
func ExampleMutex_ClearPoison() {
	m := broken()
	m.ClearPoison()
	fmt.Println(m)
	// Output: Mutex { data: [begin half an entry], poisoned: false, .. }
}

// Repair looks at the value and clears the poison under one lock.
func ExampleMutex_Repair() {
	m := broken()

	err := m.Repair(func(v *[]string, cause *own.PoisonError) error {
		fmt.Println("repairing after:", cause.Value)
		*v = (*v)[:1]
		return nil
	})

	fmt.Println(err, m)
	// Output:
	// repairing after: disk full
	// <nil> Mutex { data: [begin], poisoned: false, .. }
}

// A health check can count poisonings, whichever lock it was.
func ExampleOnPoison() {
	remove := own.OnPoison(func(e *own.PoisonError) {
		fmt.Println("unhealthy:", e.Value)
	})
	defer remove()

	broken()
	// Output: unhealthy: disk full
}
