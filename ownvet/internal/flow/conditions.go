package flow

import (
	"go/constant"
	"go/token"
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
}

// A memory says which conditions have been tested, and how they went.
type memory struct{ tested, went uint16 }

// A condition is a value that is tested, or a comparison of two, or of two fields
// of something. Two that are equal have the same outcome, except that a field may
// have changed in between.
type condition struct {
	x, y  ssa.Value
	path  string
	field bool
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
		k.x, k.path, k.field = f.operand(v)
		return k, not
	}
	switch b.Op {
	case token.NEQ:
		k.op, not = token.EQL, !not
	case token.EQL, token.LSS, token.LEQ, token.GTR, token.GEQ:
		k.op = b.Op
	default:
		return condition{x: v}, not
	}
	x, xPath, xField := f.operand(b.X)
	y, yPath, yField := f.operand(b.Y)
	return condition{x, y, xPath + "," + yPath, xField || yField, k.op}, not
}

// operand returns what v is in a condition: a value, a constant, or a field of
// something by its path.
func (f *Func) operand(v ssa.Value) (root ssa.Value, path string, field bool) {
	switch v := v.(type) {
	case *ssa.Const:
		return nil, v.String(), false
	case *ssa.UnOp:
		if v.Op == token.MUL {
			if p := f.roughPlace(v.X); p.known() {
				return p.root, p.path, true
			}
		}
	}
	return v, "", false
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
