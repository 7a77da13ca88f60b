package own_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/go-own/own"
)

// Examples of the RWMutex, as a course: from the first reader to repair.

// Any number of readers hold the lock at a time. With a Mutex, the two would wait
// for each other for ever.
func ExampleRWMutex() {
	var config own.RWMutex[string] // the zero RWMutex is ready for use
	config.MustWith(func(v *string) { *v = "v1" })

	var readers, together sync.WaitGroup
	together.Add(2)
	for range 2 {
		readers.Go(func() {
			g := config.MustRLock()
			defer g.Unlock()

			together.Done()
			together.Wait() // for the other, which comes in while this one is
			fmt.Println("both read", *g.Value())
		})
	}
	readers.Wait()
	// Output:
	// both read v1
	// both read v1
}

// NewRWMutex returns a value, so that a struct can hold it without a pointer.
func ExampleNewRWMutex() {
	type router struct {
		name   string
		routes own.RWMutex[map[string]string]
	}
	r := router{name: "edge", routes: own.NewRWMutex(map[string]string{"/": "home"})}

	fmt.Println(r.name, &r.routes)
	// Output: edge RWMutex { data: map[/:home], poisoned: false, .. }
}

// A reader has an error to check as well: what a writer has left half updated is
// not to be read either.
func ExampleRWMutex_RLock() {
	routes := own.NewRWMutex(map[string]string{"/": "home"})

	lookup := func(path string) (string, error) {
		g, err := routes.RLock()
		if err != nil {
			return "", err // poisoned; the lock is not held
		}
		defer g.Unlock()

		return (*g.Value())[path], nil
	}

	fmt.Println(lookup("/"))
	// Output: home <nil>
}

// MustRLock has no error: it panics if an earlier writer did.
func ExampleRWMutex_MustRLock() {
	stock := own.NewRWMutex([]int{3, 4, 5})

	g := stock.MustRLock()
	defer g.Unlock()
	total := 0
	for _, n := range *g.Value() {
		total += n
	}

	fmt.Println(total)
	// Output: 12
}

// A writer is alone, and is told of its panics, so Unlock is deferred directly.
func ExampleRWMutex_Lock() {
	routes := own.NewRWMutex(map[string]string{"/": "home"})

	add := func(path, page string) error {
		g, err := routes.Lock()
		if err != nil {
			return err
		}
		defer g.Unlock()

		(*g.Value())[path] = page
		return nil
	}

	fmt.Println(add("/help", "manual"))
	fmt.Println(&routes)
	// Output:
	// <nil>
	// RWMutex { data: map[/:home /help:manual], poisoned: false, .. }
}

// A lock for reading cannot be made one for writing. Whoever releases the one and
// takes the other must look again, for somebody may have been quicker.
func ExampleRWMutex_cache() {
	cache := own.NewRWMutex(map[string]int{})
	length := func(word string) int {
		r := cache.MustRLock()
		n, ok := (*r.Value())[word]
		r.Unlock() // before the lock for writing, which would wait for it
		if ok {
			return n
		}
		w := cache.MustLock()
		defer w.Unlock()
		if n, ok := (*w.Value())[word]; ok {
			return n
		}
		fmt.Println("computed")
		(*w.Value())[word] = len(word)
		return len(word)
	}

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { length("gopher") })
	}
	wg.Wait()
	fmt.Println(length("gopher"))
	// Output:
	// computed
	// 6
}

// MustLock has no error: it panics if an earlier writer did.
func ExampleRWMutex_MustLock() {
	stock := own.NewRWMutex(5)

	g := stock.MustLock()
	*g.Value()--
	g.Unlock()

	fmt.Println(&stock)
	// Output: RWMutex { data: 4, poisoned: false, .. }
}

// TryRLock is not kept out by other readers, only by a writer.
func ExampleRWMutex_TryRLock() {
	config := own.NewRWMutex("v1")

	r := config.MustRLock()
	g, err := config.TryRLock()
	fmt.Println(g, err)
	g.Unlock()
	r.Unlock()

	w := config.MustLock()
	_, err = config.TryRLock()
	fmt.Println(errors.Is(err, own.ErrWouldBlock))
	w.Unlock()
	// Output:
	// v1 <nil>
	// true
}

