package verify

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The owners and Weaks of Arc and of Rc have the same methods. So they have one
// model.

// An owner is an Arc or an Rc of an int.
type owner[O, W any] interface {
	Value() *int
	Clone() O
	Drop()
	Move() O
	Downgrade() W
	StrongCount() int
	WeakCount() int
	PtrEq(O) bool
	GetMut() (*int, bool)
	MakeMut(func(*int) int) *int
	TryUnwrap() (*int, bool)
	IntoInner() (*int, bool)
	UnwrapOrClone(func(*int) int) *int
}

// A reference is a Weak of either.
type reference[O, W any] interface {
	Upgrade() (O, bool)
	Clone() W
	Drop()
	StrongCount() int
	WeakCount() int
	PtrEq(W) bool
}

// constructors are the functions that make owners.
type constructors[O, W any] struct {
	plain   func(int) O
	from    func(*int, func(*int)) O
	cyclic  func(func(W) (int, error)) (O, error)
	owner   func() O // the zero owner, which is empty
	nothing func() W // the zero Weak
}

// A valueModel is what is known of a shared value.
type valueModel struct {
	at, n        int // n is what is stored
	p            *int
	strong, weak int
	hook         bool // there is one
	angry        bool // and it panics
	runs, due    int  // how often it ran, and should have
	published    bool // it has been in an AtomicArc
}

// An ownerModel is an owner, and the value that it owns, or nil if it is empty.
type ownerModel[O any] struct {
	o O
	v *valueModel
}

// A weakModel is a Weak, and the value that it refers to, or nil.
type weakModel[W any] struct {
	w W
	v *valueModel
}

// A hookPanic is what the hooks of angry values panic with.
type hookPanic struct{ v *valueModel }

// An ownersMachine is a few values, with all their handles, beside their model.
type ownersMachine[O owner[O, W], W reference[O, W]] struct {
	make   constructors[O, W]
	values []*valueModel
	owners []*ownerModel[O] // with those that are empty
	weaks  []*weakModel[W]
}

// most is how many handles there are, after which no more are made, for the check
// that comes after each call looks at all.
const most = 12

func (m *ownersMachine[O, W]) actions() actions {
	return actions{
		"":                m.check,
		"new":             m.create,
		"cyclic":          m.cyclic,
		"clone":           some(&m.owners, m.clone),
		"drop":            some(&m.owners, m.drop),
		"move":            some(&m.owners, m.move),
		"downgrade":       some(&m.owners, m.downgrade),
		"upgrade":         some(&m.weaks, m.upgrade),
		"weak clone":      some(&m.weaks, m.weakClone),
		"weak drop":       some(&m.weaks, m.weakDrop),
		"get mut":         some(&m.owners, m.getMut),
		"make mut":        some(&m.owners, m.makeMut),
		"try unwrap":      some(&m.owners, m.tryUnwrap),
		"into inner":      some(&m.owners, m.intoInner),
		"unwrap or clone": some(&m.owners, m.unwrapOrClone),
		"nil":             m.misuse,
	}
}

// check compares what can be seen of the handles with the model.
func (m *ownersMachine[O, W]) check(t *rapid.T) {
	for _, v := range m.values {
		require.Equal(t, v.due, v.runs, "runs of the hook of value %d", v.at)
	}
	for _, o := range m.owners {
		if o.v == nil {
			m.checkEmpty(t, o.o)
			continue
		}
		require.Equal(t, o.v.strong, o.o.StrongCount(), "owners")
		require.Equal(t, o.v.weak, o.o.WeakCount(), "Weaks")
		require.Same(t, o.v.p, o.o.Value())
		require.Equal(t, o.v.n, *o.o.Value())
		require.Equal(t, fmt.Sprint(o.v.n), fmt.Sprint(o.o))
		require.Equal(t, o.v == m.owners[0].v, m.owners[0].v != nil && o.o.PtrEq(m.owners[0].o))
	}
	for _, w := range m.weaks {
		strong, weak := 0, 0
		if w.v != nil && w.v.strong > 0 {
			strong, weak = w.v.strong, w.v.weak
		}
		require.Equal(t, strong, w.w.StrongCount(), "owners")
		require.Equal(t, weak, w.w.WeakCount(), "Weaks")
		require.Equal(t, w.v == m.weaks[0].v, w.w.PtrEq(m.weaks[0].w))
		require.Equal(t, "(Weak)", fmt.Sprint(w.w))
	}
	if m.full() { // forget the empty ones, which have been looked at
		m.owners = slices.DeleteFunc(m.owners, func(o *ownerModel[O]) bool { return o.v == nil })
		m.weaks = slices.DeleteFunc(m.weaks, func(w *weakModel[W]) bool { return w.v == nil })
	}
}

