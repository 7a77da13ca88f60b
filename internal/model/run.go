package model

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
)

// An Op is an operation that a thread is about to do.
type Op struct {
	Name    string
	Objects [2]*Object  // what it touches
	Reads   bool        // that it does not change them
	Enabled func() bool // whether it can be done now; nil: always
}

// conflicts reports whether the order of a and b matters.
func (a Op) conflicts(b Op) bool {
	if a.Reads && b.Reads {
		return false
	}
	for _, x := range a.Objects {
		for _, y := range b.Objects {
			if x != nil && x == y {
				return true
			}
		}
	}
	return false
}

func (a Op) enabled() bool { return a.Enabled == nil || a.Enabled() }

// active is the execution that is going on. All of them run on one goroutine at a
// time, and so does everything in here.
var active *run

// A run is one execution.
type run struct {
	path    []*node // choices: those to be repeated, then those made
	at      int     // the next of them
	bound   int
	threads []*thread
	current *thread // whose code runs; nil while the world is made or checked
	setup   thread  // stands for that code
	trace   []step
	sleep   uint32 // for the next node
	pruned  bool
	over    bool // the threads are being ended, wherever they are
	failure error

	objects  []*Object
	channels map[<-chan struct{}]*Object
	pointers map[any]uint64
	states   map[uint64]visit // of the whole exploration; nil: not to be used
}

type step struct {
	thread int
	op     Op
}

// A thread is a coroutine, and what it will do next.
type thread struct {
	id     int
	resume func() (Op, bool)
	stop   func()
	yield  func(Op) bool
	op     Op
	done   bool
	knows  clock
	ops    uint64 // how many it has done
	saw    uint64 // a hash of what came of them
}

// aborted is what a thread panics with whose execution is given up.
type aborted struct{}

const (
	maxThreads = 10 // a schedule has a digit for each
	maxSteps   = 10_000
)

var errEndless = errors.New("no end after 10,000 operations: a loop that waits for something that does not come")

// execute runs one execution.
func (r *run) execute(build func(*World)) {
	if active != nil {
		panic("model: Explore inside of Explore")
	}
	active = r
	defer func() { active = nil }()
	r.channels, r.pointers = map[<-chan struct{}]*Object{}, map[any]uint64{}
	r.setup.id = maxThreads
	r.setup.knows[maxThreads] = 1
	var w World
	build(&w)
	if len(w.threads) > maxThreads {
		panic("model: more than 10 threads")
	}
	for i, body := range w.threads {
		r.threads = append(r.threads, r.start(i, body))
	}
	defer func() {
		r.over = true
		for _, t := range r.threads {
			r.current = t
			t.stop()
		}
		r.current = nil
	}()
	r.schedule()
	if r.failure != nil || r.pruned {
		return
	}
	r.current = nil
	for _, t := range r.threads {
		r.setup.knows.join(&t.knows)
	}
	if w.check != nil {
		if err := r.checked(w.check); err != nil {
			r.failure = err
		}
	}
}

// checked calls the check of a world, which must not have to wait.
func (r *run) checked(check func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the check panicked: %v", v)
			if r.failure != nil {
				err = r.failure
			}
		}
	}()
	return check()
}

// start makes the coroutine of a thread and runs it to its first operation.
func (r *run) start(id int, body func()) *thread {
	t := &thread{id: id, knows: r.setup.knows}
	t.resume, t.stop = iter.Pull(func(yield func(Op) bool) {
		t.yield = yield
		defer func() {
			if v := recover(); v != nil {
				if _, ok := v.(aborted); !ok {
					r.fail(fmt.Errorf("thread %d panicked: %v\n%s", id, v, debug.Stack()))
				}
			}
		}()
		body()
	})
	r.advance(t)
	return t
}

// advance lets t do what it has announced, and go on to its next operation.
func (r *run) advance(t *thread) {
	r.current = t
	t.knows[t.id]++
	t.ops++
	t.saw = mix(t.saw, 1)
	op, ok := t.resume()
	r.current = nil
	t.op, t.done = op, !ok
}

