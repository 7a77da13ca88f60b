package rc_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/rc"
)

// An Rc can do what an Arc can, by the same names and with the same signatures,
// and nothing else: a program changes from one to the other by changing the type.
func TestRcMethodsAreThoseOfArc(t *testing.T) {
	require.Equal(t, methodsOf[*own.Arc[int]](t), methodsOf[*rc.Rc[int]](t))
}

// A Weak of this package can do what that of an Arc can.
func TestRcWeakMethodsAreThoseOfArc(t *testing.T) {
	require.Equal(t, methodsOf[*own.Weak[int]](t), methodsOf[*rc.Weak[int]](t))
}

// The functions have names of their own, and the signatures of Arc's.
func TestRcFunctionsAreThoseOfArc(t *testing.T) {
	for _, pair := range [][2]any{
		{own.NewArc[int], rc.New[int]},
		{own.ArcFrom[int], rc.From[int]},
		{own.NewCyclicArc[int], rc.NewCyclic[int]},
	} {
		require.Equal(t, signature(t, reflect.TypeOf(pair[0])), signature(t, reflect.TypeOf(pair[1])))
	}
}

// methodsOf returns the signatures of the methods of T, by their names.
func methodsOf[T any](t *testing.T) map[string]string {
	methods := map[string]string{}
	for m := range reflect.TypeFor[T]().Methods() {
		methods[m.Name] = signature(t, m.Type)
	}
	require.NotEmpty(t, methods)
	return methods
}

// signature returns the text of a function's type, receiver included, in which
// the types of both packages have the same names.
func signature(t *testing.T, function reflect.Type) string {
	s := strings.NewReplacer(
		"*own.Arc[int]", "*Owner", "*rc.Rc[int]", "*Owner",
		"*own.Weak[int]", "*Weak", "*rc.Weak[int]", "*Weak",
	).Replace(function.String())
	require.NotRegexp(t, `\b(own|rc)\.`, s, "a type that the other package has no twin for")
	return s
}
