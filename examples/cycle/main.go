// Cycle lets two values own each other, so that neither is ever dropped, and
// then breaks the circle with a Weak.
//
// In Go, such a circle is no memory leak: the garbage collector does not care who
// points to whom. What never happens is the end that the owners agreed on. The
// drop hook does not run, the file stays open, the count stays wrong, and no
// tool of Go's will say so; Rust does not prevent it either.
//
// The lesson: own downwards, refer back with a Weak. The next example, wordcount,
// puts all of it to work.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/go-own/own"
)

func main() { run(os.Stdout) }

func run(w io.Writer) {
	owningBack(w)
	fmt.Fprintln(w)
	referringBack(w)
}

type node struct {
	name  string
	child *own.Arc[node]

	up     *own.Arc[node]  // the wrong way back: a second owner of the parent
	parent *own.Weak[node] // the right one
}

// newNode returns the only owner of a node. A value's owners are not dropped
// with it by themselves; its hook has to let go of all that it holds. Drop of a
// nil handle does nothing, so the hook need not ask which fields are in use.
func newNode(w io.Writer, name string) *own.Arc[node] {
	return own.ArcFrom(&node{name: name}, func(n *node) {
		fmt.Fprintln(w, "hook: dropped", n.name)
		n.child.Drop()
		n.up.Drop()
		n.parent.Drop()
	})
}

// owningBack drops the owners it has, and no hook runs: each node still has one
// owner, which sits in the other and waits for that one's hook to drop it.
func owningBack(w io.Writer) {
	a, b := newNode(w, "a"), newNode(w, "b")
	seeA, seeB := a.Downgrade(), b.Downgrade() // to look at the counts at the end
	defer seeA.Drop()
	defer seeB.Drop()

	a.Value().child = b.Clone()
	b.Value().up = a.Clone()
	fmt.Fprintf(w, "circle: a has %d owners, b has %d\n", a.StrongCount(), b.StrongCount())

	a.Drop()
	b.Drop()
	fmt.Fprintf(w, "dropped: a has %d owner, b has %d\n", seeA.StrongCount(), seeB.StrongCount())
}

// referringBack differs in one line: the child gets a Weak of its parent.
func referringBack(w io.Writer) {
	a, b := newNode(w, "a"), newNode(w, "b")
	a.Value().child = b.Clone()
	b.Value().parent = a.Downgrade()
	fmt.Fprintf(w, "tree: a has %d owner, b has %d\n", a.StrongCount(), b.StrongCount())

	printParent(w, b)
	a.Drop() // a's hook drops a's owner of b; ours keeps b alive a little longer
	printParent(w, b)
	b.Drop()
}

// printParent goes from a child to its parent, if there is one left.
func printParent(w io.Writer, child *own.Arc[node]) {
	parent, ok := child.Value().parent.Upgrade()
	if !ok {
		fmt.Fprintf(w, "parent of %s: gone\n", child.Value().name)
		return
	}
	defer parent.Drop() // Upgrade made an owner: to keep it would close the circle again
	fmt.Fprintf(w, "parent of %s: %s\n", child.Value().name, parent.Value().name)
}
