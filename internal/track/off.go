//go:build !owndebug

package track

// Enabled is whether this is the debug build.
const Enabled = false

// What stands here has no size and compiles to nothing. What each is for is said where it
// does something.

// A Mode is how a lock is held.
type Mode uint8

// The modes.
const (
	Write Mode = iota
	Read
)

// A Lock is one lock.
type Lock struct{}

// Made is for constructors.
func Made() Lock { return Lock{} }

// Name gives the lock its type.
func Name[T any](*Lock, string) {}

// Attach goes after a guard has been made.
func Attach[T any](*Held, *Lock, string, Mode) {}

// Want goes before an attempt to take the lock that may wait.
func (*Lock) Want(Mode) {}

// Got goes after the lock has been taken.
func (*Lock) Got(Mode) {}

// Lost goes before the lock is given back.
func (*Lock) Lost(Mode) {}

// Await goes before a wait that can be given up, or is for a condition.
func (*Lock) Await(Mode) Wait { return Wait{} }

// Behind goes before a wait of a reader in a queue.
func (*Lock) Behind(in *Flag, canGiveUp bool) Wait { return Wait{} }

// A Flag says that a reader has been let in.
type Flag struct{}

// Set sets it.
func (*Flag) Set() {}

// Drain is Await of a writer that waits for the readers to go.
func (*Lock) Drain() Wait { return Wait{} }

// Poisoned and Healthy go after the lock has become that.
func (*Lock) Poisoned(error) {}

// Healthy goes after the poison has been cleared.
func (*Lock) Healthy() {}

// A Wait is one goroutine that waits for a lock.
type Wait struct{}

// Over ends the wait.
func (Wait) Over() {}

// Deadlock returns the report of one that will never end, to be panicked with, or nil.
func (Wait) Deadlock() any { return nil }

// A Held is a guard.
type Held struct{}

// Detach goes before what the guard holds is given back.
func (*Held) Detach() {}

// Used goes where the guard is used.
func (*Held) Used() {}

// Unlocking goes first in a deferred release that looks for a panic.
func (*Held) Unlocking() {}

// An Owner is a handle of a counted value.
type Owner struct{}

// Born goes after the handle has been made.
func Born[T any](*Owner, string, string) {}

// Gone goes where the handle becomes empty.
func (*Owner) Gone() {}

// Cells are the owners of one value that cells hold.
type Cells struct{}

// In says that a cell has taken an owner.
func In[T any](*Cells) {}

// Out says that a cell has given one up.
func (*Cells) Out() {}

// A Home is the goroutine to which a value belongs that must not leave it.
type Home struct{}

// Here goes where such a value is used.
func (*Home) Here(string) {}

// Leave says that the value may move to another goroutine now.
func (*Home) Leave() {}
