// Package writethrough has the rule write-through-read-guard: what Rust keeps from
// happening by & and &mut.
package writethrough

import (
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/go-own/own/ownvet/internal/api"
	"github.com/go-own/own/ownvet/internal/flow"
	"github.com/go-own/own/ownvet/internal/rule"
)

// Analyzer reports a write to a value that is locked or borrowed for reading.
var Analyzer = rule.New("write-through-read-guard", analysis.Analyzer{
	Doc: `report a write through the pointer of a read guard

Readers share the value. One that writes to it, to a field, an element or a map in
it, is a data race with all others, and a writer that needs RWMutex.Lock or
RefCell.BorrowMut. Writes behind a pointer in the value are not looked at: what is
there may have a lock of its own.`,
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
})

func run(pass *analysis.Pass) (any, error) {
	c := checker{pass, pass.ResultOf[flow.Analyzer].(*flow.Package), map[token.Pos]bool{}}
	for _, f := range c.pkg.Funcs {
		for _, h := range f.Handles {
			switch h.Type {
			case api.ReadGuard:
				c.values(h, "RWMutex.Lock")
			case api.Ref:
				c.values(h, "RefCell.BorrowMut")
			}
		}
		for _, s := range f.Sections() {
			if s.Type == api.RWMutex && s.Read && len(s.Inner.Params) == 1 {
				c.writes(s.Inner.Params[0], "the pointer that "+s.Name+" lends for reading", "RWMutex.With")
			}
		}
	}
	return nil, nil
}

type checker struct {
	pass     *analysis.Pass
	pkg      *flow.Package
	reported map[token.Pos]bool
}

func (c *checker) values(h *flow.Handle, instead string) {
	for _, v := range h.Values() {
		c.writes(v, fmt.Sprintf("%s.Value(), which is for reading", h.Name()), instead)
	}
}

// writes reports what is written to the value that v points to.
func (c *checker) writes(v ssa.Value, what, instead string) {
	c.pkg.Follow(v, func(instr ssa.Instruction, kind flow.Kind, part ssa.Value) {
		if kind != flow.Touch {
			return
		}
		switch instr := instr.(type) {
		case *ssa.Store:
			if instr.Addr == part {
				c.report(flow.Position(instr), what, instead)
			}
		case *ssa.UnOp:
			c.container(instr, what, instead)
		}
	})
}

// container looks for writes to the elements of a map or slice in the value, which
// belong to it as fields do.
func (c *checker) container(loaded ssa.Value, what, instead string) {
	for _, ref := range *loaded.Referrers() {
		switch ref := ref.(type) {
		case *ssa.MapUpdate:
			if ref.Map == loaded {
				c.report(flow.Position(ref), what, instead)
			}
		case *ssa.Call:
			if changes(&ref.Call) && ref.Call.Args[0] == loaded {
				c.report(flow.Position(ref), what, instead)
			}
		case *ssa.MakeInterface: // sort.Slice takes any
			for _, use := range *ref.Referrers() {
				if call, ok := use.(*ssa.Call); ok && changes(&call.Call) && call.Call.Args[0] == ref {
					c.report(flow.Position(call), what, instead)
				}
			}
		case *ssa.IndexAddr:
			if ref.X == loaded {
				c.element(ref, what, instead)
			}
		case *ssa.Store:
			c.variable(ref, loaded, what, instead)
		}
	}
}

// variable looks at what is done with the container in a variable that a function literal
// captures, as the one that sort.Slice is given does, if it never holds another.
func (c *checker) variable(s *ssa.Store, loaded ssa.Value, what, instead string) {
	a, ok := s.Addr.(*ssa.Alloc)
	if !ok || s.Val != loaded {
		return
	}
	var loads []ssa.Value
	for _, ref := range *a.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if ref != s {
				return
			}
		case *ssa.UnOp:
			loads = append(loads, ref)
		case *ssa.MakeClosure:
			i := slices.Index(ref.Bindings, ssa.Value(a))
			for _, use := range *ref.Fn.(*ssa.Function).FreeVars[i].Referrers() {
				load, ok := use.(*ssa.UnOp)
				if !ok {
					return
				}
				loads = append(loads, load)
			}
		case *ssa.DebugRef:
		default:
			return
		}
	}
	for _, load := range loads {
		c.container(load, what, instead)
	}
}

// changes reports whether c writes to the elements of its first argument, and calls
// something that is known to: a builtin, or a function of the standard library.
func changes(c *ssa.CallCommon) bool {
	if len(c.Args) == 0 {
		return false
	}
	if b, ok := c.Value.(*ssa.Builtin); ok {
		return b.Name() == "delete" || b.Name() == "clear" || b.Name() == "copy"
	}
	callee := c.StaticCallee()
	if callee == nil || callee.Object() == nil || callee.Object().Pkg() == nil {
		return false
	}
	switch callee.Object().Pkg().Path() + "." + callee.Object().Name() {
	case "slices.Sort", "slices.SortFunc", "slices.SortStableFunc", "slices.Reverse",
		"slices.Delete", "slices.DeleteFunc", "slices.Compact", "slices.CompactFunc",
		"slices.Insert", "slices.Replace", "sort.Slice", "sort.SliceStable", "sort.Ints", "sort.Strings", "sort.Float64s",
		"maps.DeleteFunc", "maps.Copy", "maps.Insert":
		return true
	}
	return false
}

// element looks for writes to the element of a slice at v, or to a field of it.
func (c *checker) element(v ssa.Value, what, instead string) {
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if ref.Addr == v {
				c.report(flow.Position(ref), what, instead)
			}
		case *ssa.FieldAddr:
			c.element(ref, what, instead)
		case *ssa.IndexAddr:
			if ref.X == v {
				c.element(ref, what, instead)
			}
		}
	}
}

func (c *checker) report(pos token.Pos, what, instead string) {
	if c.reported[pos] {
		return
	}
	c.reported[pos] = true
	if call, _ := c.pkg.Site(pos); call != nil {
		pos = call.Pos()
	}
	c.pass.Report(analysis.Diagnostic{
		Pos:     pos,
		Message: fmt.Sprintf("a write through %s, while others may be reading; use %s", what, instead),
	})
}
