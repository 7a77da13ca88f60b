package useafterunlock

import (
	"fmt"

	"github.com/go-own/own"
)

// To show that it panics.
func ExampleGuard() {
	var m own.Mutex[int]
	g := m.MustLock()
	g.Unlock()
	defer func() { fmt.Println(recover()) }()
	g.Value()
}

func ExampleGuard_inside() {
	var m own.Mutex[int]
	defer func() { fmt.Println(recover()) }()
	func() {
		g := m.MustLock()
		g.Unlock()
		g.Value()
	}()
}
