package verify

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/go-own/own"
)

// A pair is a value with a part.
type pair struct{ A, B int }

// A guardModel is a Guard, and what is known of it.
type guardModel struct {
	g      *own.Guard[pair]
	live   bool
	awaits int // how often Await has been called on it
}

// A mappedModel is a MappedGuard, and what is known of it.
type mappedModel struct {
	g      *own.MappedGuard[int]
	parent *guardModel
	awaits int // those of the parent when it was made
}

// visible reports whether Value works.
func (m *mappedModel) visible() bool { return m.parent.live && m.awaits == m.parent.awaits }

// A mutexMachine is a Mutex beside its model.
type mutexMachine struct {
	m     own.Mutex[pair]
	heard int // of poisonings, by OnPoison
	value pair
	held  bool
	poisoning
	guards []*guardModel // with those that were released
	mapped []*mappedModel
}

func TestMutexProperties(t *testing.T) { rapid.Check(t, mutexProperties) }

func mutexProperties(t *rapid.T) {
	v := pair{aNumber(t), aNumber(t)}
	m := &mutexMachine{m: own.NewMutex(v), value: v}
	defer own.OnPoison(func(*own.PoisonError) { m.heard++ })()
	t.Repeat(actions{
		"":            m.check,
		"lock":        m.lock,
		"lock when":   m.lockWhen,
		"value":       some(&m.guards, m.useValue),
		"await":       some(&m.guards, m.await),
		"map":         some(&m.guards, m.mapGuard),
		"mapped":      some(&m.mapped, m.useMapped),
		"unlock":      some(&m.guards, m.unlock),
		"section":     m.section,
		"load":        m.load,
		"repair":      m.repair,
		"clear":       func(t *rapid.T) { m.m.ClearPoison(); m.clear() },
		"into inner":  m.intoInner,
		"nil handles": m.nilHandles,
		"nil args":    m.nilArguments,
	})
}

// check compares what can be seen of the Mutex with the model.
func (m *mutexMachine) check(t *rapid.T) {
	require.Equal(t, m.cause != nil, m.m.IsPoisoned())
	require.Equal(t, m.told, m.heard, "OnPoison hooks")
	data := fmt.Sprint(m.value)
	if m.held {
		data = "<locked>"
	}
	require.Equal(t, fmt.Sprintf("Mutex { data: %s, poisoned: %t, .. }", data, m.cause != nil), fmt.Sprint(&m.m))
	g, err := m.m.TryLock()
	switch {
	case m.held:
		require.Equal(t, own.ErrWouldBlock, err)
		require.Nil(t, g)
	case m.cause != nil:
		m.requireRefused(t, err)
		require.Nil(t, g)
	default:
		require.NoError(t, err)
		require.Equal(t, m.value, *g.Value())
		g.Unlock()
	}
	for _, g := range m.guards {
		if g.live {
			require.Equal(t, m.value, *g.g.Value())
			require.Equal(t, fmt.Sprint(m.value), fmt.Sprint(g.g))
		} else {
			requireMisuse(t, func() { g.g.Value() })
			require.Equal(t, "<unlocked>", fmt.Sprint(g.g))
		}
	}
	for _, p := range m.mapped {
		if p.visible() {
			require.Equal(t, m.value.B, *p.g.Value())
		} else {
			requireMisuse(t, func() { p.g.Value() })
		}
	}
}

// got takes what a method that locks came back with, which waited for nothing.
func (m *mutexMachine) got(t *rapid.T, g *own.Guard[pair], err error, trusting bool) {
	if m.cause != nil && trusting {
		m.requireRefused(t, err)
		require.Nil(t, g)
		return
	}
	require.NoError(t, err)
	m.held = true
	m.guards = append(m.guards, &guardModel{g: g, live: true})
}

func (m *mutexMachine) lock(t *rapid.T) {
	how := draw(t, "Lock", "MustLock", "TryLock", "LockContext", "ended", "impatient", "LockIgnorePoison")
	if m.held { // only those that do not wait for long
		how = map[string]string{"ended": "ended", "LockContext": "impatient", "impatient": "impatient"}[how]
	}
	var g *own.Guard[pair]
	var err error
	switch how {
	case "Lock":
		g, err = m.m.Lock()
	case "MustLock":
		if v := recovered(func() { g = m.m.MustLock() }); v != nil {
			err = v.(error)
		}
	case "TryLock":
		g, err = m.m.TryLock()
	case "LockContext":
		g, err = m.m.LockContext(context.Background())
	case "ended":
		g, err = m.m.LockContext(endedContext())
		requireCancelled(t, err)
		require.Nil(t, g)
		return
	case "impatient":
		g, err = m.m.LockContext(newImpatient())
		if m.held {
			requireCancelled(t, err)
			require.Nil(t, g)
			return
		}
	case "LockIgnorePoison":
		m.got(t, m.m.LockIgnorePoison(), nil, false)
		return
	default: // TryLock of a held lock, which check does already
		g, err = m.m.TryLock()
		require.Equal(t, own.ErrWouldBlock, err)
		require.Nil(t, g)
		return
	}
	m.got(t, g, err, true)
}

