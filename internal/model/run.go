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
	Object  *Object     // what it touches
	Reads   bool        // that it does not change that
	Sees    *Object     // what it looks at besides, or nil
	Enabled func() bool // whether it can be done now; nil: always

	// Opens a section in which the thread goes on to its next operation at once. It is
	// for taking a lock that nobody tries: whatever others do in between, who are kept
	// out, they could as well do before.
	Opens bool
}

// conflicts reports whether the order of a and b matters.
func (a Op) conflicts(b Op) bool {
	if a.Opens || b.Opens {
		return true // what comes with it, at once, is not known yet
	}
	return a.Object == b.Object && !(a.Reads && b.Reads) ||
		a.Sees != nil && a.Sees == b.Object && !b.Reads ||
		b.Sees != nil && b.Sees == a.Object && !a.Reads
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
	taken   []byte // the schedule
	sleep   uint32 // for the next node
	pruned  bool
	over    bool // the threads are being ended, wherever they are
	failure error

	objects   []*Object
	channels  map[<-chan struct{}]*Object
	pointers  map[any]uint64
	owners    map[any]int
	content   func(*Object) uint64 // of the world, or nil
	forgetful bool
	sum       func(uint64) uint64
	states    map[uint64]visit // of the whole exploration; nil: not to be used

	// touched says what has been done to each object in this exploration, or is nil if
	// anything may be. To read what nobody writes is no choice: it makes no difference
	// when that is done. If it turns out to be written later, all begins again.
	touched map[uint64]touch
	again   bool
}

type touch int

const (
	untouched touch = iota
	onlyRead        // and nobody was asked
	written
)

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
	where  uint64 // what saw was after the last Forget
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
	r.channels, r.pointers, r.owners = map[<-chan struct{}]*Object{}, map[any]uint64{}, map[any]int{}
	r.setup.id = maxThreads
	r.setup.knows[maxThreads] = 1
	var w World
	build(&w)
	r.content, r.forgetful, r.sum = w.content, w.forgetful, w.sum
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
	last, preemptions, opened := -1, 0, false
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
		if last >= 0 && enabled&(1<<last) != 0 && (opened || r.bound > 0 && preemptions >= r.bound) {
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
		last, opened = t, r.threads[t].op.Opens
		r.did(t, r.threads[t].op)
		r.advance(r.threads[t])
	}
}

// did says that thread t does op.
func (r *run) did(t int, op Op) {
	r.trace = append(r.trace, step{t, op})
	r.taken = append(r.taken, byte('0'+t))
}

// free reports whether op is a read of what nobody writes, as far as is known.
func (r *run) free(op Op) bool {
	if r.touched == nil {
		return false
	}
	o := op.Object
	if op.Reads && r.touched[o.id] != written {
		r.touched[o.id] = onlyRead
		return true
	}
	if !op.Reads && r.touched[o.id] != written {
		r.again = r.again || r.touched[o.id] == onlyRead
		r.touched[o.id] = written
	}
	return false
}

// choose returns the thread that goes next, or -1 if all that could are asleep,
// or the state has been seen.
func (r *run) choose(enabled uint32, last, preemptions int) int {
	if r.at == len(r.path) {
		n := &node{enabled: enabled, last: last}
		if r.bound == 0 && r.content == nil {
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
	f := &Failure{Err: r.failure, Schedule: string(r.taken)}
	names := map[*Object]int{}
	for _, s := range r.trace {
		line := fmt.Sprintf("thread %d: %s", s.thread, s.op.Name)
		for _, o := range []*Object{s.op.Object, s.op.Sees} {
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
	op.Object.enter()
	if op.Sees != nil {
		op.Sees.enter()
	}
	t := r.current
	if t == nil { // the world is being made or checked: nobody else runs
		if !op.enabled() {
			panic("model: " + op.Name + " would wait for ever outside of the threads")
		}
		return
	}
	if r.content != nil {
		r.content(nil)
	}
	if r.failure == nil && !r.over && len(r.trace) < maxSteps && r.free(op) {
		r.did(t.id, op)
		t.ops++
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
	r.taken = append(r.taken, byte('a'+c.chosen))
	Saw(uint64(c.chosen))
	return c.chosen
}

// Fail ends the execution as a failure.
func Fail(format string, args ...any) {
	active.fail(fmt.Errorf(format, args...))
	panic(aborted{})
}
