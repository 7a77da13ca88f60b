package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func Example() {
	main()
	// Output:
	// alice needs eu
	//     opening eu
	// bob needs eu
	// they have the same: true
	// alice is done, and says so twice
	// bob is done
	//     closing eu
	// carol needs eu
	//     opening eu
	// carol is done
	//     closing eu
	//     opening mars
	// mars: no such region: mars
	//     opening mars
	// mars: no such region: mars
	//     opening us
	//     closing us
	// ten used us at the same time
}

// A value knows whether it is closed.
type value struct {
	key    string
	closed atomic.Int32
}

// A source is what a cache of the tests loads from.
type source struct {
	cache *cache[string, value]
	load  func(context.Context, string) error // if not nil, called by each load
	loads atomic.Int32

	loaded own.Mutex[[]*value] // all that there ever were
}

func newSource() *source {
	s := &source{}
	s.cache = newCache(func(ctx context.Context, key string) (*value, error) {
		s.loads.Add(1)
		if s.load != nil {
			if err := s.load(ctx, key); err != nil {
				return nil, err
			}
		}
		v := &value{key: key}
		s.loaded.MustWith(func(all *[]*value) { *all = append(*all, v) })
		return v, nil
	}, func(v *value) { v.closed.Add(1) })
	return s
}

// requireEmpty fails t unless the cache is empty and each value closed once.
func (s *source) requireEmpty(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cache.entries.RWith(func(e *entries[string, value]) {
		require.Empty(t, e.values)
		require.Empty(t, e.loads)
	}))
	require.NoError(t, s.loaded.With(func(all *[]*value) {
		for _, v := range *all {
			require.EqualValues(t, 1, v.closed.Load(), v.key)
		}
	}))
}

func requireGet(t *testing.T, s *source, key string) *own.Arc[value] {
	t.Helper()
	a, err := s.cache.Get(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, key, a.Value().key)
	require.Zero(t, a.Value().closed.Load())
	return a
}

func TestShared(t *testing.T) {
	s := newSource()
	a, b, other := requireGet(t, s, "a"), requireGet(t, s, "a"), requireGet(t, s, "b")
	require.True(t, a.PtrEq(b))
	require.False(t, a.PtrEq(other))
	require.Equal(t, 2, a.StrongCount(), "the cache owns nothing")
	require.EqualValues(t, 2, s.loads.Load())
	a.Drop()
	b.Drop()
	other.Drop()
	s.requireEmpty(t)
}

func TestExpires(t *testing.T) {
	s := newSource()
	a, b := requireGet(t, s, "a"), requireGet(t, s, "a")
	first := a.Value()
	a.Drop()
	a.Drop() // not b's
	require.Zero(t, first.closed.Load())
	b.Drop()
	s.requireEmpty(t)

	c := requireGet(t, s, "a")
	require.NotSame(t, first, c.Value())
	require.EqualValues(t, 2, s.loads.Load())
	c.Drop()
	s.requireEmpty(t)
}

// An answer is how a Get on a goroutine of its own came out.
type answer struct {
	value    *own.Arc[value]
	err      error
	panicked any
	exited   bool
}

// ask calls Get on a goroutine of its own.
func (s *source) ask(ctx context.Context, key string) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		a := answer{exited: true}
		defer func() {
			if v := recover(); v != nil {
				a.panicked, a.exited = v, false
			}
			answers <- a
		}()
		a.value, a.err = s.cache.Get(ctx, key)
		a.exited = false
	}()
	return answers
}

// askMany has n ask for a, one of which loads until release is closed, and the
// others wait. The first one is the one that loads.
func (s *source) askMany(ctx context.Context, n int) (release chan struct{}, answers []<-chan answer) {
	release = make(chan struct{})
	before := s.load
	s.load = func(ctx context.Context, key string) error {
		select {
		case <-release:
		case <-ctx.Done():
			return ctx.Err()
		}
		if before != nil {
			return before(ctx, key)
		}
		return nil
	}
	for range n {
		answers = append(answers, s.ask(ctx, "a"))
		synctest.Wait()
	}
	return release, answers
}

func TestLoadsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		release, answers := s.askMany(t.Context(), 20)
		require.EqualValues(t, 1, s.loads.Load())
		close(release)
		var first *own.Arc[value]
		for _, ch := range answers {
			a := <-ch
			require.NoError(t, a.err)
			if first == nil {
				first = a.value
				continue
			}
			require.True(t, first.PtrEq(a.value))
			a.value.Drop()
		}
		require.EqualValues(t, 1, s.loads.Load())
		require.Equal(t, 1, first.StrongCount())
		first.Drop()
		s.requireEmpty(t)
	})
}

