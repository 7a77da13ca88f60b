package flow

import (
	"cmp"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A function that tests the same condition twice has fewer paths than its blocks
// have:
//
//	if shared {
//		g = m.MustLock()
//	}
//	…
//	if shared {
//		g.Unlock()
//	}
//
// So a path remembers how such conditions went. To ask only whether some path leads
// to a return with the lock held would be a false report here.

// conditions are those of a function that are tested more than once, as far as a
// memory has room for them.
type conditions struct {
	f     *Func
	index map[condition]int
	made  map[*ssa.BasicBlock]uint16 // those that are computed anew in a block
	phis  map[*ssa.BasicBlock][]*ssa.Phi
	calls uint16                              // those that have to call something
	ways  map[*ssa.BasicBlock]map[memory]bool // how a block can be reached
}

// A memory says which conditions have been tested, and how they went.
type memory struct{ tested, went uint16 }

// A condition is a value that is tested, or a comparison of two, or of two fields
// of something, or what a function says of it. Two that are equal have the same outcome,
// except that a field may have changed in between, or what the function says.
type condition struct {
	x, y  ssa.Value
	path  string
	field bool
	call  bool
	op    token.Token
}

// conditions returns those of f.
func (f *Func) conditions() *conditions {
	if f.conds != nil {
		return f.conds
	}
	c := &conditions{f: f, index: map[condition]int{}, made: map[*ssa.BasicBlock]uint16{}, phis: map[*ssa.BasicBlock][]*ssa.Phi{}}
	f.conds = c
	count := map[condition]int{}
	var order []condition
	for _, b := range f.Blocks {
		branch, ok := last(b).(*ssa.If)
		if !ok {
			continue
		}
		k, _ := f.canonical(branch.Cond)
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
		if phi, ok := k.x.(*ssa.Phi); ok && k.op == 0 && slices.ContainsFunc(phi.Edges, isConst) {
			count[k]++ // on that edge it is known without a test
		}
	}
	for _, k := range order {
		if count[k] > 1 && len(c.index) < 16 {
			c.remember(k)
		}
	}
	return c
}

func isConst(v ssa.Value) bool {
	_, ok := v.(*ssa.Const)
	return ok
}

func (c *conditions) remember(k condition) {
	i := len(c.index)
	c.index[k] = i
	for _, v := range []ssa.Value{k.x, k.y} {
		if instr, ok := v.(ssa.Instruction); ok && !k.field {
			c.made[instr.Block()] |= 1 << i
		}
	}
	if k.call {
		c.calls |= 1 << i
	}
	if phi, ok := k.x.(*ssa.Phi); ok && k.op == 0 {
		c.phis[phi.Block()] = append(c.phis[phi.Block()], phi)
	}
}

// canonical returns the condition that v is, and whether v is its opposite.
func (f *Func) canonical(v ssa.Value) (k condition, not bool) {
	for {
		u, ok := v.(*ssa.UnOp)
		if !ok || u.Op != token.NOT {
			break
		}
		v, not = u.X, !not
	}
	b, ok := v.(*ssa.BinOp)
	if !ok {
		o := f.operand(v, 4)
		return condition{x: o.root, path: o.path, field: o.field, call: o.call}, not
	}
	switch b.Op {
	case token.NEQ:
		k.op, not = token.EQL, !not
	case token.EQL, token.LSS, token.LEQ, token.GTR, token.GEQ:
		k.op = b.Op
	default:
		return condition{x: v}, not
	}
	x, y := f.operand(b.X, 4), f.operand(b.Y, 4)
	return condition{x.root, y.root, x.path + "," + y.path, x.field || y.field, x.call || y.call, k.op}, not
}

// An operand is what is compared in a condition: a value, a constant, or what is found
// from there on a path.
type operand struct {
	root  ssa.Value
	path  string
	field bool // which may have changed
	call  bool // which may say something else
}

// operand returns what v is.
func (f *Func) operand(v ssa.Value, depth int) operand {
	switch v := v.(type) {
	case *ssa.Const:
		return operand{path: v.String()}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			if p := f.roughPlace(v.X); p.known() {
				return operand{root: p.root, path: p.path, field: true}
			}
		}
	case *ssa.Lookup: // in a map, or of a byte in a string
		if step, ok := named(v.Index); ok && !v.CommaOk && depth > 0 {
			o := f.operand(v.X, depth-1)
			o.path += "[" + step + "]"
			o.field = true
			return o
		}
	case *ssa.Call:
		if o, ok := f.called(&v.Call, depth); ok {
			return o
		}
	}
	return operand{root: v}
}

