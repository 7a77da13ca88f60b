//go:build owndebug && !amd64 && !arm64

package goroutine

import "runtime"

// Frames fills pcs with the return addresses of the calls that the running goroutine is in,
// the innermost first, and returns how many there are. The first is that of its caller.
func Frames(pcs []uintptr) int { return runtime.Callers(2, pcs) }
