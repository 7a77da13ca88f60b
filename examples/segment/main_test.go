package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
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

func TestOutput(t *testing.T) {
	const want = `two segments written          on disk: 1.seg 2.seg
compacted while one reads     on disk: 1.seg 2.seg 3.seg 4.seg
    the reader finds: apple red, pear green
the reader closes             on disk: 3.seg 4.seg
the reader closes again       on disk: 3.seg 4.seg
    a later reader finds: apple red, pear yellow
the store closes              on disk: 3.seg 4.seg
by hand, one segment written  on disk: 1.seg
a reader closes twice         on disk: nothing
    the store finds: file already closed
`
	var out bytes.Buffer
	require.NoError(t, run(&out))
	require.Equal(t, want, out.String())
}

func (d dir) names(t *testing.T) (names []string) {
	entries, err := os.ReadDir(string(d))
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// newFruits returns a store of two segments, 1.seg and 2.seg.
func newFruits(t *testing.T) (*store, *strict) {
	d := newStrict(t)
	s := newStore(d)
	require.NoError(t, s.add(map[string]string{"apple": "green", "pear": "green"}))
	require.NoError(t, s.add(map[string]string{"apple": "red"}))
	return s, d
}

func requireOpen(t *testing.T, s *store) *reader {
	t.Helper()
	r, err := s.open()
	require.NoError(t, err)
	return r
}

func requireCompact(t *testing.T, s *store) {
	t.Helper()
	done, err := s.compact()
	require.NoError(t, err)
	require.True(t, done)
}

func requireFruits(t *testing.T, r *reader, apple, pear string) {
	t.Helper()
	for key, want := range map[string]string{"apple": apple, "pear": pear} {
		got, ok, err := r.get(key)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	_, ok, err := r.get("plum")
	require.NoError(t, err)
	require.False(t, ok)
}

// In the hand-written version, this takes the file away from the other reader and
// from the store.
func TestReaderClosesTwice(t *testing.T) {
	s, d := newFruits(t)
	a, b := requireOpen(t, s), requireOpen(t, s)
	for range 5 {
		a.close()
	}
	requireFruits(t, b, "red", "green")
	d.requireOnDisk(t, "1.seg", "2.seg")
	require.PanicsWithValue(t, "own: use of an empty Arc: it was dropped or moved, Clone it before giving it away",
		func() { a.get("apple") })

	requireCompact(t, s)
	a.close()
	requireFruits(t, b, "red", "green")
	b.close()
	d.requireOnDisk(t, "3.seg")
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "3.seg")
}

// A reader keeps the files that it began with, and no others.
func TestReaderOutlivesCompaction(t *testing.T) {
	s, d := newFruits(t)
	first := requireOpen(t, s)
	requireCompact(t, s)
	second := requireOpen(t, s)
	require.NoError(t, s.add(map[string]string{"pear": "yellow"}))
	requireCompact(t, s)
	third := requireOpen(t, s)
	// 4.seg was compacted away before anybody read it.
	d.requireOnDisk(t, "1.seg", "2.seg", "3.seg", "5.seg")

	second.close()
	d.requireOnDisk(t, "1.seg", "2.seg", "5.seg")
	requireFruits(t, first, "red", "green")
	requireFruits(t, third, "red", "yellow")
	first.close()
	d.requireOnDisk(t, "5.seg")
	requireFruits(t, third, "red", "yellow")

	third.close()
	done, err := s.compact()
	require.NoError(t, err)
	require.False(t, done, "there is one segment only")
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "5.seg")
}

// Whatever fails while the new file is made, the store is as it was and the new
// file is gone.
func TestFailedCompaction(t *testing.T) {
	broken := errors.New("disk full")
	for _, op := range []string{"create", "write", "sync"} {
		t.Run(op, func(t *testing.T) {
			s, d := newFruits(t)
			d.fail = func(o, _ string) error {
				if o == op {
					return broken
				}
				return nil
			}
			done, err := s.compact()
			require.False(t, done)
			require.ErrorIs(t, err, broken)
			require.ErrorContains(t, err, "3.seg")
			require.ErrorIs(t, s.add(map[string]string{"apple": "blue"}), broken)
			d.requireOnDisk(t, "1.seg", "2.seg")

			d.fail = nil
			r := requireOpen(t, s)
			requireFruits(t, r, "red", "green")
			requireCompact(t, s)
			r.close()
			require.NoError(t, s.close(t.Context()))
			d.requireDone(t, "5.seg")
		})
	}
}

