package verify

// How a function comes to its end, for tests in which it does so in other ways than
// by returning.

// recovered runs f and returns what it panicked with, or nil.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// finish runs f, which may call runtime.Goexit, on a goroutine of its own. It
// returns what f panicked with, and whether f returned.
func finish(f func()) (value any, returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { value = recover() }()
		f()
		returned = true
	}()
	<-done
	return value, returned
}
