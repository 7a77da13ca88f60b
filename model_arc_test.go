//go:build ownmodel

package own_test

import (
	"fmt"
	"testing"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/model"
)

// A thing is a value with owners. It notices when it is used after its end, or at
// the same time as that, and when it ends twice.
type thing struct {
	cell  model.Cell
	ended int
}

func (x *thing) use() {
	x.cell.Read()
	if x.ended > 0 {
		model.Fail("used after its drop hook")
	}
}

func (x *thing) write() {
	x.use()
	x.cell.Write()
}

func (x *thing) end() {
	x.cell.Write()
	if x.ended++; x.ended > 1 {
		model.Fail("dropped twice")
	}
}

// An arcWorld has things with owners.
type arcWorld struct {
	all  []*thing // each is to end once
	weak *own.Weak[thing]
}

// owner returns the only owner of a new thing.
func (w *arcWorld) owner() *own.Arc[thing] {
	x := &thing{}
	w.all = append(w.all, x)
	return own.ArcFrom(x, (*thing).end)
}

// check asks whether everything has ended, and once.
func (w *arcWorld) check() error {
	w.weak.Drop()
	for i, x := range w.all {
		if x.ended != 1 {
			return fmt.Errorf("thing %d was ended %d times", i, x.ended)
		}
	}
	return nil
}

// An arcThread is a thread of that world, which has an owner.
type arcThread struct {
	w *arcWorld
	a *own.Arc[thing]
}

var arcActions = []struct {
	name string
	do   func(t *arcThread)
}{
	{"clone", func(t *arcThread) { b := t.a.Clone(); b.Value().use(); b.Drop() }},
	{"drop", func(t *arcThread) { t.a.Drop() }},
	{"upgrade", func(t *arcThread) {
		if b, ok := t.w.weak.Upgrade(); ok {
			b.Value().use()
			b.Drop()
		}
	}},
	{"downgrade", func(t *arcThread) {
		v := t.a.Downgrade()
		if b, ok := v.Upgrade(); ok {
			b.Value().use()
			b.Drop()
		}
		v.Drop()
	}},
	{"GetMut", func(t *arcThread) {
		if x, ok := t.a.GetMut(); ok {
			x.write()
		}
	}},
	{"MakeMut", func(t *arcThread) {
		before := t.a.Value()
		x := t.a.MakeMut(func(x *thing) thing { x.use(); return thing{} })
		x.write()
		if x != before {
			t.w.all = append(t.w.all, x)
		}
	}},
	{"TryUnwrap", func(t *arcThread) {
		if x, ok := t.a.TryUnwrap(); ok {
			x.write()
			x.end()
		}
	}},
	{"IntoInner", func(t *arcThread) {
		if x, ok := t.a.IntoInner(); ok {
			x.write()
			x.end()
		}
	}},
	{"UnwrapOrClone", func(t *arcThread) {
		before := t.a.Value()
		x := t.a.UnwrapOrClone(func(x *thing) thing { x.use(); return thing{} })
		x.write()
		x.end()
		if x != before {
			t.w.all = append(t.w.all, x)
		}
	}},
}

func dropped(a *own.Arc[thing]) bool { return fmt.Sprint(a) == "<dropped>" }

// All pairs of what can be done with an owner, on three threads that have one each,
// with and without a Weak that others may upgrade.
func TestModelArcPairs(t *testing.T) {
	total := model.Result{}
	run := func(weak bool, threads ...[]int) {
		res := model.Explore(model.Options{}, func(w *model.World) {
			w.ForgetInWaits()
			w.Sums(own.LastOwner)
			world := &arcWorld{weak: new(own.Weak[thing])}
			first := world.owner()
			if weak {
				world.weak = first.Downgrade()
			}
			owners := []*own.Arc[thing]{first}
			for range threads[1:] {
				owners = append(owners, first.Clone())
			}
			for i, actions := range threads {
				w.Thread(func() {
					at := &arcThread{world, owners[i]}
					defer at.a.Drop()
					for n, k := range actions {
						if dropped(at.a) {
							return
						}
						arcActions[k].do(at)
						if dropped(at.a) {
							model.Forget(n, 1)
						} else {
							model.Forget(n, model.PointerID(at.a.Value()))
						}
					}
				})
			}
			w.Check(world.check)
		})
		if res.Failure != nil {
			t.Fatal(res.Failure)
		}
		total.Executions += res.Executions
		total.Pruned += res.Pruned
		total.States += res.States
	}
	for i, a := range arcActions {
		for j := i; j < len(arcActions); j++ {
			t.Run(a.name+" and "+arcActions[j].name, func(t *testing.T) {
				before := total
				defer func() {
					t.Logf("%7d executions (%d pruned, %d states)", total.Executions-before.Executions, total.Pruned-before.Pruned, total.States-before.States)
				}()
				for _, weak := range []bool{false, true} {
					run(weak, []int{i, j}, []int{j, i})
					run(weak, []int{i}, []int{i}, []int{j})
					run(weak, []int{i}, []int{j}, []int{j})
				}
			})
		}
	}
	t.Logf("%7d executions in all (%d pruned, %d states)", total.Executions, total.Pruned, total.States)
}

