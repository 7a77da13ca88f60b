package cgo

/*
static int twice(int n) { return 2 * n; }
*/
import "C"

import "github.com/go-own/own"

func Twice(m *own.Mutex[C.int]) (int, error) {
	g, err := m.Lock()
	if err != nil {
		return 0, err
	}
	defer g.Unlock()
	*g.Value() = C.twice(*g.Value())
	return int(*g.Value()), nil
}
