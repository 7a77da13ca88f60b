// Package nocopy marks structs that must not be copied.
package nocopy

// Mark makes go vet's copylocks check report copies of the struct that has it as
// a field, named _. It comes first in the struct, where a field without a size takes
// no space, and it is not embedded, so that its methods are not promoted. It
// stops nobody at compile time or run time.
type Mark struct{}

// Lock is what copylocks looks for.
func (*Mark) Lock() {}

// Unlock is what copylocks looks for.
func (*Mark) Unlock() {}
