package cell

// SetReaders pretends that c has n readers, for tests of overflow.
func (c *RefCell[T]) SetReaders(n int) { c.borrows.n = int32(n) }

// Readers is how many readers c has.
func (c *RefCell[T]) Readers() int { return int(c.borrows.n) }

// MaxReaders is the most readers of a cell.
const MaxReaders = maxReaders
