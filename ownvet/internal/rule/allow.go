package rule

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A directive silences one rule on one line, and says why:
//
//	cells <- c //own:allow not-send the receiver is the only one left who uses it
//
// At the end of a line it is for that line; on lines of its own, for the line after
// the comment that it is part of. Without a reason it silences nothing: whoever
// reads the line later, or changes it, has to know what made it right. One that
// has nothing to silence is reported, or it would silence the bug that somebody
// adds there.
type directive struct {
	pos, end token.Pos
	file     *token.File
	line     int
	rule     string
	reason   string
	used     bool
}

// directives are those in one package for one rule.
type directives []*directive

// covers reports whether one of them silences a finding at pos.
func (ds directives) covers(fset *token.FileSet, pos token.Pos) bool {
	file := fset.File(pos)
	covered := false
	for _, d := range ds {
		if d.reason != "" && d.file == file && d.line == line(file, pos) {
			d.used = true
			covered = true
		}
	}
	return covered
}

// useless returns a report for each that did not silence anything.
func (ds directives) useless() []analysis.Diagnostic {
	var reports []analysis.Diagnostic
	for _, d := range ds {
		message := "this own:allow silences nothing; remove it, or move it to the line that is reported"
		switch {
		case d.used:
			continue
		case d.reason == "":
			message = "this own:allow gives no reason, so it silences nothing; say after the rule's name why the line is right"
		}
		reports = append(reports, analysis.Diagnostic{Pos: d.pos, End: d.end, Message: message})
	}
	return reports
}

// directivesFor returns the directives in pass for one rule.
func directivesFor(pass *analysis.Pass, name string) directives {
	var ds directives
	for _, d := range parse(pass) {
		if d.rule == name {
			ds = append(ds, d)
		}
	}
	return ds
}

// parse returns all directives in pass.
func parse(pass *analysis.Pass) []*directive {
	var ds []*directive
	for _, f := range pass.Files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				parsed, ok := ast.ParseDirective(c.Slash, c.Text)
				if !ok || parsed.Tool != "own" || parsed.Name != "allow" {
					continue
				}
				args, _, _ := strings.Cut(" "+parsed.Args, " //") // a comment in the comment
				name, reason, _ := strings.Cut(strings.TrimSpace(args), " ")
				file := pass.Fset.File(c.Slash)
				d := &directive{pos: c.Pos(), end: c.End(), file: file, rule: name, reason: strings.TrimSpace(reason)}
				d.line = line(file, c.Pos())
				if !trails(pass, file, c) {
					d.line = line(file, group.End()) + 1
				}
				ds = append(ds, d)
			}
		}
	}
	return ds
}

// line is that of the file that was parsed, whatever //line says: a directive and
// the code beside it are in that one together.
func line(file *token.File, pos token.Pos) int {
	return file.PositionFor(pos, false).Line
}

// trails reports whether there is code before c on its line.
func trails(pass *analysis.Pass, file *token.File, c *ast.Comment) bool {
	content, err := pass.ReadFile(file.Name())
	if err != nil {
		return true // it then silences less
	}
	start, end := file.Offset(file.LineStart(line(file, c.Pos()))), file.Offset(c.Pos())
	return end > len(content) || len(bytes.TrimSpace(content[start:end])) > 0
}

// Allow checks what no single rule can: that a directive names one.
var Allow = &analysis.Analyzer{
	Name: "ownallow",
	Doc:  "report directives //own:allow that name no rule",
	URL:  page + "#silencing-a-finding",
	Run: func(pass *analysis.Pass) (any, error) {
		for _, d := range parse(pass) {
			message := "own:allow: there is no rule " + d.rule
			switch {
			case d.rule == "":
				message = "own:allow: name the rule, and say why the line is right"
			case slices.Contains(Names, d.rule):
				continue
			}
			pass.Report(analysis.Diagnostic{Pos: d.pos, End: d.end, Category: "own-allow", Message: message})
		}
		return nil, nil
	},
}
