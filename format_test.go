package own_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// Rust's format, but for the quotes that Rust 1.95 puts around <locked>.
func TestFormatMutex(t *testing.T) {
	m := own.NewMutex(6)
	require.Equal(t, "Mutex { data: 6, poisoned: false, .. }", fmt.Sprint(&m))
	g := m.MustLock()
	require.Equal(t, "Mutex { data: <locked>, poisoned: false, .. }", fmt.Sprint(&m))
	require.Equal(t, "6", fmt.Sprint(g))
	g.Unlock()
	require.Equal(t, "<unlocked>", fmt.Sprint(g))

	poison(&m, "boom")
	require.Equal(t, "Mutex { data: 6, poisoned: true, .. }", fmt.Sprint(&m), "formatting does not panic or refuse")
	g = m.LockIgnorePoison()
	require.Equal(t, "Mutex { data: <locked>, poisoned: true, .. }", fmt.Sprint(&m))
	g.Unlock()
	requirePoisoned(t, &m, "boom")
}

type point struct{ X, Y int }

type celsius float64

func (c *celsius) String() string { return fmt.Sprintf("%.1f°C", float64(*c)) } // pointer receiver

type secret string

func (secret) String() string   { return "***" }
func (secret) GoString() string { return "secret(***)" }

type failed struct{ code int }

func (f failed) Error() string { return fmt.Sprint("failure ", f.code) }

type guarded struct {
	mu sync.Mutex
	n  int
}

type nested struct {
	Name  string
	inner [2]own.Mutex[int]
}

// The value is formatted as fmt does, with verb and flags, but also by methods
// with a pointer receiver; and never by reading a lock's insides.
func TestFormatValue(t *testing.T) {
	type formatter interface{ Format(fmt.State, rune) }
	arc := func(a interface {
		formatter
		Drop()
	}) formatter {
		t.Cleanup(a.Drop)
		return a
	}
	inner := own.NewMutex(1)
	for _, test := range []struct {
		format string
		v      formatter
		want   string
	}{
		{"%v", arc(own.NewArc(point{1, 2})), "{1 2}"},
		{"%+v", arc(own.NewArc(point{1, 2})), "{X:1 Y:2}"},
		{"%#v", arc(own.NewArc(point{1, 2})), "own_test.point{X:1, Y:2}"},
		{"%05d|", arc(own.NewArc(42)), "00042|"},
		{"%-5d|", arc(own.NewArc(42)), "42   |"},
		{"%x", arc(own.NewArc("hi")), "6869"},
		{"%q", arc(own.NewArc("hi")), `"hi"`},
		{"%6.2f", arc(own.NewArc(3.14159)), "  3.14"},
		{"%v", arc(own.NewArc(celsius(20))), "20.0°C"},
		{"%s", arc(own.NewArc(celsius(20))), "20.0°C"},
		{"%.2f", arc(own.NewArc(celsius(20))), "20.00"},
		{"%v", arc(own.NewArc(secret("pw"))), "***"},
		{"%#v", arc(own.NewArc(secret("pw"))), "secret(***)"},
		{"%v", arc(own.NewArc(failed{7})), "failure 7"},
		{"%d", arc(own.NewArc(failed{7})), "{7}"},
		{"%v", arc(own.NewArc[error](failed{7})), "failure 7"},
		{"%v", arc(own.NewArc[error](nil)), "<nil>"},
		{"%v", arc(own.NewArc[any](nil)), "<nil>"},
		{"%v", arc(own.NewArc([]byte("ab"))), "[97 98]"},
		{"%s", arc(own.NewArc([]byte("ab"))), "ab"},
		{"%v", arc(own.NewArc(own.NewMutex(1))), "Mutex { data: 1, poisoned: false, .. }"},
		{"%v", &inner, "Mutex { data: 1, poisoned: false, .. }"},
		{"%03d", &inner, "Mutex { data: 001, poisoned: false, .. }"},
		{"%v", arc(own.ArcFrom(&guarded{}, nil)), "own_test.guarded{..}"},
		{"%v", arc(own.ArcFrom(&nested{}, nil)), "own_test.nested{..}"},
		{"%v", arc(own.ArcFrom(new(atomic.Int64), nil)), "atomic.Int64{..}"},
	} {
		require.Equal(t, test.want, fmt.Sprintf(test.format, test.v), "%s of %T", test.format, test.v)
	}
}

