package notsend

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// A mark is what the author of a type says about it, with a directive in the
// comment before it:
//
//	//own:nosend                 it must not reach another goroutine
//	//own:send its lock is in …  it may, whatever it contains; Rust's unsafe impl Send
//
// Like own:allow, own:send needs a reason, and does nothing without one.
type mark struct{ Send bool }

func (*mark) AFact() {}

func (m *mark) String() string {
	if m.Send {
		return "send"
	}
	return "nosend"
}

type marking uint8

const (
	unmarked marking = iota
	markedSend
	markedNoSend
)

// mark returns what is said about a type.
func (f *finder) mark(t *types.Named) marking {
	var m mark
	switch {
	case !f.pass.ImportObjectFact(t.Origin().Obj(), &m):
		return unmarked
	case m.Send:
		return markedSend
	}
	return markedNoSend
}

// exportMarks exports a fact for each type of the package that has a mark.
func exportMarks(pass *analysis.Pass) {
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				continue
			}
			for _, spec := range decl.Specs {
				spec := spec.(*ast.TypeSpec)
				doc := spec.Doc
				if doc == nil && len(decl.Specs) == 1 {
					doc = decl.Doc
				}
				obj := pass.TypesInfo.Defs[spec.Name]
				if m, ok := markIn(doc); ok && obj != nil {
					pass.ExportObjectFact(obj, &m)
				}
			}
		}
	}
}

func markIn(doc *ast.CommentGroup) (mark, bool) {
	if doc == nil {
		return mark{}, false
	}
	for _, c := range doc.List {
		d, ok := ast.ParseDirective(c.Slash, c.Text)
		switch {
		case !ok || d.Tool != "own":
		case d.Name == "nosend":
			return mark{}, true
		case d.Name == "send" && d.Args != "":
			return mark{Send: true}, true
		}
	}
	return mark{}, false
}
