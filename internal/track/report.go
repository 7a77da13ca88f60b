//go:build owndebug

package track

import (
	"encoding/json"
	"time"
)

// A Kind is a kind of report. The numbers are those of owndebug.Kind.
type Kind int

// The kinds.
const (
	Deadlock Kind = iota + 1
	PotentialDeadlock
	LeakedGuard
	LeakedOwner
	PoisonBlind
	NotSend
)

var kindNames = [...]string{
	Deadlock:          "deadlock",
	PotentialDeadlock: "potential deadlock",
	LeakedGuard:       "leaked guard",
	LeakedOwner:       "leaked owner",
	PoisonBlind:       "poison-blind unlock",
	NotSend:           "not send",
}

// String returns the name of the kind.
func (k Kind) String() string { return kindNames[k] }

// MarshalText implements [encoding.TextMarshaler].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A Report says what has been found, once.
type Report struct {
	Kind     Kind      `json:"kind"`
	Headline string    `json:"headline"`
	Time     time.Time `json:"time"`
	Times    int       `json:"times"` // that this has been found by now, at the same places

	Goroutine uint64  `json:"goroutine,omitempty"` // that made it known
	At        Stack   `json:"at,omitempty"`        // where it was then
	Cycle     []Step  `json:"cycle,omitempty"`     // of a deadlock, or a potential one
	Guard     *Hold   `json:"guard,omitempty"`     // that was leaked, handed over, or released blindly
	Owners    []Owned `json:"owners,omitempty"`    // that were leaked, or used by two goroutines
	Advice    string  `json:"advice"`
}

// A Step of a cycle is a goroutine that holds the lock before it and wants the one after.
type Step struct {
	Goroutine uint64 `json:"goroutine"`
	Holds     Hold   `json:"holds"`
	Wants     Want   `json:"wants"`
}

// A Hold is a lock that is held.
type Hold struct {
	Lock      Named  `json:"lock"`
	Mode      Mode   `json:"mode"`
	Goroutine uint64 `json:"goroutine,omitempty"` // 0 if it has not been asked
	Locked    Stack  `json:"locked"`
}

// A Want is a lock that is wanted.
type Want struct {
	Lock      Named `json:"lock"`
	Mode      Mode  `json:"mode"`
	At        Stack `json:"at"`
	CanGiveUp bool  `json:"canGiveUp,omitempty"`
	Drains    bool  `json:"drains,omitempty"` // it waits for those that read, and keeps out who comes
}

// A Named is what a lock is called.
type Named struct {
	ID    uint64 `json:"id"`
	Type  string `json:"type"`
	Made  Stack  `json:"made,omitempty"` // by a constructor, or else:
	First Stack  `json:"firstLocked,omitempty"`
}

// An Owned is owners of one type that were made at one place.
type Owned struct {
	Type  string `json:"type"`
	How   string `json:"how"` // made, cloned, …
	Count int    `json:"count"`
	Made  Stack  `json:"made"`
}

// A Mode is how a lock is held.
type Mode uint8

// The modes. A Mutex is held for writing.
const (
	Write Mode = iota
	Read
)

// String returns "write" or "read".
func (m Mode) String() string {
	if m == Read {
		return "read"
	}
	return "write"
}

// MarshalText implements [encoding.TextMarshaler].
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// JSON returns the report for a machine.
func (r *Report) JSON() ([]byte, error) { return json.Marshal(r) }

// A Snapshot is everything that is known at one moment.
type Snapshot struct {
	Time     time.Time  `json:"time"`
	Held     []HeldLock `json:"held"`
	Waiting  []Waiter   `json:"waiting"`
	Owners   []Owned    `json:"owners"`
	Poisoned []Poisoned `json:"poisoned"`
	Order    []Before   `json:"order"`
	Reports  []*Report  `json:"reports"`
}

// A HeldLock is a lock that somebody holds.
type HeldLock struct {
	Hold
	Since time.Time `json:"since"`
}

// A Waiter is a goroutine that waits for a lock.
type Waiter struct {
	Goroutine uint64 `json:"goroutine"`
	Want
	Since time.Time `json:"since"`
}

// A Poisoned is a poisoned lock.
type Poisoned struct {
	Lock  Named     `json:"lock"`
	Cause string    `json:"cause"`
	Since time.Time `json:"since"`
}

// A Before is an edge of the graph of lock order: a goroutine took To while it held From.
type Before struct {
	From     Named `json:"from"`
	To       Named `json:"to"`
	Held     Stack `json:"heldSince"`
	Taken    Stack `json:"taken"`
	Reported bool  `json:"reported,omitempty"` // as part of a potential deadlock
}
