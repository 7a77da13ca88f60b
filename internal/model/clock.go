package model

// A clock says, for each thread, how much of what it did is known.
type clock [maxThreads + 1]uint32

func (c *clock) join(d *clock) {
	for i, n := range d {
		c[i] = max(c[i], n)
	}
}

// running returns the thread whose code runs.
func running() *thread {
	if active.current != nil {
		return active.current
	}
	return &active.setup
}

// Acquire makes the running thread know what those knew who released o.
func (o *Object) Acquire() { running().knows.join(&o.knows) }

// Release makes o know what the running thread knows.
func (o *Object) Release() {
	t := running()
	o.knows.join(&t.knows)
	t.knows[t.id]++ // what t does from here on is not known by that
}

// Replace makes o know what the running thread knows, and nothing else.
func (o *Object) Replace() {
	o.knows = clock{}
	o.Release()
}

// A Cell stands for a plain variable: the value in a lock, say. Two accesses that
// nothing orders, of which one writes, are a data race. An access is no operation
// of its own, since without a race its place between two of them makes no
// difference.
type Cell struct {
	writer int // who wrote last, plus 1
	wrote  uint32
	read   clock // when each thread read last
}

// Read fails the execution unless the last write is known.
func (c *Cell) Read() {
	t := running()
	c.know(t, "read")
	c.read[t.id] = t.knows[t.id]
}

// Write fails the execution unless the last write and all reads are known.
func (c *Cell) Write() {
	t := running()
	c.know(t, "write")
	for u, at := range c.read {
		if u != t.id && at > t.knows[u] {
			Fail("data race: thread %d writes what thread %d reads", t.id, u)
		}
	}
	c.writer, c.wrote = t.id+1, t.knows[t.id]
}

func (c *Cell) know(t *thread, does string) {
	if u := c.writer - 1; u >= 0 && u != t.id && c.wrote > t.knows[u] {
		Fail("data race: thread %d %ss what thread %d writes", t.id, does, u)
	}
}
