package main

import (
	"fmt"
	"sync/atomic"
	"weak"

	"google.golang.org/grpc/mem"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

// Counted owners. The least that one can cost is an atomic add to make it and one to drop
// it; there is nobody who counts with less, but many who count without checking.

func countWorkloads() []*workload {
	all := []*workload{
		{
			name:  "Count/clone",
			what:  "make an owner, drop it",
			alone: true,
			rust:  "rust.Arc",
			sides: []side{
				adds("two-adds"),
				ofArc("own.Arc", func(a *own.Arc[int], n int) {
					for range n {
						c := a.Clone()
						c.Drop()
					}
				}),
				{"own.Rc", func() (func(int) float64, func()) {
					a := rc.New(1)
					return timed(func(n int) {
						for range n {
							c := a.Clone()
							c.Drop()
						}
					}), a.Drop
				}},
				ofBuffer("grpc.Buffer", func(b mem.Buffer, n int) {
					for range n {
						b.Ref()
						b.Free()
					}
				}),
			},
		},
		{
			name:  "Count/upgrade",
			what:  "make an owner from a weak reference, drop it",
			alone: true,
			rust:  "rust.Weak",
			sides: []side{
				adds("two-adds"),
				{"floor", func() (func(int) float64, func()) {
					// An upgrade has to look before it adds, or it would revive what is gone.
					count := new(atomic.Int64)
					return timed(func(n int) {
						for range n {
							for {
								v := count.Load()
								if v >= 0 && count.CompareAndSwap(v, v+1) {
									break
								}
							}
							count.Add(-1)
						}
					}), nil
				}},
				{"own.Weak", func() (func(int) float64, func()) {
					a := own.NewArc(1)
					w := a.Downgrade()
					return timed(func(n int) {
						for range n {
							c, _ := w.Upgrade()
							c.Drop()
						}
					}), func() { w.Drop(); a.Drop() }
				}},
				{"weak.Pointer", func() (func(int) float64, func()) {
					v := new(int)
					w := weak.Make(v)
					return timed(func(n int) {
						for range n {
							sink = *w.Value()
						}
					}), func() { sink = *v }
				}},
			},
		},
		{
			name:  "Count/downgrade",
			what:  "make a weak reference, drop it",
			alone: true,
			rust:  "rust.Arc",
			sides: []side{
				adds("two-adds"),
				ofArc("own.Arc", func(a *own.Arc[int], n int) {
					for range n {
						w := a.Downgrade()
						w.Drop()
					}
				}),
			},
		},
	}
	for goroutines := 1; goroutines <= 16; goroutines *= 2 {
		all = append(all, &workload{
			name: fmt.Sprintf("Owners/%d", goroutines),
			what: fmt.Sprintf("%d goroutines make and drop owners of one value", goroutines),
			rust: "rust.Arc",
			sides: []side{
				together("two-adds", goroutines, func() func() {
					count := new(atomic.Int64)
					return func() {
						count.Add(1)
						count.Add(-1)
					}
				}),
				together("own.Arc", goroutines, func() func() {
					a := own.NewArc(1)
					return func() {
						c := a.Clone()
						c.Drop()
					}
				}),
				together("grpc.Buffer", goroutines, func() func() {
					b := newBuffer()
					return func() {
						b.Ref()
						b.Free()
					}
				}),
			},
		})
	}
	for _, owners := range []int{1, 1000, 1_000_000} {
		all = append(all, &workload{
			name:  fmt.Sprintf("Live/%d", owners),
			what:  fmt.Sprintf("make an owner and drop it, of a value that has %d", owners),
			alone: true,
			sides: []side{
				adds("two-adds"),
				{"own.Arc", func() (func(int) float64, func()) {
					a := own.NewArc(1)
					others := make([]*own.Arc[int], owners-1)
					for i := range others {
						others[i] = a.Clone()
					}
					return timed(func(n int) {
							for range n {
								c := a.Clone()
								c.Drop()
							}
						}), func() {
							for _, o := range others {
								o.Drop()
							}
							a.Drop()
						}
				}},
			},
		})
	}
	return all
}

func adds(name string) side {
	return side{name, func() (func(int) float64, func()) {
		count := new(atomic.Int64)
		return timed(func(n int) {
			for range n {
				count.Add(1)
				count.Add(-1)
			}
		}), nil
	}}
}

func ofArc(name string, f func(a *own.Arc[int], n int)) side {
	return side{name, func() (func(int) float64, func()) {
		a := own.NewArc(1)
		return timed(func(n int) { f(a, n) }), a.Drop
	}}
}

// newBuffer returns a counted buffer. It has to be a large one: small ones are not counted.
func newBuffer() mem.Buffer {
	data := make([]byte, 1<<20)
	return mem.NewBuffer(&data, mem.NopBufferPool{})
}

func ofBuffer(name string, f func(b mem.Buffer, n int)) side {
	return side{name, func() (func(int) float64, func()) {
		b := newBuffer()
		return timed(func(n int) { f(b, n) }), b.Free
	}}
}
