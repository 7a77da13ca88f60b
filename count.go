package own

import (
	"math"

	"github.com/go-own/own/internal/prim"
)

// A count holds the two counts of a shared value in one word, the owners in the
// lower half and the Weaks in the upper.
//
// Two words would be the obvious way, and have cost Rust its worst Arc bug
// (2015): "one owner" and "no Weak" read one after the other are both true at
// some time, but not at the same time, if in between a Weak is upgraded and
// dropped. Rust locks the weak count for the check; one word needs no lock.
//
// Rust's weak count has an implicit one for all owners together, which keeps
// the allocation for the Weaks. Here the garbage collector does that.
type count struct{ word prim.Uint64 }

const (
	oneStrong = 1
	oneWeak   = 1 << 32

	// maxCount is the most owners, and the most Weaks, that a value can have.
	// It leaves the upper bit of each half as a mark for overflow. An add that
	// overflows is taken back; two thousand million goroutines would have to be
	// in between for one half to run into the other.
	maxCount = math.MaxInt32
)

// strongOf returns the owners in a word. As a signed number, an owner too many
// is negative.
func strongOf(word uint64) int32 { return int32(word) }

// weakOf returns the Weaks in a word.
func weakOf(word uint64) int32 { return int32(word / oneWeak) }

// load returns the owners and the Weaks, as of one moment.
func (c *count) load() (strong, weak int) {
	w := c.word.Load()
	return int(strongOf(w)), int(weakOf(w))
}

// clone adds an owner. The caller is one, so the count is not zero.
func (c *count) clone() {
	if strongOf(c.word.Add(oneStrong)) < 0 {
		c.drop()
		panic(tooManyOwners)
	}
}

// upgrade adds an owner unless there is none. To add first, look then, and take
// it back if there was none, would let a second upgrade see the first one's add
// and believe that a dead value lives.
func (c *count) upgrade() bool {
	for {
		w := c.word.Load()
		if strongOf(w) == 0 {
			return false
		}
		if uint32(w) >= maxCount {
			panic(tooManyOwners)
		}
		if c.word.CompareAndSwap(w, w+oneStrong) {
			return true
		}
	}
}

// drop removes an owner and reports whether it was the last.
func (c *count) drop() bool { return strongOf(c.word.Add(minus(oneStrong))) == 0 }

// dropIfOnly removes the owner if it is the only one.
func (c *count) dropIfOnly() bool {
	for {
		w := c.word.Load()
		if strongOf(w) != 1 {
			return false
		}
		if c.word.CompareAndSwap(w, w-oneStrong) {
			return true
		}
	}
}

// addWeak adds a Weak.
func (c *count) addWeak() {
	if weakOf(c.word.Add(oneWeak)) < 0 {
		c.dropWeak()
		panic(tooManyWeaks)
	}
}

// dropWeak removes a Weak.
func (c *count) dropWeak() { c.word.Add(minus(oneWeak)) }

// minus returns what to add to subtract n.
func minus(n uint64) uint64 { return -n }

const (
	tooManyOwners = "own: more than 2147483647 owners of one value: a Drop is missing"
	tooManyWeaks  = "own: more than 2147483647 Weaks of one value: a Drop is missing"
)
