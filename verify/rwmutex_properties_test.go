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

// A readModel is a ReadGuard, and whether it holds the lock.
type readModel struct {
	g    *own.ReadGuard[int]
	live bool
}

// A writeModel is a WriteGuard, and whether it holds the lock for writing.
type writeModel struct {
	g    *own.WriteGuard[int]
	live bool
}

// An rwmutexMachine is an RWMutex beside its model.
type rwmutexMachine struct {
	m       own.RWMutex[int]
	heard   int // of poisonings, by OnPoison
	value   int
	written bool // a writer holds it
	readers int
	poisoning
	reads  []*readModel // with those that were released
	writes []*writeModel
}

func TestRWMutexProperties(t *testing.T) { rapid.Check(t, rwmutexProperties) }

func rwmutexProperties(t *rapid.T) {
	v := aNumber(t)
	m := &rwmutexMachine{m: own.NewRWMutex(v), value: v}
	defer own.OnPoison(func(*own.PoisonError) { m.heard++ })()
	t.Repeat(actions{
		"":             m.check,
		"lock":         m.lock,
		"rlock":        m.rlock,
		"use":          some(&m.writes, m.use),
		"downgrade":    some(&m.writes, m.downgrade),
		"unlock":       some(&m.writes, m.unlock),
		"runlock":      some(&m.reads, m.runlock),
		"section":      m.section,
		"read section": m.readSection,
		"load":         m.load,
		"repair":       m.repair,
		"clear":        func(*rapid.T) { m.m.ClearPoison(); m.clear() },
		"into inner":   m.intoInner,
		"misuse":       m.misuse,
	})
}

func (m *rwmutexMachine) free() bool { return !m.written && m.readers == 0 }

// check compares what can be seen of the RWMutex with the model.
func (m *rwmutexMachine) check(t *rapid.T) {
	require.Equal(t, m.cause != nil, m.m.IsPoisoned())
	require.Equal(t, m.told, m.heard, "OnPoison hooks")
	data := fmt.Sprint(m.value)
	if m.written {
		data = "<locked>"
	}
	require.Equal(t, fmt.Sprintf("RWMutex { data: %s, poisoned: %t, .. }", data, m.cause != nil), fmt.Sprint(&m.m))

	w, err := m.m.TryLock()
	if m.refused(t, m.free(), err) {
		require.Nil(t, w)
	} else {
		require.Equal(t, m.value, *w.Value())
		w.Unlock()
	}
	r, err := m.m.TryRLock()
	if m.refused(t, !m.written, err) {
		require.Nil(t, r)
	} else {
		require.Equal(t, m.value, *r.Value())
		r.Unlock()
	}

	for _, g := range m.writes {
		if g.live {
			require.Equal(t, m.value, *g.g.Value())
			require.Equal(t, fmt.Sprint(m.value), fmt.Sprint(g.g))
		} else {
			requireMisuse(t, func() { g.g.Value() })
			require.Equal(t, "<unlocked>", fmt.Sprint(g.g))
		}
	}
	for _, g := range m.reads {
		if g.live {
			require.Equal(t, m.value, *g.g.Value())
			require.Equal(t, fmt.Sprint(m.value), fmt.Sprint(g.g))
		} else {
			requireMisuse(t, func() { g.g.Value() })
			require.Equal(t, "<unlocked>", fmt.Sprint(g.g))
		}
	}
}

// refused fails t unless err is what a Try has to return. It reports whether it is
// an error.
func (m *rwmutexMachine) refused(t *rapid.T, free bool, err error) bool {
	t.Helper()
	switch {
	case !free:
		require.Equal(t, own.ErrWouldBlock, err)
	case m.cause != nil:
		m.requireRefused(t, err)
	default:
		require.NoError(t, err)
	}
	return err != nil
}