// schedule runs the threads until they are done, or something goes wrong.
func (r *run) schedule() {
	last, preemptions := -1, 0
	for r.failure == nil {
		var enabled uint32
		waiting := 0
		for _, t := range r.threads {
			switch {
			case t.done:
			case t.op.enabled():
				enabled |= 1 << t.id
			default:
				waiting++
			}
		}
		if enabled == 0 {
			if waiting > 0 {
				r.failure = r.deadlock()
			}
			return
		}
		if len(r.trace) >= maxSteps {
			r.failure = errEndless
			return
		}
		if r.bound > 0 && preemptions >= r.bound && last >= 0 && enabled&(1<<last) != 0 {
			enabled = 1 << last
		}
		t := r.choose(enabled, last, preemptions)
		if t < 0 {
			r.pruned = true
			return
		}
		if last >= 0 && t != last && enabled&(1<<last) != 0 {
			preemptions++
		}
		last = t
		r.trace = append(r.trace, step{t, r.threads[t].op})
		r.advance(r.threads[t])
	}
}

// choose returns the thread that goes next, or -1 if all that could are asleep,
// or the state has been seen.
func (r *run) choose(enabled uint32, last, preemptions int) int {
	if r.at == len(r.path) {
		n := &node{enabled: enabled, last: last}
		if r.bound == 0 {
			n.sleep = r.sleep
		}
		for _, t := range r.threads {
			n.next = append(n.next, t.op)
		}
		if n.chosen = n.pick(); n.chosen < 0 || r.seen(n, preemptions) {
			return -1
		}
		r.path = append(r.path, n)
	}
	n := r.path[r.at]
	r.at++
	if n.forced {
		if n.free > 0 || n.chosen >= len(r.threads) || enabled&(1<<n.chosen) == 0 {
			panic(fmt.Sprintf("model: the schedule does not fit: thread %d cannot go on at choice %d", n.chosen, r.at-1))
		}
		return n.chosen
	}
	// The operations are looked at anew: those of the last execution had closures
	// over its world.
	for i, t := range r.threads {
		n.next[i] = t.op
	}
	r.sleep = n.sleepAfter()
	return n.chosen
}

// deadlock says who waits for what.
func (r *run) deadlock() error {
	var text string
	for _, t := range r.threads {
		if !t.done {
			text += fmt.Sprintf("; thread %d waits in %s", t.id, t.op.Name)
		}
	}
	return errors.New("deadlock, or a lost wake-up" + text)
}

// fail ends the execution: the thread that calls it goes no further.
func (r *run) fail(err error) {
	if r.failure == nil && !r.over {
		r.failure = err
	}
}

// describe returns the failure, with what led to it.
func (r *run) describe() *Failure {
	f := &Failure{Err: r.failure}
	schedule := make([]byte, 0, len(r.path))
	for _, n := range r.path[:r.at] {
		if n.free > 0 {
			schedule = append(schedule, byte('a'+n.chosen))
		} else {
			schedule = append(schedule, byte('0'+n.chosen))
		}
	}
	f.Schedule = string(schedule)
	names := map[*Object]int{}
	for _, s := range r.trace {
		line := fmt.Sprintf("thread %d: %s", s.thread, s.op.Name)
		for _, o := range s.op.Objects {
			if o == nil {
				continue
			}
			if _, ok := names[o]; !ok {
				names[o] = len(names) + 1
			}
			line += fmt.Sprintf(" #%d", names[o])
		}
		f.Trace = append(f.Trace, line)
	}
	return f
}

// Exploring reports whether an execution is going on. If not, the instrumented
// types are what they stand for.
func Exploring() bool { return active != nil }

// Step announces an operation and returns when it is to be done. The caller does
// it at once.
func Step(op Op) {
	r := active
	for _, o := range op.Objects {
		if o != nil {
			o.enter()
		}
	}
	t := r.current
	if t == nil { // the world is being made or checked: nobody else runs
		if !op.enabled() {
			panic("model: " + op.Name + " would wait for ever outside of the threads")
		}
		return
	}
	if r.failure != nil || r.over || !t.yield(op) {
		panic(aborted{})
	}
}

// Choose returns a number below n, each of them in some execution: the outcome of
// an operation that the scheduler has no say in.
func Choose(n int) int {
	r := active
	if r.current == nil {
		return 0
	}
	if r.at == len(r.path) {
		r.path = append(r.path, &node{free: n})
	}
	c := r.path[r.at]
	if c.free == 0 {
		panic(fmt.Sprintf("model: the schedule does not fit: an outcome is needed at choice %d", r.at))
	}
	r.at++
	Saw(uint64(c.chosen))
	return c.chosen
}

// Fail ends the execution as a failure.
func Fail(format string, args ...any) {
	active.fail(fmt.Errorf(format, args...))
	panic(aborted{})
}