// A cell that is loaded, stored to, swapped and compared with, by three threads.
func TestModelAtomicArc(t *testing.T) {
	actions := []func(world *arcWorld, cell *own.AtomicArc[thing]){
		func(_ *arcWorld, cell *own.AtomicArc[thing]) {
			if a := cell.Load(); a != nil {
				a.Value().use()
				a.Drop()
			}
		},
		func(world *arcWorld, cell *own.AtomicArc[thing]) { cell.Store(world.owner()) },
		func(world *arcWorld, cell *own.AtomicArc[thing]) {
			old := cell.Swap(world.owner())
			if old != nil {
				old.Value().use()
			}
			old.Drop()
		},
		func(world *arcWorld, cell *own.AtomicArc[thing]) {
			old, next := cell.Load(), world.owner()
			defer old.Drop()
			defer next.Drop()
			if cell.CompareAndSwap(old, next) != (fmt.Sprint(next) == "<dropped>") {
				model.Fail("the new owner was taken without success, or the other way round")
			}
		},
		func(_ *arcWorld, cell *own.AtomicArc[thing]) { cell.Drop() },
		func(_ *arcWorld, cell *own.AtomicArc[thing]) {
			a := cell.Load()
			if a == nil {
				return
			}
			defer a.Drop()
			if x, ok := a.GetMut(); ok {
				x.write() // it has been in the cell: a reader may come late
			}
			if x, ok := a.TryUnwrap(); ok {
				x.write()
				x.end()
			}
		},
	}
	total := model.Result{}
	for i := range actions {
		for j := i; j < len(actions); j++ {
			for _, threads := range [][][]int{{{i, j}, {j, i}}, {{i}, {i}, {j}}, {{i}, {j}, {j}}} {
				o := model.Options{}
				if len(threads) > 2 && !everything {
					o.Preemptions = 3
				}
				res := explore(t, o, func(w *model.World) {
					w.Sums(own.LastOwner)
					world := &arcWorld{weak: new(own.Weak[thing])}
					cell := new(own.AtomicArc[thing])
					cell.Store(world.owner())
					for _, actionsOf := range threads {
						w.Thread(func() {
							for n, k := range actionsOf {
								actions[k](world, cell)
								model.Forget(n, 0)
							}
						})
					}
					w.Check(func() error { cell.Drop(); return world.check() })
				})
				total.Executions += res.Executions
			}
		}
	}
	t.Logf("%7d executions in all", total.Executions)
}

// Two that upgrade, and the last owner that goes: whoever wins, the thing ends once
// and nobody has it afterwards.
func TestModelUpgradeAgainstLastDrop(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := &arcWorld{}
		a := world.owner()
		world.weak = a.Downgrade()
		for range 2 {
			w.Thread(func() {
				if b, ok := world.weak.Upgrade(); ok {
					b.Value().use()
					b.Drop()
				}
			})
		}
		w.Thread(a.Drop)
		w.Check(world.check)
	})
}

// While there is an owner all the time, Upgrade does not fail, whatever others do to
// the count.
func TestModelUpgradeWithAnOwner(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := &arcWorld{}
		a := world.owner()
		world.weak = a.Downgrade()
		w.Thread(func() {
			b, ok := world.weak.Upgrade()
			if !ok {
				model.Fail("no upgrade, though there is an owner")
			}
			b.Drop()
		})
		w.Thread(func() { a.Clone().Drop() })
		w.Thread(func() { world.weak.Clone().Drop() })
		w.Check(func() error { a.Drop(); return world.check() })
	})
}

// A Weak is upgraded and dropped while the only owner asks whether it is the only one:
// at no time is there one owner and no Weak, but each is true at some time.
func TestModelArcGetMutAgainstUpgrade(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world := &arcWorld{weak: new(own.Weak[thing])}
		a := world.owner()
		v := a.Downgrade()
		w.Thread(func() {
			if x, ok := a.GetMut(); ok {
				x.write()
			}
			a.Drop()
		})
		w.Thread(func() {
			b, ok := v.Upgrade()
			v.Drop()
			if ok {
				b.Value().use()
				b.Drop()
			}
		})
		w.Check(world.check)
	})
}

// An owner is stored and taken out at once, by one that wants to write, while a reader is
// between the cell and the count.
func TestModelAtomicArcTakenOut(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world, cell := &arcWorld{weak: new(own.Weak[thing])}, new(own.AtomicArc[thing])
		w.Thread(func() { cell.Store(world.owner()) })
		w.Thread(func() {
			if a := cell.Swap(nil); a != nil {
				if x, ok := a.GetMut(); ok {
					x.write()
				}
				a.Drop()
			}
		})
		w.Thread(func() {
			if a := cell.Load(); a != nil {
				a.Value().use()
				a.Drop()
			}
		})
		w.Check(func() error { cell.Drop(); return world.check() })
	})
}

// A cell that is never empty does not seem so to a reader that meets a Store.
func TestModelAtomicArcIsNotEmpty(t *testing.T) {
	explore(t, model.Options{}, func(w *model.World) {
		world, cell := &arcWorld{weak: new(own.Weak[thing])}, new(own.AtomicArc[thing])
		cell.Store(world.owner())
		w.Thread(func() { cell.Store(world.owner()) })
		w.Thread(func() {
			a := cell.Load()
			if a == nil {
				model.Fail("nothing was loaded, though there was something all the time")
			}
			a.Value().use()
			a.Drop()
		})
		w.Check(func() error { cell.Drop(); return world.check() })
	})
}