// Those who wait get the value also if the one who loaded it has no use for it any
// more when they wake up.
func TestQuickUsersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		release := make(chan struct{})
		s.load = func(context.Context, string) error { <-release; return nil }
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				a, err := s.cache.Get(t.Context(), "a")
				if err != nil || a.Value().closed.Load() != 0 {
					t.Errorf("%v, %v", a, err)
				}
				a.Drop()
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		require.EqualValues(t, 1, s.loads.Load())
		s.requireEmpty(t)
	})
}

func TestLoadError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		s := newSource()
		s.load = func(context.Context, string) error { return broken }
		release, answers := s.askMany(t.Context(), 5)
		close(release)
		for _, ch := range answers {
			a := <-ch
			require.Nil(t, a.value)
			require.ErrorIs(t, a.err, broken)
		}
		require.EqualValues(t, 1, s.loads.Load(), "all share the error")
		s.requireEmpty(t)

		s.load = nil
		requireGet(t, s, "a").Drop()
		s.requireEmpty(t)
	})
}

// The next one tries again even if one who got the error is slow to leave.
func TestErrorIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		s := newSource()
		s.load = func(context.Context, string) error { return broken }
		_, slow := s.cache.join("a") // an owner of the attempt, as Get has one
		_, err := s.cache.Get(t.Context(), "a")
		require.ErrorIs(t, err, broken)
		s.load = nil
		requireGet(t, s, "a").Drop()

		_, err = s.cache.wait(t.Context(), "a", slow)
		require.ErrorIs(t, err, broken)
		slow.Drop()
		s.requireEmpty(t)
	})
}

// The hook of an attempt comes late, and finds the entry of the next one.
func TestLateAttemptLeavesTheNextEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		s := newSource()
		s.load = func(context.Context, string) error { return broken }
		_, slow := s.cache.join("a")
		_, err := s.cache.Get(t.Context(), "a")
		require.ErrorIs(t, err, broken)

		s.load = nil
		release, answers := s.askMany(t.Context(), 1)
		slow.Drop()
		late := s.ask(t.Context(), "a")
		synctest.Wait()
		close(release)
		for _, ch := range append(answers, late) {
			a := <-ch
			require.NoError(t, a.err)
			a.value.Drop()
		}
		require.EqualValues(t, 2, s.loads.Load())
		s.requireEmpty(t)
	})
}

// The panic goes on where it was, and those who wait are told of it.
func TestLoadPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		s.load = func(context.Context, string) error { panic("the bug") }
		release, answers := s.askMany(t.Context(), 5)
		close(release)
		require.Equal(t, answer{panicked: "the bug"}, <-answers[0])
		for _, ch := range answers[1:] {
			a := <-ch
			var poison *own.PoisonError
			require.ErrorAs(t, a.err, &poison)
			require.Equal(t, "the bug", poison.Value)
		}
		require.EqualValues(t, 1, s.loads.Load())
		s.requireEmpty(t)

		s.load = nil
		requireGet(t, s, "a").Drop()
		s.requireEmpty(t)
	})
}

// A load that never returns, such as one that calls t.FailNow in a test.
func TestLoadExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		s.load = func(context.Context, string) error { runtime.Goexit(); return nil }
		release, answers := s.askMany(t.Context(), 5)
		close(release)
		require.Equal(t, answer{exited: true}, <-answers[0])
		for _, ch := range answers[1:] {
			require.ErrorIs(t, (<-ch).err, errNoReturn)
		}
		s.load = nil
		requireGet(t, s, "a").Drop()
		s.requireEmpty(t)
	})
}

func TestCancelledWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		release, answers := s.askMany(t.Context(), 3)
		ctx, cancel := context.WithCancel(t.Context())
		impatient := s.ask(ctx, "a")
		synctest.Wait()
		cancel()
		a := <-impatient
		require.ErrorIs(t, a.err, context.Canceled)
		require.Nil(t, a.value)

		close(release)
		for _, ch := range answers {
			a := <-ch
			require.NoError(t, a.err)
			a.value.Drop()
		}
		require.EqualValues(t, 1, s.loads.Load())
		s.requireEmpty(t)
	})
}

// The one who loads gives up; those who wait have nothing to do with that.
func TestCancelledLoader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		ctx, cancel := context.WithCancel(t.Context())
		release, first := s.askMany(ctx, 1)
		second, third := s.ask(t.Context(), "a"), s.ask(t.Context(), "a")
		synctest.Wait()
		cancel()
		require.ErrorIs(t, (<-first[0]).err, context.Canceled)
		synctest.Wait()
		require.EqualValues(t, 2, s.loads.Load())

		late := s.ask(t.Context(), "a") // joins them, and makes no third load
		synctest.Wait()
		close(release)
		for _, ch := range []<-chan answer{second, third, late} {
			a := <-ch
			require.NoError(t, a.err)
			a.value.Drop()
		}
		require.EqualValues(t, 2, s.loads.Load())
		s.requireEmpty(t)
	})
}