func (m *rwmutexMachine) lock(t *rapid.T) {
	how := draw(t, "Lock", "MustLock", "TryLock", "LockContext", "ended", "impatient", "LockIgnorePoison")
	// One who learns of poison does not have to wait for readers.
	waits := m.written || m.readers > 0 && (m.cause == nil || how == "LockIgnorePoison")
	if waits && how != "TryLock" && how != "ended" {
		how = "impatient"
	}
	var g *own.WriteGuard[int]
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
		if m.refused(t, m.free(), err) {
			require.Nil(t, g)
			return
		}
	case "LockContext":
		g, err = m.m.LockContext(context.Background())
	case "ended":
		g, err = m.m.LockContext(endedContext())
		requireCancelled(t, err)
		require.Nil(t, g)
		return
	case "impatient":
		g, err = m.m.LockContext(newImpatient())
		if m.written || m.readers > 0 && m.cause == nil {
			requireCancelled(t, err)
			require.Nil(t, g)
			return
		}
	case "LockIgnorePoison":
		m.written = true
		m.writes = append(m.writes, &writeModel{m.m.LockIgnorePoison(), true})
		return
	}
	if m.cause != nil {
		m.requireRefused(t, err)
		require.Nil(t, g)
		return
	}
	require.NoError(t, err)
	m.written = true
	m.writes = append(m.writes, &writeModel{g, true})
}

func (m *rwmutexMachine) rlock(t *rapid.T) {
	how := draw(t, "RLock", "MustRLock", "TryRLock", "RLockContext", "ended", "impatient", "RLockIgnorePoison")
	if m.written && how != "ended" && how != "TryRLock" {
		how = "impatient"
	}
	var g *own.ReadGuard[int]
	var err error
	switch how {
	case "RLock":
		g, err = m.m.RLock()
	case "MustRLock":
		if v := recovered(func() { g = m.m.MustRLock() }); v != nil {
			err = v.(error)
		}
	case "TryRLock":
		g, err = m.m.TryRLock()
		if m.refused(t, !m.written, err) {
			require.Nil(t, g)
			return
		}
	case "RLockContext":
		g, err = m.m.RLockContext(context.Background())
	case "ended":
		g, err = m.m.RLockContext(endedContext())
		requireCancelled(t, err)
		require.Nil(t, g)
		return
	case "impatient":
		g, err = m.m.RLockContext(newImpatient())
		if m.written {
			requireCancelled(t, err)
			require.Nil(t, g)
			return
		}
	case "RLockIgnorePoison":
		m.readers++
		m.reads = append(m.reads, &readModel{m.m.RLockIgnorePoison(), true})
		return
	}
	if m.cause != nil {
		m.requireRefused(t, err)
		require.Nil(t, g)
		return
	}
	require.NoError(t, err)
	m.readers++
	m.reads = append(m.reads, &readModel{g, true})
}

func (m *rwmutexMachine) use(t *rapid.T) {
	g, v := m.writes[index(t, len(m.writes))], aNumber(t)
	if !g.live {
		requireMisuse(t, func() { *g.g.Value() = v })
		return
	}
	*g.g.Value() = v
	m.value = v
}

func (m *rwmutexMachine) downgrade(t *rapid.T) {
	g := m.writes[index(t, len(m.writes))]
	if !g.live {
		requireMisuse(t, func() { g.g.Downgrade() })
		return
	}
	g.live, m.written = false, false
	m.readers++
	m.reads = append(m.reads, &readModel{g.g.Downgrade(), true})
}

// unlock releases a WriteGuard, live or not, by itself or past some trouble.
func (m *rwmutexMachine) unlock(t *rapid.T) {
	g, tr := m.writes[index(t, len(m.writes))], aTrouble(t)
	tr.during(t, func() {
		defer g.g.Unlock()
		tr.make()
	})
	if g.live {
		g.live, m.written = false, false
		if tr == panics { // it does not see a Goexit
			m.set(errBoom)
		}
	}
}

