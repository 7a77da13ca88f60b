package model_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/internal/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A register is what the worlds of these tests share.
type register struct {
	object model.Object
	v      int
}

func (r *register) write(v int) {
	model.Step(model.Op{Name: "write", Object: &r.object})
	r.v = v
	r.object.Acquire()
	r.object.Release()
	r.object.Set(uint64(v))
	model.Saw(0)
}

func (r *register) read() int {
	model.Step(model.Op{Name: "read", Object: &r.object, Reads: true})
	r.object.Acquire()
	model.Saw(uint64(r.v))
	return r.v
}

// until waits for the register to have a value.
func (r *register) until(v int) {
	model.Step(model.Op{Name: "until", Object: &r.object, Enabled: func() bool { return r.v == v }})
	r.object.Acquire()
}

// All outcomes are found, and nothing is explored that differs in nothing.
func TestExplore(t *testing.T) {
	for _, test := range []struct {
		name     string
		threads  func(a, b *register, saw func(int)) []func()
		outcomes []int
		most     int // executions
	}{
		{"two objects", func(a, b *register, _ func(int)) []func() {
			return []func(){func() { a.write(1); a.write(2) }, func() { b.write(1); b.write(2) }}
		}, nil, 1},
		{"two readers", func(a, _ *register, saw func(int)) []func() {
			return []func(){func() { saw(a.read()) }, func() { saw(a.read()) }}
		}, []int{0}, 1},
		{"a reader and a writer", func(a, _ *register, saw func(int)) []func() {
			return []func(){func() { a.write(1); a.write(2) }, func() { saw(a.read()) }}
		}, []int{0, 1, 2}, 3},
		{"a lost update", func(a, _ *register, saw func(int)) []func() {
			add := func() { a.write(a.read() + 1); saw(a.v) }
			return []func(){add, add}
		}, []int{1, 2}, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcomes := map[int]bool{}
			res := model.Explore(model.Options{}, func(w *model.World) {
				for _, body := range test.threads(new(register), new(register), func(v int) { outcomes[v] = true }) {
					w.Thread(body)
				}
			})
			require.Nil(t, res.Failure)
			require.True(t, res.Complete)
			require.LessOrEqual(t, res.Executions, test.most)
			require.Len(t, outcomes, len(test.outcomes))
			for _, v := range test.outcomes {
				require.True(t, outcomes[v], "%d was not seen", v)
			}
		})
	}
}

// With a bound of one preemption, the lost update is still found; it needs one.
func TestBound(t *testing.T) {
	lost := func(w *model.World) {
		var a register
		for range 3 {
			w.Thread(func() { a.write(a.read() + 1) })
		}
		w.Check(func() error {
			if a.v != 3 {
				return errors.New("lost")
			}
			return nil
		})
	}
	res := model.Explore(model.Options{Preemptions: 1}, lost)
	require.NotNil(t, res.Failure)
	require.EqualError(t, res.Failure.Err, "lost")
}

// What goes wrong, and what is said of it. Each failure has a schedule with which
// it comes again.
func TestFailures(t *testing.T) {
	for name, test := range map[string]struct {
		world func(w *model.World)
		want  string
	}{
		"deadlock": {func(w *model.World) {
			var a, b register
			w.Thread(func() { a.until(1); b.write(1) })
			w.Thread(func() { b.until(1); a.write(1) })
		}, "deadlock, or a lost wake-up; thread 0 waits in until; thread 1 waits in until"},
		"lost wake-up": {func(w *model.World) {
			var a register
			w.Thread(func() { a.write(1); a.write(0) })
			w.Thread(func() { a.until(1) })
		}, "deadlock, or a lost wake-up; thread 1 waits in until"},
		"data race": {func(w *model.World) {
			var a register
			var c model.Cell
			w.Thread(func() { c.Write(); a.write(1) })
			w.Thread(func() {
				if a.read() == 0 {
					c.Read()
				}
			})
		}, "data race: thread 1 reads what thread 0 writes"},
		"race of a reader": {func(w *model.World) {
			var a register
			var c model.Cell
			w.Thread(func() { a.read(); c.Read() })
			w.Thread(func() { a.write(1); c.Write() })
		}, "data race: thread 1 writes what thread 0 reads"},
		"endless": {func(w *model.World) {
			var a register
			w.Thread(func() {
				for a.read() == 0 {
					model.Saw(uint64(a.v))
				}
			})
		}, "no end after 10,000 operations: a loop that waits for something that does not come"},
		"check": {func(w *model.World) {
			w.Check(func() error { return errors.New("wrong") })
		}, "wrong"},
		"Fail": {func(w *model.World) {
			var a register
			w.Thread(func() { a.write(1); model.Fail("%d is wrong", a.v) })
		}, "1 is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			res := model.Explore(model.Options{}, test.world)
			require.NotNil(t, res.Failure)
			require.EqualError(t, res.Failure.Err, test.want)
			again := model.Replay(res.Failure.Schedule, test.world)
			require.NotNil(t, again)
			require.EqualError(t, again.Err, test.want)
			require.Equal(t, res.Failure.Trace, again.Trace)
		})
	}
}

// A data race that nothing orders is found though the accesses are no operations.
func TestSynchronizedIsNoRace(t *testing.T) {
	res := model.Explore(model.Options{}, func(w *model.World) {
		var a register
		var c model.Cell
		w.Thread(func() { c.Write(); a.write(1) })
		w.Thread(func() { a.until(1); c.Write() })
	})
	require.Nil(t, res.Failure)
}

// A panic in a thread is a failure, with its stack.
func TestThreadPanics(t *testing.T) {
	res := model.Explore(model.Options{}, func(w *model.World) {
		var a register
		w.Thread(func() { a.write(1); panic("boom") })
	})
	require.ErrorContains(t, res.Failure, "thread 0 panicked: boom")
}

// Both outcomes of an operation are tried, in each of the executions.
func TestChoose(t *testing.T) {
	seen := map[[2]int]bool{}
	res := model.Explore(model.Options{}, func(w *model.World) {
		var a register
		w.Thread(func() {
			a.write(1)
			x := model.Choose(2)
			a.write(2)
			seen[[2]int{x, model.Choose(3)}] = true
		})
	})
	require.Nil(t, res.Failure)
	require.Len(t, seen, 6)
	require.Equal(t, 6, res.Executions)
}

// A schedule that does not fit the world is a mistake of the test, and says so.
func TestReplayMisfit(t *testing.T) {
	world := func(w *model.World) { w.Thread(func() { new(register).write(1) }) }
	require.Nil(t, model.Replay("0", world))
	require.Panics(t, func() { model.Replay("1", world) })
	require.Panics(t, func() { model.Replay("?", world) })
}