func (m *mutexMachine) lockWhen(t *rapid.T) {
	if m.held {
		g, err := m.m.LockWhen(newImpatient(), func(*pair) bool { return true })
		requireCancelled(t, err)
		require.Nil(t, g)
		return
	}
	tr, holds, dead := aTrouble(t), rapid.Bool().Draw(t, "holds"), chance(t, 4, "ended")
	ctx := context.Context(newImpatient())
	if dead {
		ctx = endedContext()
	}
	calls := 0
	cond := func(v *pair) bool {
		if calls++; *v != m.value {
			panic("the condition sees another value")
		}
		tr.make()
		return holds
	}
	var g *own.Guard[pair]
	var err error
	switch {
	case dead:
		g, err = m.m.LockWhen(ctx, cond)
		requireCancelled(t, err)
		require.Nil(t, g)
		require.Zero(t, calls, "the context comes first")
	case m.cause != nil:
		g, err = m.m.LockWhen(ctx, cond)
		m.requireRefused(t, err)
		require.Nil(t, g)
		require.Zero(t, calls, "nobody judges a value that is half updated")
	case tr != none:
		tr.during(t, func() { _, _ = m.m.LockWhen(ctx, cond) })
		m.set(tr.cause())
	case !holds:
		g, err = m.m.LockWhen(ctx, cond)
		requireCancelled(t, err)
		require.Nil(t, g)
	default:
		g, err = m.m.LockWhen(ctx, cond)
		m.got(t, g, err, true)
	}
}

func (m *mutexMachine) useValue(t *rapid.T) {
	g, v := m.guards[index(t, len(m.guards))], pair{aNumber(t), aNumber(t)}
	if !g.live {
		requireMisuse(t, func() { *g.g.Value() = v })
		return
	}
	*g.g.Value() = v
	m.value = v
}

func (m *mutexMachine) await(t *rapid.T) {
	g := m.guards[index(t, len(m.guards))]
	tr, holds, dead := aTrouble(t), rapid.Bool().Draw(t, "holds"), chance(t, 4, "ended")
	ctx := context.Context(newImpatient())
	if dead {
		ctx = endedContext()
	}
	calls := 0
	cond := func(v *pair) bool {
		if calls++; *v != m.value {
			panic("the condition sees another value")
		}
		tr.make()
		return holds
	}
	if !g.live {
		requireMisuse(t, func() { _ = g.g.Await(ctx, cond) })
		require.Zero(t, calls)
		return
	}
	g.awaits++
	switch {
	case dead:
		requireCancelled(t, g.g.Await(ctx, cond))
		require.Zero(t, calls)
		g.live, m.held = false, false
	case tr != none:
		tr.during(t, func() { _ = g.g.Await(ctx, cond) })
		g.live, m.held = false, false
		m.set(tr.cause())
	case !holds:
		requireCancelled(t, g.g.Await(ctx, cond))
		g.live, m.held = false, false
	default: // poison that is there is ignored, as it was by LockIgnorePoison
		require.NoError(t, g.g.Await(ctx, cond))
	}
}

func (m *mutexMachine) mapGuard(t *rapid.T) {
	g := m.guards[index(t, len(m.guards))]
	tr, empty := aTrouble(t), chance(t, 4, "empty")
	part := func(v *pair) *int {
		tr.make()
		if empty {
			return nil
		}
		return &v.B
	}
	switch {
	case !g.live:
		requireMisuse(t, func() { own.MapGuard(g.g, part) })
	case tr != none:
		tr.during(t, func() { own.MapGuard(g.g, part) })
		g.live, m.held = false, false
		m.set(tr.cause())
	case empty:
		require.Nil(t, own.MapGuard(g.g, part))
	default:
		m.mapped = append(m.mapped, &mappedModel{g: own.MapGuard(g.g, part), parent: g, awaits: g.awaits})
	}
}

func (m *mutexMachine) useMapped(t *rapid.T) {
	p, v := m.mapped[index(t, len(m.mapped))], aNumber(t)
	if !p.visible() {
		requireMisuse(t, func() { *p.g.Value() = v })
		return
	}
	*p.g.Value() = v
	m.value.B = v
}

// unlock releases a guard of either kind, live or not, by itself or deferred past
// some trouble.
func (m *mutexMachine) unlock(t *rapid.T) {
	i := index(t, len(m.guards)+len(m.mapped))
	var g interface{ Unlock() }
	var of *guardModel
	if i < len(m.guards) {
		g, of = m.guards[i].g, m.guards[i]
	} else {
		p := m.mapped[i-len(m.guards)]
		g, of = p.g, p.parent
	}
	tr := aTrouble(t)
	tr.during(t, func() {
		defer g.Unlock()
		tr.make()
	})
	if of.live {
		of.live, m.held = false, false
		if tr == panics { // it does not see a Goexit
			m.set(errBoom)
		}
	}
}

