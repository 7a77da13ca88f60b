package notsend

import (
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/go-own/own/ownvet/internal/api"
)

// A culprit is what makes a type unfit for another goroutine.
type culprit struct {
	path string     // how to get to it, such as ".root.children[]"
	typ  types.Type // what it is
	own  api.Type   // the same; NotOwn for a type that its author marked

	shared bool // other owners get at it, too
	copied bool // it is a part of the value itself, with no pointer in between
}

// inStruct reports whether the culprit is a part of something that has other parts.
func (c *culprit) inStruct() bool { return c.path != "" }

// A finder finds culprits in types.
type finder struct {
	pass    *analysis.Pass
	found   [2]typeutil.Map // types.Type → *culprit, perhaps nil; the second if locked
	reaches map[*types.Package]bool
}

// in returns the first culprit in t, or nil. If locked, t is under a lock together
// with all that belongs to it.
//
// It is Rust's definition of Send as far as types alone can tell it: interfaces,
// functions and type parameters can hold anything, and count as fit. So do
// channels, where each send is a boundary of its own.
func (f *finder) in(t types.Type, locked bool) *culprit {
	found := &f.found[0]
	if locked {
		found = &f.found[1]
	}
	if c, ok := found.At(t).(*culprit); ok {
		return c
	}
	c := (&search{finder: f}).walk(t, "", locked)
	found.Set(t, c)
	return c
}

// isOwn reports whether t is a type of own.
func isOwn(t types.Type) bool { return api.TypeOf(t) != api.NotOwn }

// A search is one walk through a type.
type search struct {
	*finder
	open, locked typeutil.Map // what has been walked, outside and inside of a lock
	depth        int
}

// walk returns the first culprit in t, which is found at path.
func (s *search) walk(t types.Type, path string, locked bool) *culprit {
	seen := &s.open
	if locked {
		seen = &s.locked
	}
	// The type checker refuses types that expand without end, so the depth is for
	// what it may have missed.
	if seen.At(t) != nil || s.depth > 100 {
		return nil
	}
	seen.Set(t, true)
	s.depth++
	defer func() { s.depth-- }()

	t = types.Unalias(t)
	if own := api.TypeOf(t); own != api.NotOwn {
		return s.walkOwn(own, t.(*types.Named), path, locked)
	}
	if named, ok := t.(*types.Named); ok {
		switch s.mark(named) {
		case markedNoSend:
			return &culprit{path: path, typ: t}
		case markedSend:
			return nil
		}
		// A package that does not import own has no culprit in its types, except by
		// their type arguments.
		if named.TypeArgs().Len() == 0 && !s.reachesOwn(named.Obj().Pkg()) {
			return nil
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Pointer:
		return behind(s.walk(t.Elem(), path, locked))
	case *types.Slice:
		return behind(s.walk(t.Elem(), path+"[]", locked))
	case *types.Map:
		if c := s.walk(t.Key(), path+"[key]", locked); c != nil {
			return behind(c)
		}
		return behind(s.walk(t.Elem(), path+"[]", locked))
	case *types.Array:
		return s.walk(t.Elem(), path+"[]", locked)
	case *types.Struct:
		locked = locked || hasMutex(t)
		for field := range t.Fields() {
			if c := s.walk(field.Type(), path+"."+field.Name(), locked); c != nil {
				return c
			}
		}
	}
	return nil
}

// behind is for a culprit to which a pointer leads.
func behind(c *culprit) *culprit {
	if c != nil {
		c.copied = false
	}
	return c
}

// walkOwn is walk for own's types. Their type arguments are what they hold,
// whatever their fields are.
func (s *search) walkOwn(own api.Type, t *types.Named, path string, locked bool) *culprit {
	switch own {
	case api.Mutex:
		// A RefCell that only the holder of a lock gets at is used by one goroutine
		// at a time: Mutex<RefCell<T>> is Sync. An Rc is not fit even there, for it
		// has other owners, somewhere, with the same counts.
		locked = true
	case api.RWMutex:
		// Readers come in together: RwLock<RefCell<T>> is not Sync.
	case api.Arc, api.Weak, api.AtomicArc:
		locked = false // the other owners are not under this lock
	case api.RefCell:
		if !locked {
			return &culprit{path: path, typ: t, own: own, copied: true}
		}
	default:
		return &culprit{path: path, typ: t, own: own}
	}
	if t.TypeArgs().Len() != 1 {
		return nil // own itself
	}
	c := s.walk(t.TypeArgs().At(0), path+".value", locked)
	if c != nil && (own == api.Arc || own == api.Weak || own == api.AtomicArc) {
		c.shared, c.copied = true, false
	}
	return c
}

// hasMutex reports whether a struct has a mutex of package sync among its fields.
// That is how a struct in Go says that its other fields are under a lock.
func hasMutex(t *types.Struct) bool {
	for field := range t.Fields() {
		typ := types.Unalias(field.Type())
		if p, ok := typ.(*types.Pointer); ok {
			typ = types.Unalias(p.Elem())
		}
		named, ok := typ.(*types.Named)
		if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "sync" {
			continue
		}
		if name := named.Obj().Name(); name == "Mutex" || name == "RWMutex" {
			return true
		}
	}
	return false
}

func (f *finder) reachesOwn(pkg *types.Package) bool {
	if pkg == nil {
		return false
	}
	reaches, known := f.reaches[pkg]
	if !known {
		reaches = api.Reaches(pkg)
		f.reaches[pkg] = reaches
	}
	return reaches
}
