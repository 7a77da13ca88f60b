// Package api knows own's types, functions and methods, without importing it: by
// import path, so that the analyzers need no version of own to be built and work
// on whichever the program uses, also on a vendored copy. Another major version,
// such as github.com/go-own/own/v2, is another API: nothing in it is known here,
// and the analyzers are silent about it.
package api

import (
	"go/types"
	"strings"
)

// Path is the import path of package own. Rc and RefCell are in folders below it.
const Path = "github.com/go-own/own"

// A Type is one of own's generic types.
type Type uint8

const (
	NotOwn Type = iota // any other type; as a receiver: a function

	Mutex
	RWMutex
	Guard
	MappedGuard
	ReadGuard
	WriteGuard

	Arc
	Weak
	AtomicArc
	Rc
	RcWeak // rc.Weak

	RefCell
	Ref
	RefMut
)

// names of the types, as a user of own writes them.
var names = [...]string{
	NotOwn:      "",
	Mutex:       "own.Mutex",
	RWMutex:     "own.RWMutex",
	Guard:       "own.Guard",
	MappedGuard: "own.MappedGuard",
	ReadGuard:   "own.ReadGuard",
	WriteGuard:  "own.WriteGuard",
	Arc:         "own.Arc",
	Weak:        "own.Weak",
	AtomicArc:   "own.AtomicArc",
	Rc:          "rc.Rc",
	RcWeak:      "rc.Weak",
	RefCell:     "cell.RefCell",
	Ref:         "cell.Ref",
	RefMut:      "cell.RefMut",
}

var byName = func() map[string]Type {
	m := map[string]Type{}
	for t, name := range names {
		if name != "" {
			m[name] = Type(t)
		}
	}
	return m
}()

// String returns the name with the package's: own.Mutex, rc.Weak.
func (t Type) String() string { return names[t] }

// IsLock reports whether t is a lock that holds a value: Mutex or RWMutex.
func (t Type) IsLock() bool { return t == Mutex || t == RWMutex }

// IsGuard reports whether a *t is the right to use the value of a lock, given
// back by Unlock.
func (t Type) IsGuard() bool {
	return t == Guard || t == MappedGuard || t == ReadGuard || t == WriteGuard
}

// IsBorrow reports whether a *t is the right to use the value of a RefCell, given
// back by Drop.
func (t Type) IsBorrow() bool { return t == Ref || t == RefMut }

// IsOwner reports whether a *t is one owner of a shared value.
func (t Type) IsOwner() bool { return t == Arc || t == Rc }

// IsWeak reports whether a *t is a reference that owns nothing.
func (t Type) IsWeak() bool { return t == Weak || t == RcWeak }

// IsHandle reports whether a *t is a handle: something that is released, and not
// to be used after that.
func (t Type) IsHandle() bool {
	return t.IsGuard() || t.IsBorrow() || t.IsOwner() || t.IsWeak()
}

// Release returns the name of the method that releases a handle.
func (t Type) Release() string {
	switch {
	case t.IsGuard():
		return "Unlock"
	case t.IsHandle():
		return "Drop"
	}
	return ""
}

// TypeOf says which of own's types t is, whatever its type arguments. A pointer to
// one is none.
func TypeOf(t types.Type) Type {
	if t == nil {
		return NotOwn
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return NotOwn
	}
	obj := named.Origin().Obj()
	pkg := packageOf(obj)
	if pkg == "" {
		return NotOwn
	}
	return byName[pkg+"."+obj.Name()]
}

// PointerTo says which of own's types t points to.
func PointerTo(t types.Type) Type {
	if t == nil {
		return NotOwn
	}
	// Not Underlying: a type that is defined as *own.Guard[int] has no methods.
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return NotOwn
	}
	return TypeOf(p.Elem())
}

// HandleOf says which handle t is, so *own.Guard[int] and not own.Guard[int].
func HandleOf(t types.Type) Type {
	if h := PointerTo(t); h.IsHandle() {
		return h
	}
	return NotOwn
}

// packageOf returns "own", "rc" or "cell" if obj is declared in that package of own,
// and "" otherwise.
func packageOf(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	switch below, ok := inOwn(obj.Pkg().Path()); {
	case !ok:
		return ""
	case below == "":
		return "own"
	case below == "/rc":
		return "rc"
	case below == "/cell":
		return "cell"
	}
	return ""
}

// inOwn reports whether path is that of a package of own's module, and where it is
// below the root. Its nested modules count, too; none of the names is in them.
func inOwn(path string) (below string, ok bool) {
	// The go command calls a package that it builds for a test "path [test]".
	path, _, _ = strings.Cut(path, " ")
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 { // GOPATH mode only
		path = path[i+len("/vendor/"):]
	}
	below, ok = strings.CutPrefix(path, Path)
	return below, ok && (below == "" || below[0] == '/')
}

// Inside reports whether pkg is one of the packages that make up own. Their code
// does with locks and handles what users must not, so no rule applies there.
func Inside(pkg *types.Package) bool {
	below, ok := inOwn(pkg.Path())
	return ok && (below == "" || below == "/rc" || below == "/cell")
}

// Reaches reports whether pkg imports own, or a package that does. If not, it has
// no lock and no handle of own, and there is nothing to check.
func Reaches(pkg *types.Package) bool {
	seen := map[*types.Package]bool{}
	var visit func(*types.Package) bool
	visit = func(p *types.Package) bool {
		if seen[p] {
			return false
		}
		seen[p] = true
		for _, imported := range p.Imports() {
			if Inside(imported) || visit(imported) {
				return true
			}
		}
		return false
	}
	return Inside(pkg) || visit(pkg)
}