// TryLock is kept out by a single reader, and unlike Lock it holds no new readers
// back. So trying again and again may never succeed.
func ExampleRWMutex_TryLock() {
	config := own.NewRWMutex("v1")
	r := config.MustRLock()
	defer r.Unlock()

	_, err := config.TryLock()
	fmt.Println(err)

	g, err := config.TryRLock()
	fmt.Println(g, err)
	g.Unlock()
	// Output:
	// own: lock is held, locking would block
	// v1 <nil>
}

// With needs no Unlock. It is for writing, and keeps all readers out: to read, use
// RWith.
func ExampleRWMutex_With() {
	routes := own.NewRWMutex([]string{"/"})

	err := routes.With(func(v *[]string) { *v = append(*v, "/help") })

	fmt.Println(err, &routes)
	// Output: <nil> RWMutex { data: [/ /help], poisoned: false, .. }
}

// An error is not a panic: it says that nothing was done, and does not poison.
func ExampleRWMutex_WithErr() {
	stock := own.NewRWMutex(2)

	err := stock.WithErr(func(v *int) error {
		if *v < 3 {
			return errors.New("not enough in stock")
		}
		*v -= 3
		return nil
	})

	fmt.Println(err, &stock)
	// Output: not enough in stock RWMutex { data: 2, poisoned: false, .. }
}

// MustWith is With for programs in which a poisoned lock is a bug.
func ExampleRWMutex_MustWith() {
	hits := own.NewRWMutex(map[string]int{})
	hits.MustWith(func(v *map[string]int) { (*v)["/"]++ })
	fmt.Println(&hits)
	// Output: RWMutex { data: map[/:1], poisoned: false, .. }
}

// The function gets a pointer, because the value may be large or hold a lock. It
// must only read.
func ExampleRWMutex_RWith() {
	routes := own.NewRWMutex([]string{"/", "/help"})

	var n int
	err := routes.RWith(func(v *[]string) { n = len(*v) })

	fmt.Println(n, err)
	// Output: 2 <nil>
}

// The error of the function comes back as it is. ErrPoisoned says that the
// function was not called.
func ExampleRWMutex_RWithErr() {
	routes := own.NewRWMutex(map[string]string{"/": "home"})
	errNotFound := errors.New("404 not found")

	err := routes.RWithErr(func(v *map[string]string) error {
		if _, ok := (*v)["/help"]; !ok {
			return errNotFound
		}
		return nil
	})

	fmt.Println(errors.Is(err, errNotFound), errors.Is(err, own.ErrPoisoned))
	// Output: true false
}

// Load is the shortest way to read. The copy is shallow: a map or slice inside is
// still the one in the lock, and not protected by it any more.
func ExampleRWMutex_Load() {
	type config struct{ Retries int }
	m := own.NewRWMutex(config{Retries: 3})

	c, err := m.Load()

	fmt.Println(c.Retries, err)
	// Output: 3 <nil>
}

// A lock has no JSON methods, so it looks empty to an encoder, which then need not
// wait for it. Marshal a copy.
func ExampleRWMutex_Load_json() {
	m := own.NewRWMutex(struct{ Retries int }{3})

	data, _ := json.Marshal(&m)
	fmt.Println(string(data))

	c, err := m.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err = json.Marshal(c)
	fmt.Println(string(data), err)
	// Output:
	// {}
	// {"Retries":3} <nil>
}

// A lock that is logged shows its value only if no writer is near. A copy shows it
// always.
func ExampleRWMutex_Load_log() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // to have the same output each time
			}
			return a
		},
	}))
	m := own.NewRWMutex(3)

	retries, err := m.Load()
	log.Info("config", "retries", retries, "err", err)
	w := m.MustLock()
	log.Info("config", "retries", &m)
	w.Unlock()
	// Output:
	// level=INFO msg=config retries=3 err=<nil>
	// level=INFO msg=config retries="RWMutex { data: <locked>, poisoned: false, .. }"
}

// Store is for a value that does not depend on the old one.
func ExampleRWMutex_Store() {
	config := own.NewRWMutex("v1")
	err := config.Store("v2")
	fmt.Println(err, &config)
	// Output: <nil> RWMutex { data: v2, poisoned: false, .. }
}

// Swap returns what it replaces, so that it can be closed or looked at without
// the lock.
func ExampleRWMutex_Swap() {
	hits := own.NewRWMutex(map[string]int{"/": 7})

	old, err := hits.Swap(map[string]int{})

	fmt.Println(old, err, &hits)
	// Output: map[/:7] <nil> RWMutex { data: map[], poisoned: false, .. }
}

