package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// pin keeps this goroutine on one processor, and all others off it as far as that goes,
// until the function that it returns is called.
func pin(cpu int) (unpin func()) {
	procs := runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	var before, one unix.CPUSet
	pinned := unix.SchedGetaffinity(0, &before) == nil
	if pinned {
		one.Set(cpu)
		pinned = unix.SchedSetaffinity(0, &one) == nil
	}
	return func() {
		if pinned {
			_ = unix.SchedSetaffinity(0, &before) // as it was
		}
		runtime.UnlockOSThread()
		runtime.GOMAXPROCS(procs)
	}
}
