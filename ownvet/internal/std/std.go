// Package std knows the standard library.
package std

import "strings"

// Has reports whether the package with an import path belongs to the standard
// library. A package of a program whose path begins with such a name, say log/mine
// in a module called log, is taken for one, and the rules then know less about it.
func Has(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return roots[first]
}

var roots = func() map[string]bool {
	m := map[string]bool{}
	for _, root := range strings.Fields(`
		archive bufio bytes cmd cmp compress container context crypto database debug
		embed encoding errors expvar flag fmt go hash html image index internal io iter
		log maps math mime net os path plugin reflect regexp runtime slices sort strconv
		strings structs sync syscall testing text time unicode unique unsafe vendor weak`) {
		m[root] = true
	}
	return m
}()
