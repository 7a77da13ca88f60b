package verify

import (
	"context"
	"errors"
	"runtime"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/go-own/own"
)

// Random calls by one goroutine, in any order that there is, misuse included. Beside
// each type goes a model, a few plain fields. After each call the two are compared
// by all that can be seen from outside.
//
// All draws are made before the call that they are for, and none in a function that
// is called by the library: rapid ends a property by a panic, which a lock would
// take for one of its own.

// actions are what rapid chooses from.
type actions = map[string]func(*rapid.T)

// requireMisuse fails t unless f panics as all misuse does.
func requireMisuse(t *rapid.T, f func()) {
	t.Helper()
	v := recovered(f)
	require.IsType(t, "", v, "misuse did not panic, or not with a text")
	require.Regexp(t, "^own: .+", v)
}

// chance draws true with a probability of one in n.
func chance(t *rapid.T, n int, what string) bool {
	return rapid.IntRange(1, n).Draw(t, what) == n
}

// draw draws one of some names.
func draw(t *rapid.T, names ...string) string { return rapid.SampledFrom(names).Draw(t, "how") }

// some makes f do nothing while the list that it draws from is empty. An action that
// is not possible does nothing: were it skipped, the fuzzer would soon come with an
// input that skips until rapid gives up.
func some[E any](list *[]E, f func(*rapid.T)) func(*rapid.T) {
	return func(t *rapid.T) {
		if len(*list) > 0 {
			f(t)
		}
	}
}

// index draws a position in a list of n, which is not 0. rapid prefers small numbers;
// here, what was made last, for that is still of use.
func index(t *rapid.T, n int) int {
	return n - rapid.IntRange(1, n).Draw(t, "which from the end")
}

// aNumber draws a value to store.
func aNumber(t *rapid.T) int { return rapid.IntRange(0, 9).Draw(t, "value") }

// errWhy is the cause of a context's end.
var errWhy = errors.New("nobody wants it any more")

// endedContext returns a context that has ended.
func endedContext() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errWhy)
	return ctx
}

// impatient is a context that ends as soon as somebody begins to wait for that. So
// one goroutine can go through a wait, from the queue to giving up.
type impatient struct {
	context.Context
	cancel context.CancelCauseFunc
}

func newImpatient() impatient {
	ctx, cancel := context.WithCancelCause(context.Background())
	return impatient{ctx, cancel}
}

func (c impatient) Done() <-chan struct{} {
	c.cancel(errWhy)
	return c.Context.Done()
}

// requireCancelled fails t unless err is that of one of the contexts above.
func requireCancelled(t *rapid.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, errWhy)
}

// A trouble is how a critical section ends if it does not just return.
type trouble string

const (
	none   trouble = "returns"
	panics trouble = "panics"
	exits  trouble = "exits"
)

// errBoom is what functions of these tests panic with.
var errBoom = errors.New("boom")

// aTrouble draws one.
func aTrouble(t *rapid.T) trouble {
	return trouble(draw(t, string(none), string(none), string(panics), string(exits)))
}

// make makes it, at the end of a function.
func (tr trouble) make() {
	switch tr {
	case panics:
		panic(errBoom)
	case exits:
		runtime.Goexit()
	}
}

// during runs f, which makes the trouble, and fails t unless that comes out of it.
func (tr trouble) during(t *rapid.T, f func()) {
	t.Helper()
	switch tr {
	case none:
		f()
	case panics:
		require.Equal(t, errBoom, recovered(f), "the panic has to go on")
	case exits:
		value, returned := finish(f)
		require.Nil(t, value)
		require.False(t, returned, "the Goexit has to go on")
	}
}

// cause is the Value of the poison that the trouble leaves.
func (tr trouble) cause() any {
	if tr == exits {
		return own.ErrGoexit
	}
	return errBoom
}

// A poisoning is the model of the poison of a lock.
type poisoning struct {
	cause any   // nil while the lock is healthy
	err   error // what the lock returned first for this cause
	told  int   // how often OnPoison hooks have been told of one
}

// set is a section that fails. The first cause is kept.
func (p *poisoning) set(cause any) {
	if p.cause == nil {
		p.cause, p.err = cause, nil
		p.told++
	}
}

func (p *poisoning) clear() { p.cause, p.err = nil, nil }

// requireRefused fails t unless err is the PoisonError of the cause, and the same
// for all callers.
func (p *poisoning) requireRefused(t *rapid.T, err error) {
	t.Helper()
	require.NotNil(t, p.cause, "refused, though healthy: %v", err)
	require.ErrorIs(t, err, own.ErrPoisoned)
	perr, isPoison := errors.AsType[*own.PoisonError](err)
	require.True(t, isPoison)
	require.Equal(t, p.cause, perr.Value)
	require.NotErrorIs(t, err, errBoom, "what one panicked with is not the other's error")
	require.NotEmpty(t, perr.Stack)
	if p.err != nil {
		require.Same(t, p.err, err)
	}
	p.err = err
}