// IntoInner is for the end, when nobody else is left to lock. A guard that was
// forgotten, of a reader too, makes it panic.
func ExampleRWMutex_IntoInner() {
	hits := own.NewRWMutex(7)
	r := hits.MustRLock()
	func() {
		defer func() { fmt.Println(recover()) }()
		_, _ = hits.IntoInner()
	}()
	r.Unlock()

	fmt.Println(hits.IntoInner())
	// Output:
	// own: RWMutex.IntoInner of a locked mutex: release every guard first, or use Swap to wait for them
	// 7 <nil>
}

// Formatting never waits. It reads the value beside readers, and leaves it out
// while there is a writer.
func ExampleRWMutex_Format() {
	m := own.NewRWMutex(6)

	r := m.MustRLock()
	fmt.Printf("%03d\n", &m)
	r.Unlock()

	w := m.MustLock()
	fmt.Println(&m)
	w.Unlock()
	// Output:
	// RWMutex { data: 006, poisoned: false, .. }
	// RWMutex { data: <locked>, poisoned: false, .. }
}

// A guard keeps writers out for as long as it is not released, so what it shows
// does not change in between.
func ExampleReadGuard() {
	balance := own.NewRWMutex(100)

	g := balance.MustRLock()
	defer g.Unlock()
	if *g.Value() >= 80 {
		fmt.Println("enough:", *g.Value())
	}
	// Output: enough: 100
}

// A released guard refuses access: a writer may have the lock by now.
func ExampleReadGuard_Value() {
	config := own.NewRWMutex("v1")
	g := config.MustRLock()
	fmt.Println(*g.Value())
	g.Unlock()

	defer func() { fmt.Println(recover()) }()
	g.Value()
	// Output:
	// v1
	// own: ReadGuard.Value after Unlock: the lock is not held any more, lock again
}

// A reader that panics has changed nothing. The lock is released and not poisoned.
func ExampleReadGuard_Unlock() {
	routes := own.NewRWMutex([]string{"/"})
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		g := routes.MustRLock()
		defer g.Unlock()
		panic("bad request")
	}()

	fmt.Println(&routes)
	// Output:
	// recovered: bad request
	// RWMutex { data: [/], poisoned: false, .. }
}

func ExampleReadGuard_Format() {
	config := own.NewRWMutex("v1")
	g := config.MustRLock()
	fmt.Printf("%s %q\n", g, g)
	g.Unlock()
	fmt.Println(g)
	// Output:
	// v1 "v1"
	// <unlocked>
}

// Nobody sees the balances between the two lines that change them.
func ExampleWriteGuard() {
	type accounts struct{ ann, bob int }
	m := own.NewRWMutex(accounts{ann: 100})

	g := m.MustLock()
	defer g.Unlock()
	g.Value().ann -= 30
	g.Value().bob += 30

	fmt.Printf("%+v\n", g)
	// Output: {ann:70 bob:30}
}

// A downgraded guard refuses as a released one does: what may be read now must
// not be written any more.
func ExampleWriteGuard_Value() {
	stock := own.NewRWMutex(5)
	w := stock.MustLock()
	*w.Value() = 4
	r := w.Downgrade()
	defer r.Unlock()

	defer func() { fmt.Println(recover()) }()
	*w.Value() = 3
	// Output: own: WriteGuard.Value after Unlock or Downgrade: the lock is not held for writing any more, lock again
}

// A writer that panics leaves a poisoned lock, and its panic goes on.
func ExampleWriteGuard_Unlock() {
	routes := own.NewRWMutex([]string{"/"})
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		g := routes.MustLock()
		defer g.Unlock()
		*g.Value() = append(*g.Value(), "/he")
		panic("typing error")
	}()

	fmt.Println(&routes)
	// Output:
	// recovered: typing error
	// RWMutex { data: [/ /he], poisoned: true, .. }
}

func ExampleWriteGuard_Format() {
	config := own.NewRWMutex("v1")
	w := config.MustLock()
	fmt.Printf("%s %q\n", w, w)
	r := w.Downgrade()
	fmt.Println(w, r)
	r.Unlock()
	// Output:
	// v1 "v1"
	// <unlocked> v1
}