// checkEmpty fails t unless an empty owner refuses everything but Drop.
func (m *ownersMachine[O, W]) checkEmpty(t *rapid.T, o O) {
	never := func(*int) int { panic("not to be called") }
	requireMisuse(t, func() { o.Value() })
	requireMisuse(t, func() { o.Clone() })
	requireMisuse(t, func() { o.Move() })
	requireMisuse(t, func() { o.Downgrade() })
	requireMisuse(t, func() { o.StrongCount() })
	requireMisuse(t, func() { o.WeakCount() })
	requireMisuse(t, func() { o.PtrEq(o) })
	requireMisuse(t, func() { o.GetMut() })
	requireMisuse(t, func() { o.MakeMut(never) })
	requireMisuse(t, func() { o.TryUnwrap() })
	requireMisuse(t, func() { o.IntoInner() })
	requireMisuse(t, func() { o.UnwrapOrClone(never) })
	o.Drop()
}

// full reports whether there are enough handles.
func (m *ownersMachine[O, W]) full() bool { return len(m.owners)+len(m.weaks) >= most }

func (m *ownersMachine[O, W]) anOwner(t *rapid.T) *ownerModel[O] {
	return m.owners[index(t, len(m.owners))]
}

func (m *ownersMachine[O, W]) aWeak(t *rapid.T) *weakModel[W] {
	return m.weaks[index(t, len(m.weaks))]
}

// own notes a new handle of v, which is counted already.
func (m *ownersMachine[O, W]) own(o O, v *valueModel) {
	m.owners = append(m.owners, &ownerModel[O]{o, v})
}

// value returns the model of a new value with one owner.
func (m *ownersMachine[O, W]) value(n int) *valueModel {
	v := &valueModel{at: len(m.values), n: n, strong: 1}
	m.values = append(m.values, v)
	return v
}

// hookOf returns the drop hook of v. MakeMut gives it to the copies, too.
func (m *ownersMachine[O, W]) hookOf(v *valueModel) func(*int) {
	return func(p *int) {
		i := slices.IndexFunc(m.values, func(v *valueModel) bool { return v.p == p && v.due > v.runs })
		if i < 0 {
			panic("the hook of a value that is not due, or has none")
		}
		dropped := m.values[i]
		dropped.runs++
		if *p != dropped.n {
			panic("the hook sees another value")
		}
		for _, w := range m.weaks {
			if w.v != dropped {
				continue
			}
			if _, ok := w.w.Upgrade(); ok || w.w.StrongCount() != 0 || w.w.WeakCount() != 0 {
				panic("a Weak is alive inside the hook")
			}
		}
		if v.angry {
			panic(hookPanic{v})
		}
	}
}

// release runs f, which gives up an owner of v. If it is the last, the hook is due.
func (m *ownersMachine[O, W]) release(t *rapid.T, v *valueModel, f func()) {
	t.Helper()
	v.strong--
	last := v.strong == 0 && v.hook
	if last {
		v.due++
	}
	got := recovered(f)
	if last && v.angry {
		require.IsType(t, hookPanic{}, got, "a panic in the hook comes out")
	} else {
		require.Nil(t, got)
	}
}

func (m *ownersMachine[O, W]) create(t *rapid.T) {
	if m.full() {
		return
	}
	n, how := aNumber(t), draw(t, "plain", "from", "hook", "angry hook")
	v := m.value(n)
	var o O
	switch how {
	case "plain":
		o = m.make.plain(n)
		v.p = o.Value()
	case "from":
		v.p = &n
		o = m.make.from(v.p, nil)
	default:
		v.p, v.hook, v.angry = &n, true, how == "angry hook"
		o = m.make.from(v.p, m.hookOf(v))
	}
	m.own(o, v)
}