// called returns what a call says of its receiver, or first argument.
func (f *Func) called(c *ssa.CallCommon, depth int) (o operand, ok bool) {
	if depth == 0 {
		return o, false
	}
	args := c.Args
	switch fn := c.Value.(type) {
	case *ssa.Builtin:
		if fn.Name() != "len" && fn.Name() != "cap" {
			return o, false
		}
		o = f.operand(args[0], depth-1)
		o.path += "." + fn.Name()
		switch args[0].Type().Underlying().(type) {
		case *types.Map, *types.Chan:
			o.field = true
		}
		return o, true
	case *ssa.Function:
		o = operand{root: fn}
		if len(args) > 0 {
			o = f.operand(args[0], depth-1)
			o.path += "." + fn.String()
			args = args[1:]
		}
	default:
		if !c.IsInvoke() {
			return o, false
		}
		o = f.operand(c.Value, depth-1)
		o.path += "." + c.Method.Name()
	}
	for _, arg := range args {
		name, ok := named(arg)
		if !ok {
			return o, false
		}
		o.path += "," + name
	}
	o.field, o.call = true, true
	return o, true
}

// named returns a name for v that no other value of the function has, if v is the same
// throughout the function.
func named(v ssa.Value) (string, bool) {
	switch v := v.(type) {
	case *ssa.Const:
		return v.String(), true
	case *ssa.Parameter:
		return v.Name(), true
	}
	return "", false
}

// An answer says whether a path can go on.
type answer uint8

const (
	possible   answer = iota
	unlikely          // a field would have to have changed in between
	impossible        // a value would
)

// test returns what is remembered after the condition of e went as e says, and
// whether it can, after what went before.
func (c *conditions) test(m memory, e edge) (memory, answer) {
	if len(c.index) == 0 {
		return m, possible
	}
	k, not := c.f.canonical(e.cond)
	i, ok := c.index[k]
	if !ok {
		return m, possible
	}
	bit, then := uint16(1)<<i, e.then != not
	if m.tested&bit != 0 && (m.went&bit != 0) != then {
		if k.field {
			return m, unlikely
		}
		return m, impossible
	}
	m.tested |= bit
	if then {
		m.went |= bit
	}
	return m, possible
}

// reaching returns what may be known at b, by the way to it: whoever is there under
// a || b, but not with both false. If there are too many ways, it is what they have in
// common.
func (c *conditions) reaching(b *ssa.BasicBlock) []memory {
	if len(c.index) == 0 {
		return []memory{{}}
	}
	if c.ways == nil {
		c.findWays()
	}
	if len(c.ways[b]) == 0 || len(c.ways[b]) > 64 {
		return []memory{c.before(b)}
	}
	return slices.SortedFunc(maps.Keys(c.ways[b]), func(a, b memory) int {
		return cmp.Or(cmp.Compare(a.tested, b.tested), cmp.Compare(a.went, b.went))
	})
}

// maxWays bounds findWays, for all blocks together.
const maxWays = 20_000

func (c *conditions) findWays() {
	type way struct {
		b *ssa.BasicBlock
		m memory
	}
	c.ways = map[*ssa.BasicBlock]map[memory]bool{}
	found := 0
	var todo []way
	arrive := func(b *ssa.BasicBlock, m memory) {
		if c.ways[b][m] {
			return
		}
		if c.ways[b] == nil {
			c.ways[b] = map[memory]bool{}
		}
		c.ways[b][m] = true
		found++
		todo = append(todo, way{b, m})
	}
	arrive(c.f.Blocks[0], memory{})
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if found > maxWays {
			c.ways = map[*ssa.BasicBlock]map[memory]bool{}
			return
		}
		branch, ok := last(at.b).(*ssa.If)
		for i, next := range at.b.Succs {
			m := at.m
			if ok {
				var a answer
				if m, a = c.test(m, edge{branch.Cond, i == 0}); a == impossible {
					continue
				}
			}
			arrive(next, c.enter(m, at.b, next))
		}
	}
}

// before returns what is known at b because all paths to it have tested it.
func (c *conditions) before(b *ssa.BasicBlock) memory {
	var m memory
	if len(c.index) == 0 {
		return m
	}
	for d := b; d.Idom() != nil; d = d.Idom() {
		branch, ok := last(d.Idom()).(*ssa.If)
		if !ok || len(d.Preds) != 1 {
			continue
		}
		if k, _ := c.f.canonical(branch.Cond); m.tested&c.bit(k) == 0 {
			m, _ = c.test(m, edge{branch.Cond, d.Idom().Succs[0] == d})
		}
	}
	return m
}

func (c *conditions) bit(k condition) uint16 {
	i, ok := c.index[k]
	if !ok {
		return 0
	}
	return 1 << i
}

// enter returns what is remembered in the block to, coming from another: not what
// is computed anew there, unless it is a phi, which then is a constant.
func (c *conditions) enter(m memory, from, to *ssa.BasicBlock) memory {
	forget := c.made[to]
	if to.Dominates(from) {
		forget |= c.calls // the next round of a loop
	}
	m.tested &^= forget
	m.went &^= forget
	for _, phi := range c.phis[to] {
		bit := uint16(1) << c.index[condition{x: phi}]
		for i, pred := range to.Preds {
			if pred != from {
				continue
			}
			if known, ok := phi.Edges[i].(*ssa.Const); ok && known.Value != nil && known.Value.Kind() == constant.Bool {
				m.tested |= bit
				if constant.BoolVal(known.Value) {
					m.went |= bit
				}
			}
			break
		}
	}
	return m
}
