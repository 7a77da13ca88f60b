//go:build owndebug && (amd64 || arm64)

package goroutine

// Frames fills pcs with the return addresses of the calls that the running goroutine is in,
// the innermost first, and returns how many there are. The first is that of its caller.
// What is inlined is not a call. It follows the frame pointers, which Go keeps on these
// processors for profilers; that takes a tenth of the time of runtime.Callers.
//
//go:noinline
func Frames(pcs []uintptr) int {
	if len(pcs) == 0 {
		return 0
	}
	return frames(&pcs[0], len(pcs))
}

//go:noescape
func frames(pcs *uintptr, n int) int
