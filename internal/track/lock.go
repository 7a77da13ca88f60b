//go:build owndebug

package track

import (
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/go-own/own/internal/goroutine"
)

// Enabled is whether this is the debug build.
const Enabled = true

// A Lock is one lock, as part of it. The zero Lock is ready for use. What is known of it
// is made when it is first locked, so that a lock can be copied before that.
type Lock struct {
	known atomic.Pointer[lock]
	made  *trace
}

// A lock is what is known of a Lock. Nothing but the Lock and its tokens keep it, and the
// tokens go with the Lock, so that it is collected with it.
type lock struct {
	*label
	made *trace // keeps nothing but program counters
	self weak.Pointer[Lock]

	mu      sync.Mutex
	holder  *token   // that writes, or is about to once the readers have gone
	readers []*token // that read

	watched bool  // that it is collected while it is poisoned; belongs to poisoned.mu
	cause   error // of its poison, which may lead back to it; the same

	chains map[uint64]*chain // in which it has been locked while others were held: order.go
	node   *node             // in the graph of lock order, or nil
}

// A label is what a lock is called. It may outlive the lock.
type label struct {
	id    uint64
	typ   atomic.Pointer[string]
	made  *trace
	first *trace
}

func (l *label) named() Named {
	n := Named{ID: l.id, Type: "lock", Made: l.made.stack(), First: l.first.stack()}
	if t := l.typ.Load(); t != nil {
		n.Type = *t
	}
	return n
}

var lastID atomic.Uint64

// Made returns the Lock of a lock that a constructor makes.
func Made() Lock { return Lock{made: here()} }

// get returns what is known of l.
func (l *Lock) get() *lock {
	if k := l.known.Load(); k != nil {
		return k
	}
	k := &lock{label: &label{id: lastID.Add(1), made: l.made}, self: weak.Make(l)}
	k.label.first = here()
	if l.known.CompareAndSwap(nil, k) {
		return k
	}
	return l.known.Load()
}

// gone strikes off what a lock that has been collected still had on record: guards that
// were forgotten, and collected with it.
func (k *lock) gone() {
	k.mu.Lock()
	left := slices.Clone(k.readers)
	if k.holder != nil {
		left = append(left, k.holder)
	}
	k.mu.Unlock()
	for _, t := range left {
		k.strike(t)
	}
}

// Name gives l its type: kind is that of the lock, and T that of the value in it.
func Name[T any](l *Lock, kind string) {
	if k := l.get(); k.typ.Load() == nil {
		name := kind + "[" + reflect.TypeFor[T]().String() + "]"
		k.typ.Store(&name)
	}
}

// A token is one lock held once, by one goroutine. It is made when the lock has been
// taken and thrown away before it is given back: a new one each time, so that who still
// sees the same one knows that the lock has been held all the while.
type token struct {
	lock    *lock
	mode    Mode
	account atomic.Pointer[account]
	number  atomic.Uint64 // of the goroutine, or 0: see vouch
	chain   uint64        // a hash of all that its goroutine holds, up to this
	since   time.Duration
	at      *trace
	told    atomic.Bool // that it was used by another goroutine

	forgotten atomic.Bool // its guard has been collected
}

// began is when since counts from.
var began = time.Now()

// An account is what one goroutine holds and waits for. There is one as long as it does
// either.
//
// It is found by the address of the goroutine, which the next goroutine may have. So a
// lock whose goroutine ended without unlocking stays on an account that a stranger may
// find, until its guard is collected or used. Whoever draws conclusions from an account
// asks vouch first.
//
// It is used again for other goroutines, of the same shard: a token that has been struck
// off may still lead here, and must find the lock that guards it.
type account struct {
	shard   *shard
	g       atomic.Uintptr
	held    []*token // the latest last
	waiting atomic.Pointer[wait]
}

// accounts are in shards, so that goroutines that have nothing to do with each other do
// not wait for each other here.
var accounts [64]shard

type shard struct {
	mu   sync.Mutex // of everything in it, the accounts' held included
	by   map[uintptr]*account
	free []*account
	_    [64]byte // a cache line of its own
}

func shardOf(g uintptr) *shard { return &accounts[(g>>7^g>>13)%uintptr(len(accounts))] }

// open returns the account of g, and makes it if there is none. The caller holds s.mu.
func (s *shard) open(g uintptr) *account {
	if a := s.by[g]; a != nil {
		return a
	}
	var a *account
	if n := len(s.free); n > 0 {
		a, s.free = s.free[n-1], s.free[:n-1]
	} else {
		a = &account{shard: s}
	}
	a.g.Store(g)
	if s.by == nil {
		s.by = map[uintptr]*account{}
	}
	s.by[g] = a
	return a
}

