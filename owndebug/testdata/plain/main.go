// Plain uses the locks and owners of package own, for a test of what is in a program that
// does.
package main

import (
	"context"
	"fmt"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

func main() {
	m := own.NewMutex(1)
	m.With(func(v *int) { *v++ })
	g, err := m.LockWhen(context.Background(), func(v *int) bool { return *v == 2 })
	if err != nil {
		panic(err)
	}
	g.Unlock()
	rw := own.NewRWMutex("")
	rw.MustLock().Downgrade().Unlock()
	rw.RWith(func(*string) {})
	a := own.NewArc(1)
	defer a.Drop()
	var p own.AtomicArc[int]
	p.Store(a.Clone())
	defer p.Drop()
	w := a.Downgrade()
	defer w.Drop()
	fmt.Println(&m, &rw, a, owndebug.Enabled, len(owndebug.Reports()))
}