func (m *ownersMachine[O, W]) cyclic(t *rapid.T) {
	if m.full() {
		return
	}
	n, tr, keep, fails := aNumber(t), aTrouble(t), rapid.Bool().Draw(t, "keep"), chance(t, 4, "fails")
	failed := errors.New("failed")
	var self *weakModel[W]
	var o O
	var err error
	run := func() {
		o, err = m.make.cyclic(func(w W) (int, error) {
			if _, ok := w.Upgrade(); ok || w.StrongCount() != 0 || w.WeakCount() != 0 {
				panic("a value that is not there yet")
			}
			if keep {
				self = &weakModel[W]{w, &valueModel{weak: 1}} // which does not live
			} else {
				w.Drop()
			}
			tr.make()
			if fails {
				return 0, failed
			}
			return n, nil
		})
	}
	tr.during(t, run)
	if self != nil {
		m.weaks = append(m.weaks, self)
	}
	if tr != none {
		return
	}
	if fails {
		require.Equal(t, failed, err)
		require.Zero(t, o)
		return
	}
	require.NoError(t, err)
	v := m.value(n)
	v.p = o.Value()
	if self != nil {
		self.v, v.weak = v, 1
	}
	m.own(o, v)
}

func (m *ownersMachine[O, W]) clone(t *rapid.T) {
	if m.full() {
		return
	}
	if o := m.anOwner(t); o.v != nil {
		o.v.strong++
		m.own(o.o.Clone(), o.v)
	}
}

func (m *ownersMachine[O, W]) drop(t *rapid.T) {
	o := m.anOwner(t)
	v := o.v
	o.v = nil
	if v == nil {
		o.o.Drop()
		return
	}
	m.release(t, v, o.o.Drop)
}

func (m *ownersMachine[O, W]) move(t *rapid.T) {
	if o := m.anOwner(t); o.v != nil {
		m.own(o.o.Move(), o.v)
		o.v = nil
	}
}

func (m *ownersMachine[O, W]) downgrade(t *rapid.T) {
	if m.full() {
		return
	}
	if o := m.anOwner(t); o.v != nil {
		o.v.weak++
		m.weaks = append(m.weaks, &weakModel[W]{o.o.Downgrade(), o.v})
	}
}

func (m *ownersMachine[O, W]) upgrade(t *rapid.T) {
	if m.full() {
		return
	}
	w := m.aWeak(t)
	o, ok := w.w.Upgrade()
	if w.v == nil || w.v.strong == 0 {
		require.False(t, ok, "an owner of a dead value")
		require.Zero(t, o)
		return
	}
	require.True(t, ok)
	w.v.strong++
	m.own(o, w.v)
}

func (m *ownersMachine[O, W]) weakClone(t *rapid.T) {
	if m.full() {
		return
	}
	w := m.aWeak(t)
	if w.v != nil {
		w.v.weak++
	}
	m.weaks = append(m.weaks, &weakModel[W]{w.w.Clone(), w.v})
}

func (m *ownersMachine[O, W]) weakDrop(t *rapid.T) {
	w := m.aWeak(t)
	if w.v != nil {
		w.v.weak--
		w.v = nil
	}
	w.w.Drop()
}

func (m *ownersMachine[O, W]) getMut(t *rapid.T) {
	o, n := m.anOwner(t), aNumber(t)
	if o.v == nil {
		return
	}
	p, ok := o.o.GetMut()
	require.Equal(t, o.v.strong == 1 && o.v.weak == 0 && !o.v.published, ok)
	if !ok {
		require.Nil(t, p)
		return
	}
	require.Same(t, o.v.p, p)
	*p, o.v.n = n, n
}

