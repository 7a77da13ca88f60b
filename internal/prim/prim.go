//go:build !ownmodel

package prim

import (
	"sync"
	"sync/atomic"
)

type (
	// A Mutex is a [sync.Mutex].
	Mutex = sync.Mutex

	// A Latch is a [sync.Mutex] of which TryLock is not used.
	Latch = sync.Mutex

	// An RWMutex is a [sync.RWMutex].
	RWMutex = sync.RWMutex

	// An Int32 is an [atomic.Int32].
	Int32 = atomic.Int32

	// A Uint64 is an [atomic.Uint64].
	Uint64 = atomic.Uint64

	// A Pointer is an [atomic.Pointer].
	Pointer[T any] = atomic.Pointer[T]
)

// A Signal is a channel with room for one.
type Signal = chan struct{}

// Send sends on s, which has room.
func Send(s Signal) { s <- struct{}{} }

// Receive receives from s, on which has been sent.
func Receive(s Signal) { <-s }

// Wait receives from s, and reports true, unless done is closed before.
func Wait(s Signal, done <-chan struct{}) bool {
	if done == nil {
		<-s // a select costs more
		return true
	}
	select {
	case <-s:
		return true
	case <-done:
		return false
	}
}

// Patience is how often a lock is released while somebody is next, before that one is
// handed it.
const Patience = 64
