package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A made-up run with the workloads and sides of a real one. The figures are plausible, and
// nobody measured them.

var fakeHead = []setting{
	{"goos", "linux"},
	{"goarch", "amd64"},
	{"cpu", "Made-up Processor 7000"},
	{"cpus", "2"},
	{"go", "go1.26.8"},
	{"rust", "rustc 1.90.0 (1159e78c4 2025-09-14)"},
	{"date", "2026-11-25T12:00:00Z"},
	{"own", "v0.9.0-3-gabcdef0"},
	{"modules", "golang.org/x/sync@v0.23.0 tailscale.com@v1.96.0"},
}

// fakeWork are the workloads, with the sides and their figures in turns.
var fakeWork = []struct {
	name  string
	unit  string
	sides []any
}{
	{"Lock/increment", "", []any{"sync.Mutex", 5.02, "sync.Mutex-direct", 4.4, "by-hand", 8.0, "own.With", 7.9, "own.Guard-direct", 7.4, "own.Guard-deferred", 8.4, "own.Guard-checked", 8.9, "tailscale.MutexValue", 5.5, "semaphore.Weighted", 31.0, "channel", 44.0, "rust.Mutex", 5.3}},
	{"Lock/context", "", []any{"semaphore.Weighted", 17.1, "channel", 61.0, "own.LockContext", 11.1}},
	{"Contended/empty/2", "", []any{"sync.Mutex", 21.0, "own.With", 31.0, "own.Guard", 33.0, "tailscale.MutexValue", 22.0, "semaphore.Weighted", 160.0, "channel", 120.0, "rust.Mutex", 24.0}},
	{"Contended/empty/10", "", []any{"sync.Mutex", 31.0, "own.With", 44.0, "own.Guard", 45.0, "tailscale.MutexValue", 32.0, "semaphore.Weighted", 310.0, "channel", 150.0, "rust.Mutex", 28.0}},
	{"Contended/empty/100", "", []any{"sync.Mutex", 41.0, "own.With", 60.0, "own.Guard", 62.0, "tailscale.MutexValue", 42.0, "semaphore.Weighted", 370.0, "channel", 180.0, "rust.Mutex", 29.0}},
	{"Contended/200ns/2", "", []any{"sync.Mutex", 251.0, "own.With", 260.0, "own.Guard", 262.0, "tailscale.MutexValue", 252.0, "semaphore.Weighted", 420.0, "channel", 310.0, "rust.Mutex", 240.0}},
	{"Contended/200ns/10", "", []any{"sync.Mutex", 262.0, "own.With", 270.0, "own.Guard", 271.0, "tailscale.MutexValue", 263.0, "semaphore.Weighted", 530.0, "channel", 350.0, "rust.Mutex", 250.0}},
	{"Contended/200ns/100", "", []any{"sync.Mutex", 270.0, "own.With", 283.0, "own.Guard", 285.0, "tailscale.MutexValue", 272.0, "semaphore.Weighted", 560.0, "channel", 370.0, "rust.Mutex", 251.0}},
	{"Contended/map/2", "", []any{"sync.Mutex", 51.0, "own.With", 60.0, "own.Guard", 61.0, "tailscale.MutexValue", 52.0, "semaphore.Weighted", 220.0, "channel", 170.0, "rust.Mutex", 62.0}},
	{"Contended/map/10", "", []any{"sync.Mutex", 62.0, "own.With", 71.0, "own.Guard", 73.0, "tailscale.MutexValue", 63.0, "semaphore.Weighted", 330.0, "channel", 190.0, "rust.Mutex", 65.0}},
	{"Contended/map/100", "", []any{"sync.Mutex", 70.0, "own.With", 83.0, "own.Guard", 85.0, "tailscale.MutexValue", 72.0, "semaphore.Weighted", 360.0, "channel", 210.0, "rust.Mutex", 66.0}},
	{"Goroutines/1", "", []any{"sync.Mutex", 5.1, "own.With", 8.0}},
	{"Goroutines/2", "", []any{"sync.Mutex", 21.0, "own.With", 31.0}},
	{"Goroutines/4", "", []any{"sync.Mutex", 25.0, "own.With", 35.0}},
	{"Goroutines/8", "", []any{"sync.Mutex", 30.0, "own.With", 41.0}},
	{"Turns/2", "", []any{"sync.Cond", 160.0, "own.Await", 500.0, "channel", 210.0, "rust.Condvar", 5100.0}},
	{"Queue/1x1", "", []any{"sync.Cond", 70.0, "own.LockWhen", 110.0, "channel", 60.0, "rust.Condvar", 90.0}},
	{"Queue/4x4", "", []any{"sync.Cond", 170.0, "own.LockWhen", 310.0, "channel", 90.0, "rust.Condvar", 1500.0}},
	{"Waiters/1", "", []any{"sync.Mutex", 200.0, "own.LockContext", 240.0}},
	{"Waiters/10", "", []any{"sync.Mutex", 210.0, "own.LockContext", 250.0}},
	{"Waiters/100", "", []any{"sync.Mutex", 220.0, "own.LockContext", 280.0}},
	{"Waiters/1000", "", []any{"sync.Mutex", 260.0, "own.LockContext", 310.0}},
	{"Waiters/10000", "", []any{"sync.Mutex", 410.0, "own.LockContext", 500.0}},
	{"Conditions/0", "", []any{"own.LockWhen", 8.0}},
	{"Conditions/1", "", []any{"own.LockWhen", 500.0}},
	{"Conditions/10", "", []any{"own.LockWhen", 560.0}},
	{"Conditions/100", "", []any{"own.LockWhen", 1200.0}},
	{"Conditions/1000", "", []any{"own.LockWhen", 9100.0}},
	{"RW/read", "", []any{"sync.RWMutex", 9.1, "own.RWMutex", 16.0, "xsync.RBMutex", 7.9, "rust.RwLock", 8.2}},
	{"RW/write", "", []any{"sync.RWMutex", 11.1, "own.RWMutex", 20.0, "xsync.RBMutex", 24.0, "rust.RwLock", 5.4}},
	{"RW/99", "", []any{"sync.RWMutex", 40.0, "own.RWMutex", 51.0, "xsync.RBMutex", 20.0, "rust.RwLock", 45.0, "sync.Mutex", 36.0, "own.Mutex", 46.0}},
	{"RW/90", "", []any{"sync.RWMutex", 90.0, "own.RWMutex", 105.0, "xsync.RBMutex", 140.0, "rust.RwLock", 80.0, "sync.Mutex", 41.0, "own.Mutex", 51.0}},
	{"RW/50", "", []any{"sync.RWMutex", 130.0, "own.RWMutex", 150.0, "xsync.RBMutex", 700.0, "rust.RwLock", 88.0, "sync.Mutex", 52.0, "own.Mutex", 61.0}},
	{"Count/clone", "", []any{"two-adds", 8.5, "own.Arc", 9.0, "own.Rc", 6.1, "grpc.Buffer", 13.0, "rust.Arc", 8.6}},
	{"Count/upgrade", "", []any{"two-adds", 8.5, "floor", 9.6, "own.Weak", 10.4, "weak.Pointer", 6.0, "rust.Weak", 9.3}},
	{"Owners/1", "", []any{"two-adds", 8.6, "own.Arc", 9.1, "grpc.Buffer", 14.0, "rust.Arc", 8.6}},
	{"Owners/2", "", []any{"two-adds", 31.0, "own.Arc", 33.0, "grpc.Buffer", 40.0, "rust.Arc", 30.0}},
	{"Owners/4", "", []any{"two-adds", 32.0, "own.Arc", 33.0, "grpc.Buffer", 41.0, "rust.Arc", 30.0}},
	{"Owners/16", "", []any{"two-adds", 32.0, "own.Arc", 34.0, "grpc.Buffer", 42.0, "rust.Arc", 31.0}},
	{"Live/1", "", []any{"two-adds", 8.5, "own.Arc", 9.0}},
	{"Live/1000", "", []any{"two-adds", 8.5, "own.Arc", 9.0}},
	{"Live/1000000", "", []any{"two-adds", 8.5, "own.Arc", 9.1}},
	{"Count/load", "", []any{"RWMutex+count", 26.0, "own.AtomicArc", 15.0, "atomic.Pointer", 0.6, "rust.RwLock+Arc", 17.0}},
	{"Swap/1", "", []any{"RWMutex+count", 26.0, "own.AtomicArc", 15.0, "atomic.Pointer", 0.6, "RWMutex+grpc.Buffer", 31.0, "rust.RwLock+Arc", 17.0}},
	{"Swap/4", "", []any{"RWMutex+count", 70.0, "own.AtomicArc", 60.0, "atomic.Pointer", 0.4, "RWMutex+grpc.Buffer", 81.0, "rust.RwLock+Arc", 66.0}},
	{"Swap/16", "", []any{"RWMutex+count", 72.0, "own.AtomicArc", 61.0, "atomic.Pointer", 0.4, "RWMutex+grpc.Buffer", 83.0, "rust.RwLock+Arc", 68.0}},
	{"Size/mutex", "B", []any{"sync.Mutex", 16.0, "own.Mutex", 48.0}},
	{"Size/handle", "B", []any{"own.Arc", 8.0, "rust.Arc", 8.0}},
	{"Debug/pair", "", []any{"sync.Mutex", 5.2, "own.debug", 1900.0, "go-deadlock", 2400.0, "linkdata.deadlock", 900.0}},
	{"Debug/held/0", "", []any{"sync.Mutex", 5.2, "own.debug", 1900.0, "go-deadlock", 2400.0, "linkdata.deadlock", 900.0}},
	{"Debug/held/1", "", []any{"sync.Mutex", 5.2, "own.debug", 1900.0, "go-deadlock", 2600.0, "linkdata.deadlock", 910.0}},
	{"Debug/held/10", "", []any{"sync.Mutex", 5.2, "own.debug", 1910.0, "go-deadlock", 4500.0, "linkdata.deadlock", 1900.0}},
	{"Debug/held/100", "", []any{"sync.Mutex", 5.2, "own.debug", 1920.0, "go-deadlock", 21000.0, "linkdata.deadlock", 9000.0}},
	{"Debug/held/1000", "", []any{"sync.Mutex", 5.2, "own.debug", 1950.0, "go-deadlock", 210000.0, "linkdata.deadlock", 90000.0}},
	{"Debug/inside/1", "", []any{"sync.Mutex", 10.1, "own.debug", 3900.0, "go-deadlock", 5400.0, "linkdata.deadlock", 2900.0}},
	{"Debug/inside/2", "", []any{"sync.Mutex", 15.2, "own.debug", 6900.0, "go-deadlock", 9400.0, "linkdata.deadlock", 4900.0}},
	{"Debug/inside/3", "", []any{"sync.Mutex", 20.3, "own.debug", 9900.0, "go-deadlock", 15400.0, "linkdata.deadlock", 7900.0}},
}