// Who has written a config reads it on, while others read it too. No writer gets
// in between, so it is still the config that was written.
func ExampleWriteGuard_Downgrade() {
	config := own.NewRWMutex("v1")

	w := config.MustLock()
	defer w.Unlock() // for a panic before the downgrade
	*w.Value() = "v2"
	r := w.Downgrade()
	defer r.Unlock()

	var other sync.WaitGroup
	other.Go(func() { _ = config.RWith(func(v *string) { fmt.Println("other reader:", *v) }) })
	other.Wait() // would be for ever without the downgrade
	_, err := config.TryLock()
	fmt.Println("other writer:", err)
	fmt.Println("this reader:", r)
	// Output:
	// other reader: v2
	// other writer: own: lock is held, locking would block
	// this reader: v2
}

// A reader that waits for a writer can give up. What it has instead is its own
// affair: here an older copy.
func ExampleRWMutex_RLockContext() {
	config := own.NewRWMutex("v2")
	w := config.MustLock() // this goroutine is writing, and takes long
	defer w.Unlock()

	var reader sync.WaitGroup
	reader.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		value := "v1"
		g, err := config.RLockContext(ctx)
		if err == nil {
			value = *g.Value()
			g.Unlock()
		}
		fmt.Println(value, errors.Is(err, context.DeadlineExceeded))
	})
	reader.Wait()
	// Output: v1 true
}

// A writer that waits holds back new readers, or it would never get in while they
// overlap. When it gives up, they go on.
func ExampleRWMutex_LockContext() {
	routes := own.NewRWMutex("routes")
	reader := routes.MustRLock()
	defer reader.Unlock()

	ctx, giveUp := context.WithCancel(context.Background())
	var writer sync.WaitGroup
	writer.Go(func() {
		_, err := routes.LockContext(ctx)
		fmt.Println("writer:", err)
	})

	var g *own.ReadGuard[string]
	var err error
	for err == nil { // until the writer has come
		runtime.Gosched()
		g, err = routes.TryRLock()
		g.Unlock()
	}
	fmt.Println("new reader:", err)

	giveUp()
	writer.Wait()
	g, err = routes.TryRLock()
	fmt.Println("new reader:", g, err)
	g.Unlock()
	// Output:
	// new reader: own: lock is held, locking would block
	// writer: context canceled
	// new reader: routes <nil>
}

// goods are at two places. Moving them does not change how many there are.
type goods struct{ shelf, cart int }

// interrupted returns ten goods, of which three are nowhere: the writer that moved
// them panicked halfway, in a place where somebody recovered.
func interrupted() *own.RWMutex[goods] {
	m := own.NewRWMutex(goods{shelf: 10})
	func() {
		defer func() { _ = recover() }()
		g := m.MustLock()
		defer g.Unlock()
		g.Value().shelf -= 3
		panic("out of order")
	}()
	return &m
}

// The question needs no lock, and so the answer may be old. For a decision, look
// at the error of the lock method.
func ExampleRWMutex_IsPoisoned() {
	m := interrupted()

	fmt.Println(m.IsPoisoned())
	_, err := m.RLock()
	fmt.Println(errors.Is(err, own.ErrPoisoned))
	// Output:
	// true
	// true
}

// RLockIgnorePoison looks at what is left, beside other readers.
func ExampleRWMutex_RLockIgnorePoison() {
	m := interrupted()

	g := m.RLockIgnorePoison()
	defer g.Unlock()

	fmt.Printf("%+v\n", g)
	// Output: {shelf:7 cart:0}
}

// LockIgnorePoison leaves the poison, also if what is written is sound. The others
// are told of it until somebody clears it.
func ExampleRWMutex_LockIgnorePoison() {
	m := interrupted()

	g := m.LockIgnorePoison()
	*g.Value() = goods{shelf: 10}
	g.Unlock()

	_, err := m.RLock()
	fmt.Println(errors.Is(err, own.ErrPoisoned), m)
	// Output: true RWMutex { data: {10 0}, poisoned: true, .. }
}

// ClearPoison does not look. The three goods are still nowhere, and nobody is told
// any more.
func ExampleRWMutex_ClearPoison() {
	m := interrupted()
	m.ClearPoison()
	fmt.Println(m.Load())
	// Output: {7 0} <nil>
}

// Repair looks at the value and clears the poison under one lock, so that of those
// who find the lock poisoned only one repairs.
func ExampleRWMutex_Repair() {
	m := interrupted()
	repair := func(v *goods, cause *own.PoisonError) error {
		fmt.Println("repairing after:", cause.Value)
		v.cart = 10 - v.shelf
		return nil
	}

	fmt.Println(m.Repair(repair), m.Repair(repair))
	fmt.Println(m.Load())
	// Output:
	// repairing after: out of order
	// <nil> <nil>
	// {7 3} <nil>
}