// close ends the account if there is nothing in it. The caller holds s.mu.
func (s *shard) close(a *account) {
	if g := a.g.Load(); len(a.held) == 0 && a.waiting.Load() == nil && s.by[g] == a {
		delete(s.by, g)
		if len(s.free) < 64 {
			s.free = append(s.free, a)
		}
	}
}

// remove takes t off its account. It reports whether it was there.
func (a *account) remove(t *token) bool {
	s := a.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	i := len(a.held) - 1 // where it is, as a rule
	for i >= 0 && a.held[i] != t {
		i--
	}
	if i < 0 {
		return false
	}
	a.held = slices.Delete(a.held, i, i+1)
	for ; i < len(a.held); i++ {
		a.held[i].chain = chained(a.held[:i], a.held[i].lock, a.held[i].mode)
	}
	s.close(a)
	return true
}

// add puts t on the account of g.
func (t *token) add(g uintptr) {
	s := shardOf(g)
	s.mu.Lock()
	a := s.open(g)
	t.account.Store(a)
	t.chain = chained(a.held, t.lock, t.mode)
	a.held = append(a.held, t)
	s.mu.Unlock()
}

// vouch reports whether the goroutine with the given number, which has the account's
// address now and whose stack is at, is the one that took t. It is not if it is known by
// another number, or if its stack cannot have come from the one with which t was taken. If
// neither is known, it is taken for the one: to be wrong, another goroutine must have ended
// with the lock held, at the same address, in the same function, and its guard must be
// alive and unused. waits is whether it waits now, and may be part of a deadlock: if it was
// another goroutine that ended, nobody unlocks what that has left locked.
func (t *token) vouch(number uint64, at *trace, waits bool) bool {
	if n := t.number.Load(); n != 0 {
		return n == number
	}
	if !t.at.continues(at, waits) {
		return false
	}
	t.number.Store(number)
	return true
}

// abandon moves t from the account of a goroutine that has ended, or lost it, to one that
// is nobody's. The lock is still held.
func (t *token) abandon() {
	if t.account.Load().remove(t) {
		t.add(nobody)
	}
}

const nobody = 0 // is at this address

// Got puts the lock, which has been taken, on the account of the running goroutine.
func (l *Lock) Got(mode Mode) {
	k := l.get()
	t := &token{lock: k, mode: mode, since: time.Since(began), at: here()}
	t.add(goroutine.Address())
	k.mu.Lock()
	if mode == Write {
		k.holder = t
	} else {
		k.readers = append(k.readers, t)
	}
	k.mu.Unlock()
}

// Lost strikes off the lock, which is about to be given back: by the writer, whoever that
// is, or by the running goroutine as a reader. It does nothing if that has been done.
func (l *Lock) Lost(mode Mode) {
	k := l.known.Load()
	if k == nil {
		return
	}
	if mode == Read {
		if t := newest(k, Read); t != nil {
			k.strike(t)
		}
		return
	}
	k.mu.Lock()
	t := k.holder
	k.holder = nil
	k.mu.Unlock()
	if t != nil {
		t.account.Load().remove(t)
	}
}

// strike strikes off t.
func (k *lock) strike(t *token) {
	k.mu.Lock()
	if t.mode == Write {
		if k.holder == t {
			k.holder = nil
		}
	} else if i := slices.Index(k.readers, t); i >= 0 {
		k.readers = slices.Delete(k.readers, i, i+1)
	}
	k.mu.Unlock()
	t.account.Load().remove(t)
}

// newest returns the latest token of k on the account of the running goroutine, or nil.
func newest(k *lock, mode Mode) *token {
	g := goroutine.Address()
	s := shardOf(g)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.by[g]; a != nil {
		for _, t := range slices.Backward(a.held) {
			if t.lock == k && t.mode == mode {
				return t
			}
		}
	}
	return nil
}

// on reports whether t is still on record.
func (k *lock) on(t *token) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.holder == t || slices.Contains(k.readers, t)
}

// chained returns the hash of what is held, and of one more lock.
func chained(held []*token, k *lock, mode Mode) uint64 {
	h := uint64(0)
	if n := len(held); n > 0 {
		h = held[n-1].chain
	}
	return mix(h, k.id<<1+uint64(mode))
}

func mix(h, v uint64) uint64 {
	h ^= v + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	h ^= h >> 31
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}