// fakeFile returns a file of results with so many rounds. The figures vary by 1 % or so, and
// in each round the machine is another up to 20 % slower for all. The same seed has the same.
func fakeFile(t testing.TB, head []setting, rounds int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	out, err := newResults(&b, head)
	require.NoError(t, err)
	chance := rand.New(rand.NewPCG(seed, 0))
	for _, f := range fakeWork {
		w := &workload{name: f.name, unit: f.unit}
		for range rounds {
			mood := 1 + 0.2*chance.Float64()
			for i := 0; i < len(f.sides); i += 2 {
				v := f.sides[i+1].(float64)
				if f.unit == "" {
					v *= mood * (1 + 0.02*(chance.Float64()-0.5))
				}
				require.NoError(t, out.add(figure{w, f.sides[i].(string), 5000, v}))
			}
		}
	}
	return b.Bytes()
}

// fakeRun returns the run that is in such a file.
func fakeRun(t testing.TB) *run {
	t.Helper()
	return parse(t, string(fakeFile(t, fakeHead, 15, 1)))
}

// parse returns the run that is in a text.
func parse(t testing.TB, text string) *run {
	t.Helper()
	r, err := readResults(bytes.NewReader([]byte(text)))
	require.NoError(t, err)
	return r
}

// madeUp returns a run of one workload with the given figures.
func madeUp(sides ...*laps) *run {
	return &run{head: fakeHead, workloads: []*measured{{name: "Lock/increment", unit: defaultUnit, sides: sides}}}
}

// steps returns n figures: from, and each step larger than the one before.
func steps(n int, from, step float64) []float64 {
	var all []float64
	for i := range n {
		all = append(all, from+float64(i)*step)
	}
	return all
}

// set returns the head with another value for the key.
func set(head []setting, key, value string) []setting {
	head = slices.Clone(head)
	for i := range head {
		if head[i].key == key {
			head[i].value = value
			return head
		}
	}
	return append(head, setting{key, value})
}

// without returns a copy of r without the sides and workloads that drop says.
func without(r *run, drop func(workload, side string) bool) *run {
	less := &run{head: r.head}
	for _, w := range r.workloads {
		m := &measured{name: w.name, unit: w.unit}
		for _, s := range w.sides {
			if !drop(w.name, s.name) {
				m.sides = append(m.sides, s)
			}
		}
		if len(m.sides) > 0 {
			less.workloads = append(less.workloads, m)
		}
	}
	return less
}
