// Package verify checks the library against plain models: what real goroutines did
// must be what one goroutine could have done in some order, and what one goroutine
// does must be what a few lines of bookkeeping say.
//
// It is a module of its own because it needs porcupine and rapid, which the
// library must not depend on. There is nothing in it to import. README.md says
// what is checked, within which bound, and what is assumed.
package verify
