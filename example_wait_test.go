package own_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-own/own"
)

// Examples of waiting, for a lock or for what it protects, and of guards that
// show a part of the value.

// A wait that may take too long has a limit. Whoever gives up does not hold the
// lock, so there is nothing to unlock.
func ExampleMutex_LockContext() {
	stock := own.NewMutex(3)
	g := stock.MustLock() // this goroutine is counting, and takes long

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	var customer sync.WaitGroup
	customer.Go(func() {
		_, err := stock.LockContext(ctx)
		fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	})
	customer.Wait()

	g.Unlock()
	_, err := stock.LockContext(ctx)
	fmt.Println("free, but too late:", err)
	// Output:
	// context deadline exceeded true
	// free, but too late: context deadline exceeded
}

// The error says why the context ended, and matches the plain context error as
// well, whichever of the two a caller looks for.
func ExampleMutex_LockContext_cause() {
	var account own.Mutex[int]
	defer account.MustLock().Unlock()

	errClosing := errors.New("the bank is closing")
	ctx, cancel := context.WithCancelCause(context.Background())
	var customer sync.WaitGroup
	customer.Go(func() {
		_, err := account.LockContext(ctx) // would wait for ever
		fmt.Println(err)
		fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, errClosing))
	})
	cancel(errClosing)
	customer.Wait()
	// Output:
	// context canceled: the bank is closing
	// true true
}

// The consumer says what it waits for. The producer only pushes: there is nothing
// to notify, and so nothing to forget.
func ExampleMutex_LockWhen() {
	var queue own.Mutex[[]string]

	var consumer sync.WaitGroup
	consumer.Go(func() {
		g, err := queue.LockWhen(context.Background(), func(q *[]string) bool { return len(*q) > 0 })
		if err != nil {
			fmt.Println(err)
			return
		}
		defer g.Unlock()

		fmt.Println("got", (*g.Value())[0]) // the queue is still not empty
		*g.Value() = (*g.Value())[1:]
	})

	queue.MustWith(func(q *[]string) { *q = append(*q, "a job") })
	consumer.Wait()
	// Output: got a job
}

// A consumer ends with its context. Jobs that are there do not keep it, so the
// producer waits first until the queue is empty, with LockWhen as well.
func ExampleMutex_LockWhen_shutdown() {
	ctx, stop := context.WithCancelCause(context.Background())
	queue := own.NewMutex([]string{"job 1", "job 2"})

	var consumer sync.WaitGroup
	consumer.Go(func() {
		for {
			g, err := queue.LockWhen(ctx, func(q *[]string) bool { return len(*q) > 0 })
			if err != nil {
				fmt.Println(err)
				return
			}
			job := (*g.Value())[0]
			*g.Value() = (*g.Value())[1:]
			g.Unlock() // before the work is done, so that others can push
			fmt.Println(job)
		}
	})

	g, err := queue.LockWhen(ctx, func(q *[]string) bool { return len(*q) == 0 })
	g.Unlock()
	stop(errors.New("end of shift"))
	consumer.Wait()
	fmt.Println(err)
	// Output:
	// job 1
	// job 2
	// context canceled: end of shift
	// <nil>
}

// Await lets others have the lock while it waits, and holds it again when it
// returns. So one guard and one deferred Unlock last for all the turns.
func ExampleGuard_Await() {
	turn := own.NewMutex("ping")
	play := func(me, other string) {
		g := turn.MustLock()
		defer g.Unlock()
		for range 2 {
			if err := g.Await(context.Background(), func(v *string) bool { return *v == me }); err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(me)
			*g.Value() = other
		}
	}

	var players sync.WaitGroup
	players.Go(func() { play("ping", "pong") })
	players.Go(func() { play("pong", "ping") })
	players.Wait()
	// Output:
	// ping
	// pong
	// ping
	// pong
}

// An error from Await means what an error from Lock means: the lock is not held.
// The guard is released, and a deferred Unlock does nothing.
func ExampleGuard_Await_error() {
	stock := own.NewMutex(0)
	g := stock.MustLock()
	defer g.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := g.Await(ctx, func(v *int) bool { return *v > 0 })

	fmt.Println(err)
	fmt.Println(g, &stock)
	// Output:
	// context deadline exceeded
	// <unlocked> Mutex { data: 0, poisoned: false, .. }
}

