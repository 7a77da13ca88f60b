package rc_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-own/own/rc"
)

// resource is something that has to be closed once, when its last user is done.
type resource struct{ name string }

func (r *resource) close() { fmt.Println("close", r.name) }

// Two sprites are drawn with one texture. It is freed when the second of them has
// gone, whichever that is.
func Example() {
	type sprite struct {
		name    string
		texture *rc.Rc[resource]
	}
	grass := rc.From(&resource{"grass.png"}, (*resource).close)
	field := sprite{"field", grass.Clone()}
	hill := sprite{"hill", grass.Clone()}
	grass.Drop() // loaded; from here on, the sprites own it

	for _, s := range []sprite{field, hill} {
		fmt.Println("draw", s.name, "with", s.texture.Value().name)
	}
	field.texture.Drop()
	fmt.Println("the field is gone")
	hill.texture.Drop()
	// Output:
	// draw field with grass.png
	// draw hill with grass.png
	// the field is gone
	// close grass.png
}

// Each owner drops its own handle. The last drop runs the hook, at once.
func ExampleRc() {
	r := rc.From(&resource{"file"}, (*resource).close)
	s := r.Clone()

	fmt.Println("dropping r")
	r.Drop()
	fmt.Println("dropping s")
	s.Drop()
	// Output:
	// dropping r
	// dropping s
	// close file
}

func ExampleNew() {
	r := rc.New([]int{1, 2, 3})
	defer r.Drop()
	fmt.Println(len(*r.Value()), r)
	// Output: 3 [1 2 3]
}

// From takes over a value that exists. The hook is any function; a method of the
// type is not looked up by its name.
func ExampleFrom() {
	log := new(strings.Builder)
	r := rc.From(log, func(b *strings.Builder) { fmt.Println("flush:", b) })

	r.Value().WriteString("hello")
	r.Drop()
	// Output: flush: hello
}

// node is an element of a list: it owns the next one.
type node struct {
	name string
	next *rc.Rc[node]
}

func (n *node) close() {
	fmt.Println("close", n.name)
	n.next.Drop()
}

// What a value owns is dropped by its hook. Dropping a nil handle does nothing, so
// the end of the list needs no care.
func ExampleFrom_list() {
	c := rc.From(&node{"c", nil}, (*node).close)
	b := rc.From(&node{"b", c}, (*node).close)
	a := rc.From(&node{"a", b}, (*node).close)
	a.Drop()
	// Output:
	// close a
	// close b
	// close c
}