// A segment that cannot be read fails the compaction, too.
func TestUnreadableSegment(t *testing.T) {
	s, d := newFruits(t)
	require.NoError(t, os.Truncate(string(d.dir)+"/1.seg", 3))
	_, err := s.compact()
	require.Error(t, err)
	r := requireOpen(t, s)
	_, _, err = r.get("pear")
	require.Error(t, err)
	r.close()
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "1.seg", "2.seg")
}

// Hooks return nothing; close does it for them.
func TestErrorsOfHooks(t *testing.T) {
	s, d := newFruits(t)
	broken := errors.New("broken")
	d.fail = func(op, name string) error {
		if op == "close" && name == "1.seg" || op == "remove" && name == "2.seg" {
			return fmt.Errorf("%s %s: %w", op, name, broken)
		}
		return nil
	}
	requireCompact(t, s)
	err := s.close(t.Context())
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "remove 2.seg: broken\nclose 1.seg: broken")
	d.requireDone(t, "2.seg", "3.seg") // 1.seg was closed, as far as one can, and deleted
}

// Of two compactors, one is right, and the other leaves nothing behind.
func TestTwoCompactors(t *testing.T) {
	s, d := newFruits(t)
	d.onCreate = func(name string) {
		if name == "3.seg" { // the first compactor has its segments: the second overtakes it
			requireCompact(t, s)
		}
	}
	done, err := s.compact()
	require.False(t, done)
	require.ErrorIs(t, err, errOvertaken)
	d.requireOnDisk(t, "4.seg")
	r := requireOpen(t, s)
	requireFruits(t, r, "red", "green")
	r.close()
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "4.seg")
}

// What others add during a compaction stays, and where it belongs.
func TestAddDuringCompaction(t *testing.T) {
	s, d := newFruits(t)
	d.onCreate = func(name string) {
		if name == "3.seg" {
			require.NoError(t, s.add(map[string]string{"pear": "yellow"}))
		}
	}
	requireCompact(t, s)
	r := requireOpen(t, s)
	requireFruits(t, r, "red", "yellow")
	r.close()
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "3.seg", "4.seg")
}

// Somebody changes the set between the look at it and the swap.
func TestEditTriesAgain(t *testing.T) {
	s, d := newFruits(t)
	seg, err := s.write(map[string]string{"apple": "blue"})
	require.NoError(t, err)
	calls := 0
	require.NoError(t, s.publish(seg, func(old []*own.Arc[segment]) ([]*own.Arc[segment], error) {
		if calls++; calls == 1 {
			require.NoError(t, s.add(map[string]string{"pear": "yellow"}))
		}
		return append([]*own.Arc[segment]{seg}, old...), nil
	}))
	seg.Drop()
	require.Equal(t, 2, calls)
	r := requireOpen(t, s)
	requireFruits(t, r, "blue", "yellow")
	r.close()
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "1.seg", "2.seg", "3.seg", "4.seg")
}

// close waits for who reads and who writes, and these end well.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := newFruits(t)
		r := requireOpen(t, s)
		writing := make(chan struct{})
		d.onCreate = func(string) { <-writing }
		added := make(chan error, 1)
		go func() { added <- s.add(map[string]string{"apple": "blue"}) }()
		synctest.Wait()

		closed := make(chan error, 1)
		go func() { closed <- s.close(context.Background()) }()
		synctest.Wait()
		requireFruits(t, r, "red", "green")
		_, err := s.open()
		require.ErrorIs(t, err, errClosed)
		r.close()
		synctest.Wait()
		require.Empty(t, closed, "somebody writes still")

		close(writing)
		require.ErrorIs(t, <-added, errClosed)
		require.NoError(t, <-closed)
		d.requireDone(t, "1.seg", "2.seg")
	})
}

// A compactor that is at work when the store is closed leaves it as it was.
func TestCloseDuringCompaction(t *testing.T) {
	s, d := newFruits(t)
	ended, end := context.WithCancel(t.Context())
	end()
	d.onCreate = func(string) { require.ErrorIs(t, s.close(ended), context.Canceled) }
	_, err := s.compact()
	require.ErrorIs(t, err, errClosed)
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "1.seg", "2.seg")
}