// A function can look something up and return it locked, without showing the
// rest. If there is nothing to return, the lock is still held by the guard that
// was to be mapped.
func ExampleMapGuard() {
	balances := own.NewMutex([]int{100, 50})

	account := func(number int) (*own.MappedGuard[int], error) {
		g, err := balances.Lock()
		if err != nil {
			return nil, err
		}
		a := own.MapGuard(g, func(v *[]int) *int {
			if number >= len(*v) {
				return nil
			}
			return &(*v)[number]
		})
		if a == nil {
			g.Unlock() // MapGuard has not
			return nil, errors.New("no such account")
		}
		return a, nil
	}

	a, err := account(1)
	*a.Value() += 7
	a.Unlock()
	fmt.Println(err, &balances)

	_, err = account(2)
	fmt.Println(err, &balances)
	// Output:
	// <nil> Mutex { data: [100 57], poisoned: false, .. }
	// no such account Mutex { data: [100 57], poisoned: false, .. }
}

// A nil part is no error and releases nothing. The guard goes on as before.
func ExampleMapGuard_notFound() {
	pages := own.NewMutex(map[string]*string{})
	g := pages.MustLock()
	defer g.Unlock()

	page := own.MapGuard(g, func(v *map[string]*string) *string { return (*v)["/"] })

	fmt.Println(page == nil)
	fmt.Println(len(*g.Value()), &pages)
	// Output:
	// true
	// 0 Mutex { data: <locked>, poisoned: false, .. }
}

// Whoever is given the part can use it and release the lock, and needs not know
// what it is a part of.
func ExampleMappedGuard() {
	type config struct {
		Name    string
		Retries int
	}
	raise := func(n *own.MappedGuard[int]) {
		defer n.Unlock()
		*n.Value()++
	}
	c := own.NewMutex(config{"db", 3})

	g := c.MustLock()
	raise(own.MapGuard(g, func(v *config) *int { return &v.Retries }))

	fmt.Println(&c)
	// Output: Mutex { data: {db 4}, poisoned: false, .. }
}

// When the parent has waited, the part may have moved: here an append copied the
// slice. A write to the old place would be lost, so the part refuses.
func ExampleMappedGuard_Value() {
	jobs := own.NewMutex([]string{"a"})
	g := jobs.MustLock()
	defer g.Unlock()
	first := own.MapGuard(g, func(v *[]string) *string { return &(*v)[0] })
	*first.Value() = "A"

	var wg sync.WaitGroup
	wg.Go(func() { jobs.MustWith(func(v *[]string) { *v = append(*v, "b") }) })
	err := g.Await(context.Background(), func(v *[]string) bool { return len(*v) == 2 })
	wg.Wait()
	fmt.Println(g, err)

	defer func() { fmt.Println(recover()) }()
	first.Value()
	// Output:
	// [A b] <nil>
	// own: MappedGuard.Value after Unlock or Await of it or of its parent: map a guard that holds the lock
}

// There is one lock, with two handles: Unlock of either releases it for both.
func ExampleMappedGuard_Unlock() {
	m := own.NewMutex([2]string{"left", "right"})
	g := m.MustLock()
	defer g.Unlock() // comes too late here, and does nothing
	right := own.MapGuard(g, func(v *[2]string) *string { return &v[1] })

	right.Unlock()
	fmt.Println(&m)

	defer func() { fmt.Println(recover()) }()
	g.Value()
	// Output:
	// Mutex { data: [left right], poisoned: false, .. }
	// own: Guard.Value after Unlock: the lock is not held any more, lock again
}

// The part is printed as it would be by itself.
func ExampleMappedGuard_Format() {
	m := own.NewMutex([]float64{1, 2.5})
	g := m.MustLock()
	last := own.MapGuard(g, func(v *[]float64) *float64 { return &(*v)[len(*v)-1] })

	fmt.Printf("%v %.2f of %v\n", last, last, g)
	g.Unlock()
	fmt.Println(last)
	// Output:
	// 2.5 2.50 of [1 2.5]
	// <unlocked>
}
