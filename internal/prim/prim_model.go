//go:build ownmodel

package prim

import (
	"sync"
	"sync/atomic"

	"github.com/go-own/own/internal/model"
)

// A Mutex behaves as a [sync.Mutex]. Who gets it next is for the explorer to say,
// whoever waits: that is more than the fairness of the real one allows, and so
// includes it.
type Mutex struct {
	real     sync.Mutex
	held     bool
	sleepers int // in Lock, which found it held
	object   model.Object

	protects uint64 // a hash of what is protected
}

// Lock is [sync.Mutex.Lock].
func (m *Mutex) Lock() {
	if !model.Exploring() {
		m.real.Lock()
		return
	}
	m.step("Mutex.Lock", nil)
	if m.held {
		m.sleepers++
		m.set()
		m.step("Mutex.Lock, woken", func() bool { return !m.held })
		m.sleepers--
		model.Saw(1)
	}
	m.acquire()
}

// TryLock is [sync.Mutex.TryLock]. It can fail though nobody holds the lock, if
// somebody is about to: the real one then finds that it is being handed to one
// that sleeps, or loses a race against one that comes or goes.
func (m *Mutex) TryLock() bool {
	if !model.Exploring() {
		return m.real.TryLock()
	}
	m.step("Mutex.TryLock", nil)
	if m.held || m.sleepers > 0 && model.Choose(2) == 1 {
		model.Saw(0)
		return false
	}
	m.acquire()
	return true
}

// Unlock is [sync.Mutex.Unlock].
func (m *Mutex) Unlock() {
	if !model.Exploring() {
		m.real.Unlock()
		return
	}
	m.step("Mutex.Unlock", nil)
	if !m.held {
		model.Fail("unlock of an unlocked mutex")
	}
	m.held = false
	m.object.Release()
	m.protects = model.Mixed(m.protects)
	m.set()
}

func (m *Mutex) acquire() {
	m.held = true
	m.object.Acquire()
	model.Saw(m.object.Protected(m.protects))
	m.set()
}

// set says what is to be seen of m.
func (m *Mutex) set() {
	state := m.protects + uint64(m.sleepers)<<1
	if m.held {
		state++
	}
	m.object.Set(state)
}

// Object stands for m where a world says what m protects.
func (m *Mutex) Object() *model.Object { return &m.object }

func (m *Mutex) step(name string, enabled func() bool) {
	model.Step(model.Op{Name: name, Object: &m.object, Enabled: enabled})
}

// A Latch behaves as a [sync.Mutex] of which TryLock is not used. So nobody can tell
// when exactly it is taken and released, but by what is done in between: to take it
// and the first operation after that are one step, to release it and the last one are
// another.
type Latch struct {
	real   sync.Mutex
	held   bool
	object model.Object

	protects uint64
}

// Lock is [sync.Mutex.Lock].
func (l *Latch) Lock() {
	if !model.Exploring() {
		l.real.Lock()
		return
	}
	model.Step(model.Op{
		Name: "Latch.Lock", Object: &l.object,
		Enabled: func() bool { return !l.held }, Opens: true,
	})
	l.held = true
	l.object.Acquire()
	model.Saw(l.object.Protected(l.protects))
	l.object.Set(l.protects + 1)
}

// Unlock is [sync.Mutex.Unlock].
func (l *Latch) Unlock() {
	if !model.Exploring() {
		l.real.Unlock()
		return
	}
	if !l.held {
		model.Fail("unlock of an unlocked latch")
	}
	l.held = false
	l.object.Release()
	l.protects = model.Mixed(l.protects)
	l.object.Set(l.protects)
}

// Object stands for l where a world says what l protects.
func (l *Latch) Object() *model.Object { return &l.object }

// An RWMutex behaves as a [sync.RWMutex], with its steps: a writer keeps other
// writers out, then new readers, and then waits for the old ones. One that
// unlocks lets all readers in that wait, before the next writer.
type RWMutex struct {
	real    sync.RWMutex
	writer  Mutex // one at a time
	pending bool  // a writer holds it, or waits for readers to go
	readers int   // that hold it
	waiting int   // readers that wait for the writer
	turn    int   // of writers, so that a reader knows whether its own is over

	object   model.Object // what readers learn from writers
	read     model.Object // what writers learn from readers
	protects uint64
}

// RLock is [sync.RWMutex.RLock].
func (m *RWMutex) RLock() {
	if !model.Exploring() {
		m.real.RLock()
		return
	}
	m.step("RWMutex.RLock", nil)
	if m.pending {
		m.waiting++
		turn := m.turn
		m.set()
		m.step("RWMutex.RLock, woken", func() bool { return m.turn != turn }) // and counted, by Unlock
		model.Saw(1)
	} else {
		m.readers++
	}
	m.share()
}

