//go:build owndebug

package goroutine

import (
	"bytes"
	"runtime"
)

// Number returns the number of the running goroutine, as stack traces print it.
func Number() uint64 {
	var buf [32]byte
	text := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	n := uint64(0)
	for _, c := range text {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}
