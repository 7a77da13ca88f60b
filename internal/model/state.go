package model

// Many orders lead to the same state, from where everything goes on in the same
// ways. So a state from which all has been explored is not explored again. It is
// known by a hash of
//
//   - what each thread has seen: the results of its operations. What it does next
//     follows from that, for it does the same whenever it sees the same;
//   - what is in each object. For an atomic that is its value. A lock stands for
//     the plain variables that it protects as well, and these follow from who held
//     it, in which order, and what each of them had seen by then.
//
// A world that says what is in its memory ([World.Content]) has that instead of the
// second: the order of critical sections that has left no trace is forgotten.
//
// Who knows what ([Object.Acquire]) is not part of it. So a data race that shows in
// one of two orders that lead to the same state can be missed; the race detector
// of Go is there for that.

// An Object is what operations touch, and what makes one thread know what another
// has done. Its zero value is ready for use.
type Object struct {
	knows   clock
	run     *run   // the execution that it has entered
	id      uint64 // the same in all executions in which the same thread comes to it first
	content uint64
}

// Enter makes o part of the state, before the threads come to it. An object that the
// world makes has one name then, and not one for each way to come to it.
func (o *Object) Enter() { o.enter() }

// enter makes o part of the state.
func (o *Object) enter() {
	if o.run == active {
		return
	}
	t := running()
	t.ops++
	*o = Object{run: active, id: mix(uint64(t.id+1), t.ops)}
	active.objects = append(active.objects, o)
}

// Set says what is in o.
func (o *Object) Set(content uint64) { o.content = content }

// Changed says that the running thread may have changed what o protects.
func (o *Object) Changed() { o.content = Mixed(o.content) }

// Mixed returns h, a history, and in it what the running thread has seen. There is
// no history in a world that says what is in its memory.
func Mixed(h uint64) uint64 {
	if active.content != nil {
		return 0
	}
	return mix(h, running().saw+uint64(running().id))
}

// Content is what Set and Changed have made of it.
func (o *Object) Content() uint64 { return o.content }

// Protected returns what a thread learns that takes the lock o: what the world says is
// protected by it, or else history, a hash of how that came about.
func (o *Object) Protected(history uint64) uint64 {
	if active.content != nil {
		return active.content(o)
	}
	return history
}

// Owner returns the number of the thread that came first to p, a pointer, plus 1.
func Owner(p any) uint64 {
	t, ok := active.owners[p]
	if !ok {
		t = running().id
		active.owners[p] = t
	}
	return uint64(t + 1)
}

// Mix returns a hash of h and v, in which their order matters.
func Mix(h, v uint64) uint64 { return mix(h, v) }

// Saw says that the running thread has seen v, as the result of an operation.
func Saw(v uint64) {
	t := running()
	t.saw = mix(t.saw, v)
}

// Forget says that what the running thread does next does not depend on what it
// has seen, but on where, which is different at each place where it forgets, and on
// v. Whoever calls it must be sure: no variable of the thread may hold what it has
// learned. It lets many more states be equal.
func Forget(where int, v uint64) {
	t := running()
	t.where = mix(mix(uint64(t.id+1), uint64(where)), v)
	t.saw = t.where
	t.ops = t.saw // names of what it comes to first, from here on
}

// Waits is Forget where the running thread waits to be woken up, or is at the end of an
// attempt after which it knows no more than whether that succeeded, if the world says
// that threads forget there what they have seen. how tells such places apart.
func Waits(how uint64) {
	if t := running(); active.forgetful {
		t.saw = mix(t.where, how)
	}
}

// Sum returns what a thread sees of the sum that an Add returns.
func Sum(v uint64) uint64 {
	if active != nil && active.sum != nil {
		return active.sum(v)
	}
	return v
}

// ObjectOf returns the object that stands for a channel.
func ObjectOf(c <-chan struct{}) *Object {
	o := active.channels[c]
	if o == nil {
		o = new(Object)
		active.channels[c] = o
	}
	return o
}

// PointerID returns a number for p, a pointer, that is the same in all executions
// in which the same thread comes to it first, after the same operations.
func PointerID(p any) uint64 {
	id, ok := active.pointers[p]
	if !ok {
		t := running()
		t.ops++
		id = mix(uint64(t.id+1), t.ops)
		active.pointers[p] = id
	}
	return id
}

// A visit is how a state has been come to.
type visit struct {
	sleep       uint32
	preemptions int
}

// seen reports whether everything that can follow n has been explored, from an
// equal state. If not, it will be.
func (r *run) seen(n *node, preemptions int) bool {
	if r.states == nil {
		return false
	}
	h := r.state()
	if r.bound > 0 {
		h = mix(h, uint64(n.last+1)) // who may go on for free
	}
	v, ok := r.states[h]
	if ok && v.sleep&^n.sleep == 0 && v.preemptions <= preemptions {
		return true
	}
	if ok {
		v.sleep &= n.sleep
		v.preemptions = min(v.preemptions, preemptions)
	} else {
		v = visit{n.sleep, preemptions}
	}
	r.states[h] = v
	return false
}

// state returns the hash.
func (r *run) state() uint64 {
	var h uint64
	if r.content != nil {
		h = r.content(nil)
	} else {
		for _, o := range r.objects {
			h += mix(o.id, o.content)
		}
	}
	for _, t := range r.threads {
		h += mix(uint64(t.id+100), t.saw)
	}
	return h
}

func mix(h, v uint64) uint64 {
	h ^= v + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	h ^= h >> 31
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}
