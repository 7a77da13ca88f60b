// Package show prints what handles and locks contain.
package show

import (
	"fmt"
	"io"
	"reflect"
	"sync"
)

// Value prints *p for the handles and locks of this module as fmt would
// print it by itself, with the same verb and flags. The caller sees to it that
// *p may be read.
//
// Plain fmt.Fprint(s, *p) has two faults: it does not find methods with a
// pointer receiver, and if T contains a lock it copies and prints the lock's
// insides while others use them, which is a data race.
func Value[T any](s fmt.State, verb rune, p *T) {
	format := fmt.FormatString(s, verb)
	switch {
	case hasFormat(p, s, verb):
		fmt.Fprintf(s, format, p)
	case holdsLock(reflect.TypeFor[T]()):
		io.WriteString(s, reflect.TypeFor[T]().String()+"{..}")
	default:
		fmt.Fprintf(s, format, *p)
	}
}

// hasFormat reports whether p, a pointer, has a method that fmt uses for the
// verb. Without one, fmt would print an address.
func hasFormat(p any, s fmt.State, verb rune) bool {
	switch p.(type) {
	case fmt.Formatter:
		return true
	case fmt.GoStringer:
		if verb == 'v' && s.Flag('#') {
			return true
		}
	}
	switch p.(type) {
	case error, fmt.Stringer:
		switch verb {
		case 'v':
			return !s.Flag('#')
		case 's', 'q', 'x', 'X':
			return true
		}
	}
	return false
}

// holdsLock reports whether a value of type t has a lock, or anything else that
// must not be copied, within itself. The test is that of go vet's copylocks:
// pointer methods Lock and Unlock, which the types of sync and sync/atomic have
// at least on a field.
func holdsLock(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return holdsLock(t.Elem())
	case reflect.Struct:
		if reflect.PointerTo(t).Implements(reflect.TypeFor[sync.Locker]()) {
			return true
		}
		for f := range t.Fields() {
			if holdsLock(f.Type) {
				return true
			}
		}
	}
	return false
}