// A value that knows itself: the Weak comes alive when build returns.
func ExampleNewCyclic() {
	type widget struct {
		name string
		self *rc.Weak[widget]
	}
	r, err := rc.NewCyclic(func(self *rc.Weak[widget]) (widget, error) {
		_, ok := self.Upgrade()
		fmt.Println("while building:", ok)
		return widget{"button", self}, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Drop()

	again, ok := r.Value().self.Upgrade()
	defer again.Drop()
	fmt.Println("afterwards:", ok, again.Value().name)
	// Output:
	// while building: false
	// afterwards: true button
}

// Value is the same pointer for all owners: what one writes, the others read.
func ExampleRc_Value() {
	r := rc.New(1)
	s := r.Clone()
	defer r.Drop()
	defer s.Drop()

	*r.Value() = 2

	fmt.Println(*s.Value())
	// Output: 2
}

// Whoever keeps a value has an owner of its own.
func ExampleRc_Clone() {
	font := rc.From(&resource{"font"}, (*resource).close)
	var labels []*rc.Rc[resource]
	for range 3 {
		labels = append(labels, font.Clone())
	}
	font.Drop()
	fmt.Println("owners:", labels[0].StrongCount())

	for _, label := range labels {
		label.Drop()
	}
	// Output:
	// owners: 3
	// close font
}

// A second Drop of the same handle does nothing: nobody can release what is not
// theirs.
func ExampleRc_Drop() {
	r := rc.From(&resource{"file"}, (*resource).close)
	s := r.Clone()

	r.Drop()
	r.Drop()
	fmt.Println("owners:", s.StrongCount())

	defer func() { fmt.Println(recover()) }()
	defer s.Drop()
	r.Value()
	// Output:
	// owners: 1
	// close file
	// own: use of an empty Rc: it was dropped or moved, Clone it before giving it away
}

// Move hands the owner on, past the deferred Drop.
func ExampleRc_Move() {
	open := func(ok bool) (*rc.Rc[resource], error) {
		r := rc.From(&resource{fmt.Sprint("ok=", ok)}, (*resource).close)
		defer r.Drop()
		if !ok {
			return nil, errors.New("no")
		}
		return r.Move(), nil
	}

	_, err := open(false)
	fmt.Println(err)
	r, _ := open(true)
	fmt.Println("got", r.Value().name)
	r.Drop()
	// Output:
	// close ok=false
	// no
	// got ok=true
	// close ok=true
}

// A Weak does not keep the value from being dropped.
func ExampleRc_Downgrade() {
	r := rc.New("value")
	w := r.Downgrade()
	defer w.Drop()

	s, ok := w.Upgrade()
	fmt.Println(s, ok)
	s.Drop()
	r.Drop()

	s, ok = w.Upgrade()
	fmt.Println(s, ok)
	// Output:
	// value true
	// <nil> false
}

func ExampleRc_StrongCount() {
	r := rc.New(0)
	s := r.Clone()
	fmt.Println(r.StrongCount())
	s.Drop()
	fmt.Println(r.StrongCount())
	r.Drop()
	// Output:
	// 2
	// 1
}

func ExampleRc_WeakCount() {
	r := rc.New(0)
	defer r.Drop()
	w := r.Downgrade()
	fmt.Println(r.WeakCount())
	w.Drop()
	fmt.Println(r.WeakCount())
	// Output:
	// 1
	// 0
}

// The same value is not the same as equal values.
func ExampleRc_PtrEq() {
	r, other := rc.New(1), rc.New(1)
	s := r.Clone()
	fmt.Println(r.PtrEq(other), r.PtrEq(s))
	r.Drop()
	s.Drop()
	other.Drop()
	// Output: false true
}

// What nobody else can see may be written without surprising anybody.
func ExampleRc_GetMut() {
	r := rc.New([]int{1})
	defer r.Drop()
	if v, ok := r.GetMut(); ok {
		*v = append(*v, 2)
	}

	s := r.Clone()
	defer s.Drop()
	_, ok := r.GetMut()

	fmt.Println(r, ok)
	// Output: [1 2] false
}

// MakeMut copies on write, and only if it must: the way to keep versions of a
// document that have most of it in common.
func ExampleRc_MakeMut() {
	clone := func(v *[]string) []string { fmt.Println("cloning"); return slices.Clone(*v) }
	now := rc.New([]string{"milk", "eggs"})
	before := now.Clone()

	(*now.MakeMut(clone))[0] = "tea" // shared with before: clones
	(*now.MakeMut(clone))[1] = "jam" // now's own by now

	fmt.Println(before, now)
	before.Drop()
	now.Drop()
	// Output:
	// cloning
	// [milk eggs] [tea jam]
}

// The value is the caller's again, to close as well: no hook runs.
func ExampleRc_TryUnwrap() {
	r := rc.From(&resource{"file"}, (*resource).close)
	s := r.Clone()

	_, ok := r.TryUnwrap()
	fmt.Println(ok)

	s.Drop()
	v, ok := r.TryUnwrap()
	fmt.Println(v.name, ok)
	// Output:
	// false
	// file true
}

// The hook of a list that may be long takes it apart with IntoInner, in a loop: a
// hook that drops the next element has the next hook run inside it.
func ExampleRc_IntoInner() {
	hooks, closed := 0, 0
	hook := func(n *node) {
		hooks++
		closed++
		for next := n.next; next != nil; {
			v, last := next.IntoInner()
			if !last {
				return // the rest has other owners
			}
			closed++
			next = v.next
		}
	}
	var head *rc.Rc[node]
	for range 100_000 {
		head = rc.From(&node{next: head}, hook)
	}

	head.Drop()
	fmt.Println(closed, "closed by", hooks)
	// Output: 100000 closed by 1
}

func ExampleRc_UnwrapOrClone() {
	r := rc.New([]int{1})
	s := r.Clone()
	clone := func(v *[]int) []int { fmt.Println("cloning"); return slices.Clone(*v) }

	v := r.UnwrapOrClone(clone) // s shares it
	w := s.UnwrapOrClone(clone) // s was the last
	(*v)[0] = 2

	fmt.Println(*v, *w)
	// Output:
	// cloning
	// [2] [1]
}

func ExampleRc_Format() {
	r := rc.New(7)
	fmt.Printf("%v %03d\n", r, r)
	r.Drop()
	fmt.Println(r)
	// Output:
	// 7 007
	// <dropped>
}

// A child knows its parent without keeping it.
func ExampleWeak() {
	type tree struct {
		name   string
		parent *rc.Weak[tree]
	}
	parent := rc.New(tree{name: "parent"})
	child := rc.New(tree{"child", parent.Downgrade()})
	defer child.Drop()

	who := func() string {
		p, ok := child.Value().parent.Upgrade()
		if !ok {
			return "orphan"
		}
		defer p.Drop()
		return "child of " + p.Value().name
	}

	fmt.Println(who())
	parent.Drop()
	fmt.Println(who())
	// Output:
	// child of parent
	// orphan
}

func ExampleWeak_Upgrade() {
	w := new(rc.Weak[int]) // refers to nothing
	r, ok := w.Upgrade()
	fmt.Println(r, ok)
	// Output: <nil> false
}

func ExampleWeak_Clone() {
	r := rc.New(1)
	w := r.Downgrade()
	v := w.Clone()
	w.Drop()

	s, ok := v.Upgrade()
	fmt.Println(s, ok)
	s.Drop()
	r.Drop()
	// Output: 1 true
}

func ExampleWeak_Drop() {
	r := rc.New(1)
	defer r.Drop()
	w := r.Downgrade()
	w.Drop()
	w.Drop()

	_, ok := w.Upgrade()
	fmt.Println(r.WeakCount(), ok)
	// Output: 0 false
}

// Whether a Weak is dead can be seen without an upgrade.
func ExampleWeak_StrongCount() {
	r := rc.New(1)
	w := r.Downgrade()
	fmt.Println(w.StrongCount())
	r.Drop()
	fmt.Println(w.StrongCount())
	// Output:
	// 1
	// 0
}

func ExampleWeak_WeakCount() {
	r := rc.New(1)
	w := r.Downgrade()
	v := w.Clone()
	fmt.Println(w.WeakCount())
	r.Drop()
	fmt.Println(w.WeakCount(), v.WeakCount())
	// Output:
	// 2
	// 0 0
}

func ExampleWeak_PtrEq() {
	r := rc.New(1)
	v, w := r.Downgrade(), r.Downgrade()
	r.Drop()
	fmt.Println(v.PtrEq(w), v.PtrEq(new(rc.Weak[int])))
	// Output: true false
}

func ExampleWeak_Format() {
	fmt.Println(new(rc.Weak[int]))
	// Output: (Weak)
}
