// Package errors does not compile.
package errors

import (
	"github.com/go-own/own"
	"github.com/go-own/own/nowhere"
)

type t struct {
	m own.Mutex[undefined]
	n own.Mutex
	o nowhere.Thing
}

func f(x *t) (int, missing) {
	g, err := x.m.Lock(1, 2)
	defer g.Unlok()
	*g.Value().y++
}

func g(x *t) {
	g := x.m.MustLock()
	x.m.With()
	x.n.Store("too", "many")
	go undefined(g)
	g.Unlock(1)
	return 3
}