// TryRLock is [sync.RWMutex.TryRLock].
func (m *RWMutex) TryRLock() bool {
	if !model.Exploring() {
		return m.real.TryRLock()
	}
	m.step("RWMutex.TryRLock", nil)
	if m.pending {
		model.Saw(0)
		return false
	}
	m.readers++
	m.share()
	return true
}

func (m *RWMutex) share() {
	m.object.Acquire()
	model.Saw(m.object.Protected(m.protects))
	m.set()
}

// RUnlock is [sync.RWMutex.RUnlock].
func (m *RWMutex) RUnlock() {
	if !model.Exploring() {
		m.real.RUnlock()
		return
	}
	m.step("RWMutex.RUnlock", nil)
	if m.readers == 0 {
		model.Fail("RUnlock of an RWMutex without readers")
	}
	m.readers--
	m.read.Release()
	m.set()
}

// Lock is [sync.RWMutex.Lock].
func (m *RWMutex) Lock() {
	if !model.Exploring() {
		m.real.Lock()
		return
	}
	m.writer.Lock()
	m.step("RWMutex.Lock", nil)
	m.pending = true
	m.set()
	if m.readers > 0 {
		m.step("RWMutex.Lock, woken", func() bool { return m.readers == 0 })
		model.Saw(1)
	}
	m.acquire()
}

// TryLock is [sync.RWMutex.TryLock]. Of two at once both can fail, each because of
// the other.
func (m *RWMutex) TryLock() bool {
	if !model.Exploring() {
		return m.real.TryLock()
	}
	if !m.writer.TryLock() {
		return false
	}
	m.step("RWMutex.TryLock", nil)
	if m.readers > 0 {
		model.Saw(0)
		m.writer.Unlock()
		return false
	}
	m.pending = true
	m.acquire()
	return true
}

func (m *RWMutex) acquire() {
	m.object.Acquire()
	m.read.Acquire()
	model.Saw(m.object.Protected(m.protects))
	m.set()
}

// Unlock is [sync.RWMutex.Unlock].
func (m *RWMutex) Unlock() {
	if !model.Exploring() {
		m.real.Unlock()
		return
	}
	m.step("RWMutex.Unlock", nil)
	if !m.pending {
		model.Fail("Unlock of an RWMutex without a writer")
	}
	m.pending = false
	m.readers, m.waiting = m.waiting, 0
	m.turn++
	m.object.Release()
	m.protects = model.Mixed(m.protects)
	m.set()
	m.writer.Unlock()
}

// set says what is to be seen of m. The turn is not: those who wait for its end
// have been counted.
func (m *RWMutex) set() {
	state := m.protects + uint64(m.readers)<<1 + uint64(m.waiting)<<9
	if m.pending {
		state++
	}
	m.object.Set(state)
}

// Enter is that of the objects of m.
func (m *RWMutex) Enter() {
	m.object.Enter()
	m.writer.object.Enter()
}

// Content says who holds m and who waits for it.
func (m *RWMutex) Content() uint64 {
	return model.Mix(m.object.Content(), m.writer.object.Content())
}

func (m *RWMutex) step(name string, enabled func() bool) {
	model.Step(model.Op{Name: name, Object: &m.object, Enabled: enabled})
}

// An atom is what the types of sync/atomic have in common. Who sees what another
// wrote knows what that knew.
type atom struct{ object model.Object }

func (a *atom) step(name string, reads bool) bool {
	if !model.Exploring() {
		return false
	}
	model.Step(model.Op{Name: name, Object: &a.object, Reads: reads})
	return true
}

// Object stands for a.
func (a *atom) Object() *model.Object { return &a.object }

// load goes before a read, store before a write, and change before one that does
// both.
func (a *atom) load(name string) {
	if a.step(name, true) {
		a.object.Acquire()
	}
}

func (a *atom) store(name string) {
	if a.step(name, false) {
		a.object.Replace()
	}
}

func (a *atom) change(name string) {
	if a.step(name, false) {
		a.object.Acquire()
		a.object.Release()
	}
}

// now says what is in a after an operation, and what the thread has seen of it.
func (a *atom) now(content, result uint64) {
	if model.Exploring() {
		a.object.Set(content)
		model.Saw(result)
	}
}

// An Int32 behaves as an [atomic.Int32].
type Int32 struct {
	atom
	v atomic.Int32
}

// Load is [atomic.Int32.Load].
func (x *Int32) Load() int32 {
	x.load("Int32.Load")
	v := x.v.Load()
	x.now(uint64(v), uint64(v))
	return v
}

