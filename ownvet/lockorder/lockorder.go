// Package lockorder has the rule lock-order, which is off by default: two locks
// that are taken in both orders.
package lockorder

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/held"
	"github.com/go-own/own/ownvet/internal/rule"
)

const doc = `report locks that are taken in different orders (off by default)

If one goroutine takes a and then b, and another b and then a, each can end up with
one lock, waiting for the other. Locks are told apart by the struct field or package
variable that they are in, across packages; the report is in the package in which
the circle closes. Nothing is reported for two locks of one field, for a circle
that a third lock guards, for one that readers can pass, or for TryLock.

It is off by default because a field stands for many locks: what it predicts need
not be possible. The debug build tells the locks themselves apart.`

var Analyzer = rule.OptIn("lock-order", analysis.Analyzer{
	Doc:       doc,
	Requires:  []*analysis.Analyzer{buildssa.Analyzer},
	FactTypes: []analysis.Fact{(*takes)(nil), (*orders)(nil)},
	Run:       run,
})

// takes is the fact about a function that it takes locks, itself or by what it
// calls, whether or not it has released them when it returns.
type takes struct{ Locks []taken }

// taken is a lock that a function takes, and where.
type taken struct {
	Name  string
	Read  bool
	Where string
}

func (*takes) AFact() {}

func (t *takes) String() string {
	var names []string
	for _, lock := range t.Locks {
		names = append(names, short(lock.Name))
	}
	return "takes " + strings.Join(names, ", ")
}

// maxTaken is how many locks a function is known to take. Those that take more are
// the likes of main.
const maxTaken = 32

// orders is the fact about a package which locks it takes while it holds others.
type orders struct{ Edges []edge }

// edge says that To is taken while From is held.
type edge struct {
	From, To         string
	FromRead, ToRead bool
	Also             []string // what else is held
	Where            string   // function, file and line

	pos token.Pos // in this package
}

func (*orders) AFact() {}

func (o *orders) String() string {
	var edges []string
	for _, e := range o.Edges {
		edges = append(edges, short(e.From)+" → "+short(e.To))
	}
	return strings.Join(edges, ", ")
}

func run(pass *analysis.Pass) (any, error) {
	if !api.Reaches(pass.Pkg) || api.Inside(pass.Pkg) {
		return nil, nil
	}
	c := &checker{pass: pass, takes: map[*ssa.Function]*takes{}}
	funcs := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA).SrcFuncs
	c.infer(funcs)

	mine := c.edges(funcs)
	if len(mine) > 0 {
		pass.ExportPackageFact(&orders{mine})
	}
	all := slices.Clone(mine)
	for _, fact := range pass.AllPackageFacts() {
		if o, ok := fact.Fact.(*orders); ok && fact.Package != pass.Pkg {
			all = append(all, o.Edges...)
		}
	}
	report(pass, mine, all)
	return nil, nil
}

type checker struct {
	pass  *analysis.Pass
	takes map[*ssa.Function]*takes
}

// infer finds what the functions take, until there is nothing new.
func (c *checker) infer(funcs []*ssa.Function) {
	for changed := true; changed; {
		changed = false
		for _, fn := range funcs {
			for _, b := range fn.Blocks {
				for _, instr := range b.Instrs {
					if _, ok := instr.(*ssa.Go); ok {
						continue
					}
					if call, ok := instr.(ssa.CallInstruction); ok {
						for _, lock := range c.takenBy(call) {
							changed = c.add(fn, lock) || changed
						}
					}
				}
			}
		}
	}
	for fn, fact := range c.takes {
		if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic == "" {
			c.pass.ExportObjectFact(obj, fact)
		}
	}
}

func (c *checker) add(fn *ssa.Function, lock taken) bool {
	fact := c.takes[fn]
	if fact == nil {
		fact = new(takes)
		c.takes[fn] = fact
	}
	if len(fact.Locks) >= maxTaken {
		return false
	}
	for _, known := range fact.Locks {
		if known.Name == lock.Name && known.Read == lock.Read {
			return false
		}
	}
	fact.Locks = append(fact.Locks, lock)
	return true
}

// takenBy returns the locks that a call waits for. A function literal that With is
// given runs while the call does.
func (c *checker) takenBy(call ssa.CallInstruction) []taken {
	common := call.Common()
	if own, ok := api.CallOf(common); ok {
		var locks []taken
		if how := own.Effect().Lock; how != api.NoLock && own.Func.Recv.IsLock() && !own.Try() {
			if name, ok := held.Name(own.Recv); ok {
				locks = append(locks, taken{name, how == api.ForRead, c.where(call.Parent(), call.Pos())})
			}
		}
		for _, arg := range own.Args {
			if fn := literal(arg); fn != nil {
				locks = append(locks, c.takenByFunc(fn)...)
			}
		}
		return locks
	}
	if fn := common.StaticCallee(); fn != nil {
		return c.takenByFunc(fn)
	}
	return nil
}

func literal(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.MakeClosure:
		return v.Fn.(*ssa.Function)
	case *ssa.Function:
		return v
	}
	return nil
}

func (c *checker) takenByFunc(fn *ssa.Function) []taken {
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	if fact := c.takes[fn]; fact != nil {
		return fact.Locks
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	var fact takes
	if obj.Pkg() != c.pass.Pkg && c.pass.ImportObjectFact(obj.Origin(), &fact) {
		return fact.Locks
	}
	return nil
}

// edges returns the orders in which the functions take locks, one for each pair and
// kind, in source order.
func (c *checker) edges(funcs []*ssa.Function) []edge {
	locks := held.In(funcs)
	var edges []edge
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				// What is deferred runs when who knows what is held.
				call, ok := instr.(*ssa.Call)
				if !ok || locks.At(instr).Empty() {
					continue
				}
				for _, to := range c.takenBy(call) {
					edges = append(edges, c.edgesTo(to, call, locks.At(instr))...)
				}
			}
		}
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return int(a.pos - b.pos) })
	return slices.CompactFunc(edges, func(a, b edge) bool {
		return a.pos == b.pos && a.From == b.From && a.To == b.To
	})
}

func (c *checker) edgesTo(to taken, call *ssa.Call, locks held.Set) []edge {
	var from []taken
	for lock := range locks.All() {
		// A literal that With runs holds With's own lock.
		if name, ok := held.Name(lock.Place); ok && lock.Call != ssa.CallInstruction(call) {
			from = append(from, taken{Name: name, Read: lock.Read})
		}
	}
	slices.SortFunc(from, func(a, b taken) int { return strings.Compare(a.Name, b.Name) })
	var edges []edge
	for _, f := range from {
		// Two locks of one name may be two, and be ordered by something else.
		if f.Name == to.Name {
			continue
		}
		e := edge{From: f.Name, To: to.Name, FromRead: f.Read, ToRead: to.Read, pos: call.Pos()}
		e.Where = c.where(call.Parent(), call.Pos())
		for _, other := range from {
			if other.Name != f.Name && other.Name != to.Name {
				e.Also = append(e.Also, other.Name)
			}
		}
		edges = append(edges, e)
	}
	return edges
}

// where names a place in the code for a reader who is in another package.
func (c *checker) where(fn *ssa.Function, pos token.Pos) string {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	p := c.pass.Fset.Position(pos)
	return fmt.Sprintf("%s, %s:%d", fn.Name(), filepath.Base(p.Filename), p.Line)
}

// short cuts the folders off the path of a package.
func short(name string) string { return name[strings.LastIndex(name, "/")+1:] }