// All give up: nothing of the attempt is left.
func TestAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		ctx, cancel := context.WithCancel(t.Context())
		_, answers := s.askMany(ctx, 5)
		cancel()
		for _, ch := range answers {
			require.ErrorIs(t, (<-ch).err, context.Canceled)
		}
		require.EqualValues(t, 1, s.loads.Load())
		s.requireEmpty(t)
	})
}

// A slow load of one key keeps nobody from another.
func TestKeysDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		b := requireGet(t, s, "b")
		release, answers := s.askMany(t.Context(), 2)
		again := requireGet(t, s, "b")
		require.True(t, b.PtrEq(again))
		again.Drop()
		b.Drop()
		close(release)
		for _, ch := range answers {
			(<-ch).value.Drop()
		}
		s.requireEmpty(t)
	})
}

// load and close run without the lock, so both may use the cache.
func TestLoadAndCloseUseTheCache(t *testing.T) {
	s := newSource()
	s.load = func(ctx context.Context, key string) error {
		if key == "b" {
			return nil
		}
		b, err := s.cache.Get(ctx, "b")
		b.Drop()
		return err
	}
	closeValue := s.cache.close
	s.cache.close = func(v *value) {
		if v.key == "a" {
			requireGet(t, s, "b").Drop()
		}
		closeValue(v)
	}
	requireGet(t, s, "a").Drop()
	require.EqualValues(t, 3, s.loads.Load())
	s.requireEmpty(t)
}

// The hook of a value comes late, and finds the entry of the next one.
func TestLateHookLeavesTheNextEntry(t *testing.T) {
	s := newSource()
	old := requireGet(t, s, "a")
	seen := old.Downgrade()
	next := own.NewArc(value{key: "a"})
	defer next.Drop()
	w := next.Downgrade()

	g := s.cache.entries.MustLock()
	var wg sync.WaitGroup
	wg.Go(old.Drop) // its hook waits for the lock
	for seen.StrongCount() != 0 {
		runtime.Gosched()
	}
	g.Value().values["a"] = w
	g.Unlock()
	wg.Wait()

	a := requireGet(t, s, "a")
	require.True(t, a.PtrEq(next))
	a.Drop()
	s.cache.entries.MustWith(func(e *entries[string, value]) { delete(e.values, "a") })
	s.requireEmpty(t)
}

// Many get and drop a few keys, while loads fail, panic and are given up. What is
// in use is not closed, and of each key there is one in use at a time.
func TestStress(t *testing.T) {
	broken := errors.New("broken")
	s := newSource()
	var turn atomic.Int32
	s.load = func(ctx context.Context, _ string) error {
		runtime.Gosched()
		switch turn.Add(1) % 7 {
		case 0:
			return broken
		case 1:
			panic(broken)
		case 2:
			return ctx.Err()
		}
		return nil
	}

	type use struct {
		value *value
		users int
	}
	inUse := own.NewMutex(map[string]use{})
	begin := func(v *value) error {
		return inUse.WithErr(func(all *map[string]use) error {
			u := (*all)[v.key]
			if u.users > 0 && u.value != v {
				return fmt.Errorf("%s: two values in use", v.key)
			}
			(*all)[v.key] = use{v, u.users + 1}
			return nil
		})
	}
	end := func(v *value) error {
		return inUse.WithErr(func(all *map[string]use) error {
			if v.closed.Load() != 0 {
				return fmt.Errorf("%s: closed while in use", v.key)
			}
			(*all)[v.key] = use{v, (*all)[v.key].users - 1}
			return nil
		})
	}
	one := func(ctx context.Context, key string) (err error) {
		defer func() {
			if v := recover(); v != nil && v != any(broken) {
				panic(v)
			}
		}()
		a, err := s.cache.Get(ctx, key)
		if err != nil {
			if errors.Is(err, broken) || errors.Is(err, own.ErrPoisoned) || errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		}
		defer a.Drop()
		if err := begin(a.Value()); err != nil {
			return err
		}
		runtime.Gosched()
		err = end(a.Value())
		a.Drop()
		return err
	}

	const goroutines, rounds = 8, 400
	errs := make(chan error, goroutines)
	var wg sync.WaitGroup
	for n := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				ctx, cancel := context.WithCancel(context.Background())
				if (n+i)%4 == 0 {
					wg.Go(cancel)
				}
				err := one(ctx, string(rune('a'+(n+i)%3)))
				cancel()
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	s.requireEmpty(t)
}

// A Get that looked before the value was there looks again, under the lock, and
// does not load it a second time.
func TestJoinLooksAgain(t *testing.T) {
	s := newSource()
	a := requireGet(t, s, "a")
	v, at := s.cache.join("a")
	require.Nil(t, at)
	require.True(t, v.PtrEq(a))
	v.Drop()
	a.Drop()
	require.EqualValues(t, 1, s.loads.Load())
	s.requireEmpty(t)
}
