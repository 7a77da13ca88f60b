package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own/cell"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func Example() {
	main()
	// Output:
	// one goroutine, Rc and RefCell: 40
	// many goroutines, Arc and Mutex: 40
	//
	// RefCell, opened twice: refused: true (and Borrow would panic)
	// Mutex, opened twice: refused: true (and Lock would wait for ever)
	//
	// RefCell, after a panic: RefCell { value: {70 0} }
	// Mutex, after a panic: poisoned: true
	//
	// while Bob owns the purse, too, it can leave: false
	// when Ann is alone with it, it can leave: true
	// and comes back as RefCell { value: 90 }
}

// Spending from a purse that somebody up the stack looks into is refused, and
// spends nothing.
func TestSpendWhileOpen(t *testing.T) {
	purse := cell.NewRefCell(100)
	b := purse.Borrow()
	require.Panics(t, func() { spend(&purse, 10) })
	b.Drop()
	spend(&purse, 10)
	require.Equal(t, 90, purse.IntoInner())
}