// A struct that holds a pointer to a lock prints without touching what the lock
// guards, or through the lock.
func TestFormatStructWithLock(t *testing.T) {
	m := own.NewMutex(1)
	a := own.NewArc(2)
	defer a.Drop()
	type service struct {
		Lock   *own.Mutex[int]
		Owner  *own.Arc[int]
		hidden *own.Mutex[int]
	}
	s := service{&m, a, &m}
	require.Regexp(t, `^\{Lock:Mutex \{ data: 1, poisoned: false, \.\. \} Owner:2 hidden:0x[0-9a-f]+\}$`, fmt.Sprintf("%+v", s))
	g := m.MustLock()
	defer g.Unlock()
	require.Contains(t, fmt.Sprintf("%+v", s), "<locked>")
}

// Nil handles print as fmt prints nil.
func TestFormatNil(t *testing.T) {
	require.Equal(t, "<nil>", fmt.Sprint((*own.Mutex[int])(nil)))
	require.Equal(t, "<nil>", fmt.Sprint((*own.Guard[int])(nil)))
	require.Equal(t, "<nil>", fmt.Sprint((*own.Arc[int])(nil)))
	require.Equal(t, "<nil>", fmt.Sprint((*own.AtomicArc[int])(nil)))
}

// formatFails is a value whose formatting goes wrong in a given way.
type formatFails struct{ how func() }

func (f formatFails) String() string { f.how(); return "formatted" }

// Whatever a formatting method of the value does, the lock is released, and the
// value, which was only read, is not poisoned.
func TestFormatMethodFails(t *testing.T) {
	m := own.NewMutex(formatFails{func() { panic("boom") }})
	require.Contains(t, fmt.Sprint(&m), "PANIC=String method: boom")
	requireHealthy(t, &m)

	m = own.NewMutex(formatFails{runtime.Goexit})
	how, _ := finish(func() { _ = fmt.Sprint(&m) })
	require.Equal(t, exited, how)
	requireHealthy(t, &m)
}

// A formatting method that comes back to the lock finds it locked, and does not
// wait for it.
func TestFormatReentrant(t *testing.T) {
	var m own.Mutex[formatFails]
	var inner string
	m.MustWith(func(v *formatFails) { v.how = func() { inner = fmt.Sprint(&m) } })
	require.Equal(t, "Mutex { data: formatted, poisoned: false, .. }", fmt.Sprint(&m))
	require.Equal(t, "Mutex { data: <locked>, poisoned: false, .. }", inner)
}

// Formatting is for log lines: it may run beside everything else.
func TestFormatConcurrently(t *testing.T) {
	m := own.NewMutex(map[int]int{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 200 {
				m.MustWith(func(v *map[int]int) { (*v)[i]++ })
			}
		})
		wg.Go(func() {
			for range 200 {
				if s := fmt.Sprint(&m); !bytes.HasPrefix([]byte(s), []byte("Mutex { data: ")) {
					panic(s)
				}
			}
		})
	}
	wg.Wait()
	requireHealthy(t, &m)
}

// The errors say what they are about, and are told apart.
func TestErrors(t *testing.T) {
	errs := []error{own.ErrPoisoned, own.ErrWouldBlock, own.ErrGoexit}
	for i, a := range errs {
		require.Regexp(t, "^own: ", a.Error())
		for j, b := range errs {
			require.Equal(t, i == j, errors.Is(a, b))
		}
	}
}