// section is a section in a function.
func (m *mutexMachine) section(t *rapid.T) {
	if m.held {
		return // it would wait
	}
	how, tr, v := draw(t, "With", "WithErr", "fails", "MustWith"), aTrouble(t), pair{aNumber(t), aNumber(t)}
	called, failed := false, errors.New("failed")
	f := func(p *pair) { called, *p = true, v; tr.make() }
	var err error
	run := func() {
		switch how {
		case "With":
			err = m.m.With(f)
		case "WithErr":
			err = m.m.WithErr(func(p *pair) error { f(p); return nil })
		case "fails":
			err = m.m.WithErr(func(p *pair) error { f(p); return failed })
		case "MustWith":
			m.m.MustWith(f)
		}
	}
	if m.cause != nil {
		if v := recovered(run); v != nil {
			require.Equal(t, "MustWith", how)
			err = v.(error)
		}
		require.False(t, called)
		m.requireRefused(t, err)
		return
	}
	tr.during(t, run)
	require.True(t, called)
	m.value = v
	switch {
	case tr != none:
		m.set(tr.cause())
	case how == "fails":
		require.Equal(t, failed, err)
	default:
		require.NoError(t, err)
	}
}

// load is Load, Store and Swap.
func (m *mutexMachine) load(t *rapid.T) {
	if m.held {
		return // it would wait
	}
	how, v := draw(t, "Load", "Store", "Swap"), pair{aNumber(t), aNumber(t)}
	var got pair
	var err error
	switch how {
	case "Load":
		got, err = m.m.Load()
	case "Store":
		err = m.m.Store(v)
	case "Swap":
		got, err = m.m.Swap(v)
	}
	if m.cause != nil {
		m.requireRefused(t, err)
		require.Zero(t, got)
		return
	}
	require.NoError(t, err)
	if how != "Store" {
		require.Equal(t, m.value, got)
	}
	if how != "Load" {
		m.value = v
	}
}

func (m *mutexMachine) repair(t *rapid.T) {
	if m.held {
		return // it would wait
	}
	tr, fails, v := aTrouble(t), chance(t, 3, "fails"), pair{aNumber(t), aNumber(t)}
	failed := errors.New("failed")
	var cause, err error
	run := func() {
		err = m.m.Repair(func(p *pair, e *own.PoisonError) error {
			cause, *p = e, v
			tr.make()
			if fails {
				return failed
			}
			return nil
		})
	}
	if m.cause == nil {
		run()
		require.NoError(t, err)
		require.Nil(t, cause, "there was nothing to repair")
		return
	}
	tr.during(t, run)
	m.requireRefused(t, cause)
	m.value = v
	switch {
	case tr != none: // the first cause stays, and no hook is told
	case fails:
		require.Equal(t, failed, err)
	default:
		require.NoError(t, err)
		m.clear()
	}
}

func (m *mutexMachine) intoInner(t *rapid.T) {
	if m.held {
		requireMisuse(t, func() { _, _ = m.m.IntoInner() })
		return
	}
	v, err := m.m.IntoInner()
	if m.cause != nil {
		m.requireRefused(t, err)
		require.Zero(t, v)
		return
	}
	require.NoError(t, err)
	require.Equal(t, m.value, v)
	m.value = pair{}
}

func (m *mutexMachine) nilHandles(t *rapid.T) {
	var g *own.Guard[pair]
	var p *own.MappedGuard[int]
	g.Unlock()
	p.Unlock()
	new(own.Guard[pair]).Unlock()
	new(own.MappedGuard[int]).Unlock()
	requireMisuse(t, func() { g.Value() })
	requireMisuse(t, func() { p.Value() })
	requireMisuse(t, func() { new(own.Guard[pair]).Value() })
	requireMisuse(t, func() { new(own.MappedGuard[int]).Value() })
	requireMisuse(t, func() { _ = g.Await(context.Background(), func(*pair) bool { return true }) })
	requireMisuse(t, func() { own.MapGuard(g, func(v *pair) *int { return &v.B }) })
}

// nilArguments is misuse that leaves everything as it was. Under a guard it does so
// only until the guard is unlocked.
func (m *mutexMachine) nilArguments(t *rapid.T) {
	always := func(*pair) bool { return true }
	requireMisuse(t, func() { _ = m.m.With(nil) })
	requireMisuse(t, func() { _ = m.m.WithErr(nil) })
	requireMisuse(t, func() { m.m.MustWith(nil) })
	requireMisuse(t, func() { _ = m.m.Repair(nil) })
	requireMisuse(t, func() { _, _ = m.m.LockContext(nil) })      //nolint:staticcheck // that is the point
	requireMisuse(t, func() { _, _ = m.m.LockWhen(nil, always) }) //nolint:staticcheck // that is the point
	requireMisuse(t, func() { _, _ = m.m.LockWhen(context.Background(), nil) })
	for _, g := range m.guards {
		requireMisuse(t, func() { _ = g.g.Await(nil, always) }) //nolint:staticcheck // that is the point
		requireMisuse(t, func() { _ = g.g.Await(context.Background(), nil) })
		requireMisuse(t, func() { own.MapGuard[pair, int](g.g, nil) })
	}
}
