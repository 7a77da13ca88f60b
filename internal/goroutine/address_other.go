//go:build owndebug && !amd64 && !arm64

package goroutine

// Address returns a number that no other goroutine has at the same time. There is no
// assembly for this processor, so it is as slow as Number.
func Address() uintptr { return uintptr(Number()) }