// Add is [atomic.Int32.Add].
func (x *Int32) Add(delta int32) int32 {
	x.change("Int32.Add")
	v := x.v.Add(delta)
	x.now(uint64(v), uint64(v))
	return v
}

// A Uint64 behaves as an [atomic.Uint64].
type Uint64 struct {
	atom
	v atomic.Uint64
}

// Load is [atomic.Uint64.Load].
func (x *Uint64) Load() uint64 {
	x.load("Uint64.Load")
	v := x.v.Load()
	x.now(v, v)
	return v
}

// Store is [atomic.Uint64.Store].
func (x *Uint64) Store(v uint64) {
	x.store("Uint64.Store")
	x.v.Store(v)
	x.now(v, 0)
}

// Add is [atomic.Uint64.Add].
func (x *Uint64) Add(delta uint64) uint64 {
	x.change("Uint64.Add")
	v := x.v.Add(delta)
	x.now(v, model.Sum(v))
	return v
}

// CompareAndSwap is [atomic.Uint64.CompareAndSwap].
func (x *Uint64) CompareAndSwap(old, v uint64) bool {
	x.change("Uint64.CompareAndSwap")
	ok := x.v.CompareAndSwap(old, v)
	x.now(x.v.Load(), truth(ok))
	if model.Exploring() {
		model.Waits(1 + truth(ok)) // whoever fails begins again
	}
	return ok
}

// A Pointer behaves as an [atomic.Pointer].
type Pointer[T any] struct {
	atom
	v atomic.Pointer[T]
}

// Load is [atomic.Pointer.Load].
func (x *Pointer[T]) Load() *T {
	x.load("Pointer.Load")
	p := x.v.Load()
	x.now(pointer(p), pointer(p))
	return p
}

// Peek is Load for a world that says what is in its memory. It is no operation.
func (x *Pointer[T]) Peek() *T { return x.v.Load() }

// Store is [atomic.Pointer.Store].
func (x *Pointer[T]) Store(p *T) {
	x.store("Pointer.Store")
	x.v.Store(p)
	x.now(pointer(p), 0)
}

// Swap is [atomic.Pointer.Swap].
func (x *Pointer[T]) Swap(p *T) *T {
	x.change("Pointer.Swap")
	old := x.v.Swap(p)
	x.now(pointer(p), pointer(old))
	return old
}

// CompareAndSwap is [atomic.Pointer.CompareAndSwap].
func (x *Pointer[T]) CompareAndSwap(old, p *T) bool {
	x.change("Pointer.CompareAndSwap")
	ok := x.v.CompareAndSwap(old, p)
	x.now(pointer(x.v.Load()), truth(ok))
	return ok
}

// pointer returns a number for p.
func pointer[T any](p *T) uint64 {
	if p == nil || !model.Exploring() {
		return 0
	}
	return model.PointerID(p)
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// A Signal is a channel with room for one.
type Signal = chan struct{}

// Send sends on s, which has room.
func Send(s Signal) {
	if model.Exploring() {
		o := model.ObjectOf(s)
		model.Step(model.Op{Name: "send", Object: o})
		if len(s) == cap(s) {
			model.Fail("a send that blocks")
		}
		o.Release()
		o.Changed() // with the signal may go what a lock protects
	}
	s <- struct{}{}
}

// Receive receives from s, on which has been sent.
func Receive(s Signal) {
	if model.Exploring() {
		o := model.ObjectOf(s)
		model.Step(model.Op{Name: "receive", Object: o})
		if len(s) == 0 {
			model.Fail("a receive that blocks")
		}
		received(o)
	}
	<-s
}

func received(o *model.Object) {
	o.Acquire()
	model.Saw(o.Protected(o.Content()))
	o.Changed()
}

// Wait receives from s, and reports true, unless done is closed before. If both
// are possible, the explorer tries both.
func Wait(s Signal, done <-chan struct{}) bool {
	if model.Exploring() {
		closed := func() bool {
			select {
			case <-done:
				return true
			default:
				return false
			}
		}
		o := model.ObjectOf(s)
		model.Waits(0)
		model.Step(model.Op{Name: "select", Object: o, Sees: model.ObjectOf(done),
			Enabled: func() bool { return len(s) > 0 || closed() }})
		if closed() && (len(s) == 0 || model.Choose(2) == 1) {
			model.ObjectOf(done).Acquire()
			model.Saw(0)
			return false
		}
		received(o)
		<-s
		return true
	}
	select {
	case <-s:
		return true
	case <-done:
		return false
	}
}

// Patience is so small that few sections use it up.
const Patience = 2