// A reader that is never closed does not hold up the shutdown for ever.
func TestCloseGivesUp(t *testing.T) {
	s, d := newFruits(t)
	r := requireOpen(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.close(ctx), context.Canceled)
	requireFruits(t, r, "red", "green") // closing the store takes nothing from anybody

	r.close()
	require.NoError(t, s.close(t.Context()))
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, "1.seg", "2.seg")
	require.ErrorIs(t, s.add(nil), errClosed)
	_, err := s.compact()
	require.ErrorIs(t, err, errClosed)
}

// Each segment that is added sets both keys to the same number, so a reader must
// see the same number in both, and none that is older than what it saw before.
func TestReadersAndCompactors(t *testing.T) {
	const generations = 60
	d := newStrict(t)
	s := newStore(d)
	set := func(n int) error {
		v := strconv.Itoa(n)
		return s.add(map[string]string{"a": v, "b": v})
	}
	require.NoError(t, set(0))

	var done atomic.Bool
	errs := make(chan error, 100)
	var writer, others sync.WaitGroup
	writer.Go(func() {
		defer done.Store(true)
		for n := range generations {
			if err := set(n); err != nil {
				errs <- err
				return
			}
		}
	})
	for range 2 {
		others.Go(func() {
			for !done.Load() {
				if _, err := s.compact(); err != nil && !errors.Is(err, errOvertaken) {
					errs <- err
					return
				}
			}
		})
	}
	for range 4 {
		others.Go(func() {
			for last := 0; !done.Load(); {
				n, err := readBoth(s, last)
				if err != nil {
					errs <- err
					return
				}
				last = n
			}
		})
	}
	writer.Wait()
	others.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}

	for {
		more, err := s.compact()
		require.NoError(t, err)
		if !more {
			break
		}
	}
	r := requireOpen(t, s)
	n, _, err := r.get("a")
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(generations-1), n)
	live := r.set.Value().segments[0].Value().name
	d.requireOnDisk(t, live)
	r.close()
	require.NoError(t, s.close(t.Context()))
	d.requireDone(t, live)
}

// readBoth reads a and b, and closes its reader twice. It fails unless they are
// the same number, and not less than last.
func readBoth(s *store, last int) (n int, err error) {
	r, err := s.open()
	if err != nil {
		return 0, err
	}
	defer r.close()
	a, _, err := r.get("a")
	if err != nil {
		return 0, err
	}
	b, _, err := r.get("b")
	if err != nil {
		return 0, err
	}
	r.close()
	n, err = strconv.Atoi(a)
	if err == nil && (a != b || n < last) {
		err = fmt.Errorf("a is %s, b is %s, before it was %d", a, b, last)
	}
	return n, err
}

// Many close the store while others read and write: all end with a right answer
// or with errClosed.
func TestCloseRace(t *testing.T) {
	for range 20 {
		s, d := newFruits(t)
		errs := make(chan error, 10)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for {
					r, err := s.open()
					if err != nil {
						errs <- err
						return
					}
					if _, ok, err := r.get("apple"); err != nil || !ok {
						errs <- fmt.Errorf("apple: %v %w", ok, err)
					}
					r.close()
				}
			})
			wg.Go(func() {
				if err := s.add(map[string]string{"pear": "yellow"}); err != nil {
					errs <- err
				}
			})
			wg.Go(func() {
				if _, err := s.compact(); err != nil && !errors.Is(err, errOvertaken) {
					errs <- err
				}
			})
			wg.Go(func() { s.close(t.Context()) })
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			require.ErrorIs(t, err, errClosed)
		}
		require.NoError(t, s.close(t.Context()))
		d.requireDone(t, d.names(t)...) // closed once each, removed once if at all
	}
}

// The hand-written count: the file is gone while others have it, and the panic is
// where nothing is wrong.
func TestByHand(t *testing.T) {
	d := newStrict(t)
	f, err := create(d, "1.seg", map[string]string{"pear": "green"})
	require.NoError(t, err)
	table := newCountedTable(d, &segment{name: "1.seg", file: f})
	r := countedReader{table}
	r.open()
	require.NoError(t, r.close())
	require.NoError(t, r.close())
	_, err = table.entries()
	require.ErrorIs(t, err, os.ErrClosed)
	d.requireOnDisk(t)
	require.Panics(t, func() { table.decRef() }, "the store gives up its own reference")
}
