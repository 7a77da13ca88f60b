// Package prim has the primitives that the library is built on. In a normal build
// they are those of sync and sync/atomic, by another name. With -tags ownmodel they
// announce each operation to package model before they do it, so that the code
// built on them can be run in every order that there is.
//
// Outside of an exploration the instrumented ones are the real ones as well, only
// slower, so that all tests also run with the tag.
package prim
