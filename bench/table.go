package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A table is rows of cells. The first row is the head. The first columns, as many as left
// says, are names, and the others numbers.
type table struct {
	left int
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// widths returns those of the columns.
func (t *table) widths() []int {
	all := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			all[i] = max(all[i], utf8.RuneCountInString(cell))
		}
	}
	return all
}

// pad returns the cell as wide as its column.
func (t *table) pad(column int, cell string, width int) string {
	space := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
	if column < t.left {
		return cell + space
	}
	return space + cell
}

// plain returns t without the marks of Markdown.
func (t *table) plain() *table {
	p := &table{left: t.left}
	for _, row := range t.rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, strings.ReplaceAll(cell, "`", ""))
		}
		p.add(cells...)
	}
	return p
}

// text prints t for a terminal.
func (t *table) text(w io.Writer) {
	widths := t.widths()
	for _, row := range t.rows {
		var line []string
		for i, cell := range row {
			line = append(line, t.pad(i, cell, widths[i]))
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(line, "  "), " "))
	}
}

// markdown prints t so that it is readable as it is, too.
func (t *table) markdown(w io.Writer) {
	widths := t.widths()
	for i, width := range widths {
		widths[i] = max(width, 3)
	}
	for n, row := range t.rows {
		for i, cell := range row {
			fmt.Fprintf(w, "| %s ", t.pad(i, cell, widths[i]))
		}
		fmt.Fprintln(w, "|")
		if n > 0 {
			continue
		}
		for i, width := range widths {
			if i < t.left {
				fmt.Fprintf(w, "| %s ", strings.Repeat("-", width))
			} else {
				fmt.Fprintf(w, "| %s: ", strings.Repeat("-", width-1))
			}
		}
		fmt.Fprintln(w, "|")
	}
}

// text prints all that was measured, a block for each group: for each side the median, and
// how it relates to the base of its workload.
func (r *run) text(out io.Writer) {
	for _, s := range r.head {
		fmt.Fprintf(out, "%s: %s\n", s.key, s.value)
	}
	for _, g := range r.groups() {
		t := &table{left: 2}
		t.add(group(g[0].name), "", "median", "", "ratio", "", "rounds")
		for _, m := range g {
			for i, s := range m.sides {
				name := ""
				if i == 0 {
					name = within(m.name)
				}
				median := estimated(s.values)
				ratio, spread := "", ""
				if e, ok := r.ratio(m.name, s.name, m.sides[0].name); ok && i > 0 {
					ratio, spread = times(e.center), e.plusMinus()
				}
				t.add(name, s.name, amount(median.center, m.unit), median.plusMinus(), ratio, spread, fmt.Sprint(len(s.values)))
			}
		}
		fmt.Fprintln(out)
		t.text(out)
	}
}

// groups returns the workloads by the first part of their names, in the order of the file.
func (r *run) groups() [][]*measured {
	var all [][]*measured
	index := map[string]int{}
	for _, w := range r.workloads {
		i, known := index[group(w.name)]
		if !known {
			i = len(all)
			index[group(w.name)] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], w)
	}
	return all
}

// markdown prints all that was measured for a reader: a table for all workloads whose names
// differ in the last part and which have the same sides, with a row for each side.
func (r *run) markdown(out io.Writer) {
	for _, g := range r.groups() {
		fmt.Fprintf(out, "### %s\n\n", group(g[0].name))
		for _, alike := range split(g) {
			r.sideBySide(alike).markdown(out)
			fmt.Fprintln(out)
		}
	}
}

// split returns the workloads of a group in as many parts as there are tables.
func split(g []*measured) [][]*measured {
	var all [][]*measured
	for _, w := range g {
		last := len(all) - 1
		if last >= 0 && sameTable(all[last][0], w) {
			all[last] = append(all[last], w)
		} else {
			all = append(all, []*measured{w})
		}
	}
	return all
}

func sameTable(a, b *measured) bool {
	series := func(w *measured) string { return w.name[:strings.LastIndex("/"+w.name, "/")] }
	return series(a) == series(b) && a.unit == b.unit && slices.EqualFunc(a.sides, b.sides, func(s, t *laps) bool {
		return s.name == t.name
	})
}

// sideBySide is the table of workloads with the same sides. The base has the median, and
// the others the ratio, too.
func (r *run) sideBySide(workloads []*measured) *table {
	t := &table{left: 1}
	single := len(workloads) == 1
	if single {
		t.add(within(workloads[0].name), "median", "ratio", "95 % interval")
	} else {
		// What the names have in common is the head of the first column.
		name := within(workloads[0].name)
		head := []string{strings.TrimSuffix(name[:strings.LastIndex("/"+name, "/")], "/")}
		for _, w := range workloads {
			head = append(head, w.name[strings.LastIndex(w.name, "/")+1:])
		}
		t.add(head...)
	}
	for i, s := range workloads[0].sides {
		row := []string{s.name}
		if strings.HasPrefix(s.name, "own.") {
			row[0] = "**" + s.name + "**"
		}
		for _, w := range workloads {
			cell := amount(estimated(w.sides[i].values).center, w.unit)
			e, ok := r.ratio(w.name, s.name, w.sides[0].name)
			switch {
			case single && i > 0 && ok && e.bounded():
				row = append(row, cell, times(e.center), times(e.lo)+" to "+times(e.hi))
			case single && i > 0 && ok:
				row = append(row, cell, times(e.center), "")
			case single:
				row = append(row, cell, "", "")
			case i > 0 && ok:
				row = append(row, cell+", "+times(e.center)+"×")
			default:
				row = append(row, cell)
			}
		}
		t.add(row...)
	}
	return t
}