// makeMut is MakeMut with a function that clones, that panics, that drops another
// owner, or that drops its own owner, which is misuse.
func (m *ownersMachine[O, W]) makeMut(t *rapid.T) {
	o, n, how := m.anOwner(t), aNumber(t), draw(t, "clones", "clones", "panics", "drops another", "drops itself")
	old := o.v
	if old == nil {
		return
	}
	if old.strong == 1 && !old.published {
		p := o.o.MakeMut(func(*int) int { panic("there is nothing to clone") })
		require.Same(t, old.p, p)
		if old.weak > 0 { // they are cut off
			v := m.value(old.n)
			v.p, v.hook, v.angry = p, old.hook, old.angry
			o.v, old.strong = v, 0
		}
		*p, o.v.n = n, n
		return
	}
	if how == "panics" {
		require.Equal(t, errBoom, recovered(func() { o.o.MakeMut(func(*int) int { panic(errBoom) }) }))
		return
	}
	if how == "drops itself" {
		// That is refused, but not before the owner is gone.
		o.v = nil
		m.releaseIn(t, old, func() { o.o.MakeMut(func(*int) int { o.o.Drop(); return 0 }) })
		return
	}
	i := slices.IndexFunc(m.owners, func(other *ownerModel[O]) bool { return other != o && other.v == old })
	v := m.value(old.n)
	v.hook, v.angry = old.hook, old.angry
	var p *int
	cloneIt := func(was *int) int {
		if how == "drops another" && i >= 0 {
			m.owners[i].o.Drop()
		}
		return *was
	}
	o.v = v
	if how == "drops another" && i >= 0 {
		m.owners[i].v = nil
		old.strong--
	}
	old.strong--
	last := old.strong == 0 && old.hook
	if last {
		old.due++
	}
	got := recovered(func() { p = o.o.MakeMut(cloneIt) })
	if last && old.angry {
		require.IsType(t, hookPanic{}, got)
		p = o.o.Value()
	} else {
		require.Nil(t, got)
	}
	require.NotSame(t, old.p, p)
	require.Equal(t, old.n, *p)
	v.p = p
	*p, v.n = n, n
}

// releaseIn is release for misuse, which panics whether or not the hook does.
func (m *ownersMachine[O, W]) releaseIn(t *rapid.T, v *valueModel, f func()) {
	if v.strong--; v.strong == 0 && v.hook {
		v.due++
		if v.angry {
			require.IsType(t, hookPanic{}, recovered(f))
			return
		}
	}
	requireMisuse(t, f)
}

func (m *ownersMachine[O, W]) tryUnwrap(t *rapid.T) {
	o := m.anOwner(t)
	if o.v == nil {
		return
	}
	p, ok := o.o.TryUnwrap()
	require.Equal(t, o.v.strong == 1, ok)
	if !ok {
		require.Nil(t, p)
		return
	}
	require.Same(t, o.v.p, p)
	o.v.strong = 0
	o.v = nil
}

func (m *ownersMachine[O, W]) intoInner(t *rapid.T) {
	o := m.anOwner(t)
	v := o.v
	if v == nil {
		return
	}
	o.v = nil
	v.strong--
	p, ok := o.o.IntoInner()
	require.Equal(t, v.strong == 0, ok)
	if ok {
		require.Same(t, v.p, p)
	} else {
		require.Nil(t, p)
	}
}

func (m *ownersMachine[O, W]) unwrapOrClone(t *rapid.T) {
	o, fails := m.anOwner(t), rapid.Bool().Draw(t, "panics")
	v := o.v
	if v == nil {
		return
	}
	if v.strong == 1 {
		require.Same(t, v.p, o.o.UnwrapOrClone(func(*int) int { panic("there is nothing to clone") }))
		v.strong, o.v = 0, nil
		return
	}
	if fails {
		require.Equal(t, errBoom, recovered(func() { o.o.UnwrapOrClone(func(*int) int { panic(errBoom) }) }))
		return
	}
	o.v = nil
	v.strong-- // not the last
	p := o.o.UnwrapOrClone(func(was *int) int { return *was })
	require.NotSame(t, v.p, p)
	require.Equal(t, v.n, *p)
}

// misuse is with nil handles, zero handles and nil arguments. It leaves everything
// as it was.
func (m *ownersMachine[O, W]) misuse(t *rapid.T) {
	var o O
	var w W
	o.Drop()
	m.checkEmpty(t, o)
	m.checkEmpty(t, m.make.owner())
	w.Drop()
	requireMisuse(t, func() { w.Upgrade() })
	requireMisuse(t, func() { w.Clone() })
	requireMisuse(t, func() { w.StrongCount() })
	requireMisuse(t, func() { w.WeakCount() })
	requireMisuse(t, func() { w.PtrEq(m.make.nothing()) })
	requireMisuse(t, func() { m.make.nothing().PtrEq(w) })
	requireMisuse(t, func() { m.make.from(nil, nil) })
	requireMisuse(t, func() { _, _ = m.make.cyclic(nil) })
	for _, o := range m.owners {
		requireMisuse(t, func() { o.o.MakeMut(nil) })
		requireMisuse(t, func() { o.o.UnwrapOrClone(nil) })
	}
	if len(m.weaks) < most {
		m.weaks = append(m.weaks, &weakModel[W]{w: m.make.nothing()})
	}
}