// runlock releases a ReadGuard, live or not. A reader's trouble is its own.
func (m *rwmutexMachine) runlock(t *rapid.T) {
	g, tr := m.reads[index(t, len(m.reads))], aTrouble(t)
	tr.during(t, func() {
		defer g.g.Unlock()
		tr.make()
	})
	if g.live {
		g.live = false
		m.readers--
	}
}

// section is a section that writes, in a function.
func (m *rwmutexMachine) section(t *rapid.T) {
	if !m.free() {
		return // it would wait
	}
	how, tr, v := draw(t, "With", "WithErr", "fails", "MustWith"), aTrouble(t), aNumber(t)
	called, failed := false, errors.New("failed")
	f := func(p *int) { called, *p = true, v; tr.make() }
	var err error
	run := func() {
		switch how {
		case "With":
			err = m.m.With(f)
		case "WithErr":
			err = m.m.WithErr(func(p *int) error { f(p); return nil })
		case "fails":
			err = m.m.WithErr(func(p *int) error { f(p); return failed })
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

// readSection is a section that reads, in a function. It may be beside others.
func (m *rwmutexMachine) readSection(t *rapid.T) {
	if m.written {
		return // it would wait
	}
	fails, tr := rapid.Bool().Draw(t, "fails"), aTrouble(t)
	saw, failed := -1, errors.New("failed")
	f := func(p *int) { saw = *p; tr.make() }
	var err error
	run := func() {
		if fails {
			err = m.m.RWithErr(func(p *int) error { f(p); return failed })
		} else {
			err = m.m.RWith(f)
		}
	}
	if m.cause != nil {
		run()
		require.Equal(t, -1, saw)
		m.requireRefused(t, err)
		return
	}
	tr.during(t, run)
	require.Equal(t, m.value, saw)
	if fails && tr == none {
		require.Equal(t, failed, err)
	} else {
		require.NoError(t, err)
	}
}

// load is Load, Store and Swap.
func (m *rwmutexMachine) load(t *rapid.T) {
	how, v := draw(t, "Load", "Store", "Swap"), aNumber(t)
	if m.written || m.readers > 0 && how != "Load" {
		return // it would wait
	}
	var got int
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

func (m *rwmutexMachine) repair(t *rapid.T) {
	if !m.free() {
		return // it would wait
	}
	tr, fails, v := aTrouble(t), chance(t, 3, "fails"), aNumber(t)
	failed := errors.New("failed")
	var cause, err error
	run := func() {
		err = m.m.Repair(func(p *int, e *own.PoisonError) error {
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

func (m *rwmutexMachine) intoInner(t *rapid.T) {
	if !m.free() {
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
	m.value = 0
}

// misuse is with nil handles and nil arguments. It leaves everything as it was.
func (m *rwmutexMachine) misuse(t *rapid.T) {
	var r *own.ReadGuard[int]
	var w *own.WriteGuard[int]
	r.Unlock()
	w.Unlock()
	new(own.ReadGuard[int]).Unlock()
	new(own.WriteGuard[int]).Unlock()
	requireMisuse(t, func() { r.Value() })
	requireMisuse(t, func() { w.Value() })
	requireMisuse(t, func() { w.Downgrade() })
	requireMisuse(t, func() { new(own.WriteGuard[int]).Downgrade() })
	requireMisuse(t, func() { _ = m.m.With(nil) })
	requireMisuse(t, func() { _ = m.m.WithErr(nil) })
	requireMisuse(t, func() { m.m.MustWith(nil) })
	requireMisuse(t, func() { _ = m.m.RWith(nil) })
	requireMisuse(t, func() { _ = m.m.RWithErr(nil) })
	requireMisuse(t, func() { _ = m.m.Repair(nil) })
	requireMisuse(t, func() { _, _ = m.m.LockContext(nil) })  //nolint:staticcheck // that is the point
	requireMisuse(t, func() { _, _ = m.m.RLockContext(nil) }) //nolint:staticcheck // that is the point
}
