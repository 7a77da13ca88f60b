package useafterunlock

import (
	"github.com/go-own/own"
)

// Released on one path only, or only when something went wrong.
func loggedUnlessEmpty(m *own.Mutex[int]) int {
	g := m.MustLock()
	defer func() {
		if *g.Value() > 0 {
			println("not empty")
		}
		g.Unlock()
	}()
	return *g.Value()
}

func loggedOnOnePath(m *own.Mutex[int], early bool) {
	g := m.MustLock()
	defer func() {
		if !early {
			printed(g)
		}
	}()
	if early {
		g.Unlock()
		return
	}
	defer g.Unlock()
	*g.Value()++
}
