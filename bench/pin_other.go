//go:build !linux

package main

import "runtime"

// pin can keep this goroutine on one thread here, but not that on one processor.
func pin(int) (unpin func()) {
	procs := runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	return func() {
		runtime.UnlockOSThread()
		runtime.GOMAXPROCS(procs)
	}
}
