package rc

// These are functions, not methods: the method sets of Rc and Weak are compared
// with those of Arc.

// SetStrongCount pretends that the value has n owners, for tests of overflow.
func SetStrongCount[T any](r *Rc[T], n int) { r.s.strong = int32(n) }

// SetWeakCount pretends that the value has n Weaks.
func SetWeakCount[T any](r *Rc[T], n int) { r.s.weak = int32(n) }

// MaxCount is the most owners, and the most Weaks, of a value.
const MaxCount = maxCount
