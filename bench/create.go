package main

import (
	"runtime"

	"google.golang.org/grpc/mem"

	"github.com/go-own/own"
)

// What it costs to make locks and owners, and to have them.

var (
	kept     any // makes what is kept here escape to the heap
	keptArcs [1]*own.Arc[int]
)

func createWorkloads() []*workload {
	return []*workload{
		{
			name:  "Create/mutex",
			what:  "make a lock on the heap",
			alone: true,
			rust:  "rust.Mutex",
			sides: []side{
				made("sync.Mutex", func() { kept = new(counter) }),
				made("own.Mutex", func() { m := own.NewMutex(0); kept = &m }),
			},
		},
		{
			name:  "Create/arc",
			what:  "make a shared value, drop it",
			alone: true,
			rust:  "rust.Arc",
			sides: []side{
				made("new", func() { kept = new([2]int) }),
				made("own.Arc", func() { a := own.NewArc(0); a.Drop() }),
			},
		},
		{
			name:  "Stored/clone",
			what:  "make an owner, store it in a slice, drop it",
			alone: true,
			sides: []side{
				made("new", func() { kept = new(*int) }),
				{"own.Arc", func() (func(int) float64, func()) {
					a := own.NewArc(0)
					return timed(func(n int) {
						for range n {
							keptArcs[0] = a.Clone()
							keptArcs[0].Drop()
						}
					}), a.Drop
				}},
			},
		},
		sizes("Size/mutex", "bytes on the heap for each lock over an int", []side{
			size("sync.Mutex", func() any { return new(counter) }),
			size("own.Mutex", func() any { m := own.NewMutex(0); return &m }),
			size("channel", func() any { return newSlot(nil) }),
			size("semaphore.Weighted", func() any { return newWeighted(nil) }),
		}, "rust.Mutex"),
		sizes("Size/rwlock", "the same for many readers or one writer", []side{
			size("sync.RWMutex", func() any { return new(shared) }),
			size("own.RWMutex", func() any { m := own.NewRWMutex(0); return &m }),
			size("xsync.RBMutex", func() any { return newBiased() }),
		}, "rust.RwLock"),
		sizes("Size/arc", "bytes on the heap for each shared int, its first owner included", []side{
			size("new", func() any { return new(int) }),
			size("own.Arc", func() any { return own.NewArc(0) }),
			size("grpc.Buffer", func() any { b := make([]byte, 8); return mem.NewBuffer(&b, nil) }),
		}, "rust.Arc"),
		sizes("Size/handle", "bytes on the heap for each further owner that is stored", []side{
			{"own.Arc", func() (func(int) float64, func()) {
				a := own.NewArc(0)
				return heap(func() any { return a.Clone() }), nil
			}},
		}, "rust.Arc"),
	}
}

func sizes(name, what string, sides []side, rust string) *workload {
	return &workload{name: name, what: what, alone: true, n: 10_000, unit: "B", rust: rust, sides: sides}
}

func made(name string, f func()) side {
	return side{name, func() (func(int) float64, func()) {
		return timed(func(n int) {
			for range n {
				f()
			}
		}), nil
	}}
}

func size(name string, f func() any) side {
	return side{name, func() (func(int) float64, func()) { return heap(f), nil }}
}

// heap returns the lap that says how many bytes each of what f returns has on the heap. The
// size of a type does not say it: the allocator rounds up, and a thing may have parts.
func heap(f func() any) func(n int) float64 {
	return func(n int) float64 {
		all := make([]any, n)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range all {
			all[i] = f()
		}
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(all)
		return float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
	}
}
