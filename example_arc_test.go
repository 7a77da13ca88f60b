package own_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/go-own/own"
)

// Examples of shared ownership: Arc, Weak and AtomicArc.

// resource is something that has to be closed once, when its last user is done.
type resource struct{ name string }

func (r *resource) close() { fmt.Println("close", r.name) }

// Each owner drops its own handle. The last drop runs the hook, at once.
func ExampleArc() {
	a := own.ArcFrom(&resource{"file"}, (*resource).close)
	b := a.Clone()

	fmt.Println("dropping a")
	a.Drop()
	fmt.Println("dropping b")
	b.Drop()
	// Output:
	// dropping a
	// dropping b
	// close file
}

func ExampleNewArc() {
	a := own.NewArc([]int{1, 2, 3})
	defer a.Drop()
	fmt.Println(len(*a.Value()), a)
	// Output: 3 [1 2 3]
}

// ArcFrom takes over a value that exists. The hook is any function; a method of
// the type is not looked up by its name.
func ExampleArcFrom() {
	log := new(strings.Builder)
	a := own.ArcFrom(log, func(b *strings.Builder) { fmt.Println("flush:", b) })

	a.Value().WriteString("hello")
	a.Drop()
	// Output: flush: hello
}

// A value that knows itself: the Weak comes alive when build returns.
func ExampleNewCyclicArc() {
	type node struct {
		name string
		self *own.Weak[node]
	}
	a, err := own.NewCyclicArc(func(self *own.Weak[node]) (node, error) {
		_, ok := self.Upgrade()
		fmt.Println("while building:", ok)
		return node{"root", self}, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Drop()

	again, ok := a.Value().self.Upgrade()
	defer again.Drop()
	fmt.Println("afterwards:", ok, again.Value().name)
	// Output:
	// while building: false
	// afterwards: true root
}

// Value is the same pointer for all owners. What they write needs a lock.
func ExampleArc_Value() {
	a := own.NewArc(own.NewMutex(1))
	b := a.Clone()
	defer a.Drop()
	defer b.Drop()

	a.Value().MustWith(func(n *int) { *n = 2 })

	fmt.Println(b.Value())
	// Output: Mutex { data: 2, poisoned: false, .. }
}

// Clone before the goroutine starts: inside it, the original may be gone.
func ExampleArc_Clone() {
	a := own.ArcFrom(&resource{"shared"}, (*resource).close)
	var wg sync.WaitGroup
	for range 3 {
		mine := a.Clone()
		wg.Go(func() {
			defer mine.Drop()
			_ = mine.Value().name
		})
	}
	a.Drop()
	wg.Wait()
	// Output: close shared
}

// A second Drop of the same handle does nothing: nobody can release what is not
// theirs.
func ExampleArc_Drop() {
	a := own.ArcFrom(&resource{"file"}, (*resource).close)
	b := a.Clone()

	a.Drop()
	a.Drop()
	fmt.Println("owners:", b.StrongCount())

	defer func() { fmt.Println(recover()) }()
	defer b.Drop()
	a.Value()
	// Output:
	// owners: 1
	// close file
	// own: use of an empty Arc: it was dropped or moved, Clone it before giving it away
}

// Move hands the owner on, past the deferred Drop.
func ExampleArc_Move() {
	open := func(ok bool) (*own.Arc[resource], error) {
		a := own.ArcFrom(&resource{fmt.Sprint("ok=", ok)}, (*resource).close)
		defer a.Drop()
		if !ok {
			return nil, errors.New("no")
		}
		return a.Move(), nil
	}

	_, err := open(false)
	fmt.Println(err)
	a, _ := open(true)
	fmt.Println("got", a.Value().name)
	a.Drop()
	// Output:
	// close ok=false
	// no
	// got ok=true
	// close ok=true
}

// A Weak does not keep the value from being dropped.
func ExampleArc_Downgrade() {
	a := own.NewArc("value")
	w := a.Downgrade()
	defer w.Drop()

	b, ok := w.Upgrade()
	fmt.Println(b, ok)
	b.Drop()
	a.Drop()

	b, ok = w.Upgrade()
	fmt.Println(b, ok)
	// Output:
	// value true
	// <nil> false
}

func ExampleArc_StrongCount() {
	a := own.NewArc(0)
	b := a.Clone()
	fmt.Println(a.StrongCount())
	b.Drop()
	fmt.Println(a.StrongCount())
	a.Drop()
	// Output:
	// 2
	// 1
}

func ExampleArc_WeakCount() {
	a := own.NewArc(0)
	defer a.Drop()
	w := a.Downgrade()
	fmt.Println(a.WeakCount())
	w.Drop()
	fmt.Println(a.WeakCount())
	// Output:
	// 1
	// 0
}

// The same value is not the same as equal values.
func ExampleArc_PtrEq() {
	a, b := own.NewArc(1), own.NewArc(1)
	c := a.Clone()
	fmt.Println(a.PtrEq(b), a.PtrEq(c))
	a.Drop()
	b.Drop()
	c.Drop()
	// Output: false true
}

// What nobody else can see may be written without a lock.
func ExampleArc_GetMut() {
	a := own.NewArc([]int{1})
	defer a.Drop()
	if v, ok := a.GetMut(); ok {
		*v = append(*v, 2)
	}

	b := a.Clone()
	defer b.Drop()
	_, ok := a.GetMut()

	fmt.Println(a, ok)
	// Output: [1 2] false
}

// MakeMut copies on write, and only if it must.
func ExampleArc_MakeMut() {
	a := own.NewArc([]int{1, 2})
	b := a.Clone()
	clone := func(v *[]int) []int { fmt.Println("cloning"); return append([]int(nil), *v...) }

	(*a.MakeMut(clone))[0] = 10 // shared with b: clones
	(*a.MakeMut(clone))[1] = 20 // a's own by now

	fmt.Println(a, b)
	a.Drop()
	b.Drop()
	// Output:
	// cloning
	// [10 20] [1 2]
}

// The value is the caller's again, to close as well: no hook runs.
func ExampleArc_TryUnwrap() {
	a := own.ArcFrom(&resource{"file"}, (*resource).close)
	b := a.Clone()

	_, ok := a.TryUnwrap()
	fmt.Println(ok)

	b.Drop()
	r, ok := a.TryUnwrap()
	fmt.Println(r.name, ok)
	// Output:
	// false
	// file true
}

// Called on every owner, IntoInner gives the value to exactly one.
func ExampleArc_IntoInner() {
	a := own.NewArc("result")
	winners := make(chan *string, 3)
	var wg sync.WaitGroup
	for _, mine := range []*own.Arc[string]{a.Clone(), a.Clone(), a} {
		wg.Go(func() {
			if v, ok := mine.IntoInner(); ok {
				winners <- v
			}
		})
	}
	wg.Wait()
	fmt.Println(len(winners), *<-winners)
	// Output: 1 result
}

func ExampleArc_UnwrapOrClone() {
	a := own.NewArc([]int{1})
	b := a.Clone()
	clone := func(v *[]int) []int { fmt.Println("cloning"); return append([]int(nil), *v...) }

	v := a.UnwrapOrClone(clone) // b shares it
	w := b.UnwrapOrClone(clone) // b was the last
	(*v)[0] = 2

	fmt.Println(*v, *w)
	// Output:
	// cloning
	// [2] [1]
}

func ExampleArc_Format() {
	a := own.NewArc(7)
	fmt.Printf("%v %03d\n", a, a)
	a.Drop()
	fmt.Println(a)
	// Output:
	// 7 007
	// <dropped>
}

// A child knows its parent without keeping it.
func ExampleWeak() {
	type tree struct {
		name   string
		parent *own.Weak[tree]
	}
	parent := own.NewArc(tree{name: "parent"})
	child := own.NewArc(tree{"child", parent.Downgrade()})
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
	w := new(own.Weak[int]) // refers to nothing
	a, ok := w.Upgrade()
	fmt.Println(a, ok)
	// Output: <nil> false
}

func ExampleWeak_Clone() {
	a := own.NewArc(1)
	w := a.Downgrade()
	v := w.Clone()
	w.Drop()

	b, ok := v.Upgrade()
	fmt.Println(b, ok)
	b.Drop()
	a.Drop()
	// Output: 1 true
}

func ExampleWeak_Drop() {
	a := own.NewArc(1)
	defer a.Drop()
	w := a.Downgrade()
	w.Drop()
	w.Drop()

	_, ok := w.Upgrade()
	fmt.Println(a.WeakCount(), ok)
	// Output: 0 false
}

// Whether a Weak is dead can be seen without an upgrade.
func ExampleWeak_StrongCount() {
	a := own.NewArc(1)
	w := a.Downgrade()
	fmt.Println(w.StrongCount())
	a.Drop()
	fmt.Println(w.StrongCount())
	// Output:
	// 1
	// 0
}

func ExampleWeak_WeakCount() {
	a := own.NewArc(1)
	w := a.Downgrade()
	v := w.Clone()
	fmt.Println(w.WeakCount())
	a.Drop()
	fmt.Println(w.WeakCount(), v.WeakCount())
	// Output:
	// 2
	// 0 0
}

func ExampleWeak_PtrEq() {
	a := own.NewArc(1)
	v, w := a.Downgrade(), a.Downgrade()
	a.Drop()
	fmt.Println(v.PtrEq(w), v.PtrEq(new(own.Weak[int])))
	// Output: true false
}

func ExampleWeak_Format() {
	fmt.Println(new(own.Weak[int]))
	// Output: (Weak)
}

// A configuration is exchanged while requests use it. The old one is closed when
// the last of them is done.
func ExampleAtomicArc() {
	var current own.AtomicArc[resource]
	current.Store(own.ArcFrom(&resource{"config 1"}, (*resource).close))

	request := current.Load()
	current.Store(own.ArcFrom(&resource{"config 2"}, (*resource).close))
	fmt.Println("request still uses", request.Value().name)
	request.Drop()

	current.Drop()
	// Output:
	// request still uses config 1
	// close config 1
	// close config 2
}

func ExampleAtomicArc_Load() {
	var cell own.AtomicArc[int]
	fmt.Println(cell.Load())

	cell.Store(own.NewArc(1))
	a := cell.Load()
	fmt.Println(a, "owners:", a.StrongCount())
	a.Drop()
	cell.Drop()
	// Output:
	// <nil>
	// 1 owners: 2
}

// Store takes the owner: the handle is empty afterwards.
func ExampleAtomicArc_Store() {
	var cell own.AtomicArc[int]
	a := own.NewArc(1)
	cell.Store(a)
	fmt.Println(a, &cell)
	cell.Drop()
	// Output: <dropped> 1
}

func ExampleAtomicArc_Swap() {
	var cell own.AtomicArc[string]
	cell.Store(own.NewArc("old"))

	old := cell.Swap(own.NewArc("new"))
	fmt.Println(old, &cell)
	old.Drop()
	cell.Drop()
	// Output: old new
}

// To change what is in the cell, build a new value, and try again if somebody
// was quicker.
func ExampleAtomicArc_CompareAndSwap() {
	var cell own.AtomicArc[int]
	cell.Store(own.NewArc(0))
	defer cell.Drop()

	increment := func() {
		for {
			old := cell.Load()
			next := own.NewArc(*old.Value() + 1)
			done := cell.CompareAndSwap(old, next)
			old.Drop()
			if done {
				return
			}
			next.Drop()
		}
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(increment)
	}
	wg.Wait()

	fmt.Println(&cell)
	// Output: 10
}

func ExampleAtomicArc_Drop() {
	var cell own.AtomicArc[resource]
	cell.Store(own.ArcFrom(&resource{"last"}, (*resource).close))
	cell.Drop()
	fmt.Println(&cell)
	// Output:
	// close last
	// <empty>
}

func ExampleAtomicArc_Format() {
	var cell own.AtomicArc[float64]
	cell.Store(own.NewArc(1.5))
	defer cell.Drop()
	fmt.Printf("%v %.2f\n", &cell, &cell)
	// Output: 1.5 1.50
}
