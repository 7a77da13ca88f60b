//go:build owndebug && (amd64 || arm64)

package goroutine

// Address returns the address of the running goroutine's g, as a number. It is not 0.
func Address() uintptr
