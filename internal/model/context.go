package model

import (
	"context"
	"time"
)

// A Context is a [context.Context] that ends when a thread calls Cancel.
type Context struct {
	done chan struct{}
	err  error
}

// object is what operations on c touch: the channel, on which others wait.
func (c *Context) object() *Object { return ObjectOf(c.done) }

// NewContext returns a Context that has not ended.
func NewContext() *Context {
	c := &Context{done: make(chan struct{})}
	c.object().enter()
	return c
}

// Cancel ends c.
func (c *Context) Cancel() {
	Step(Op{Name: "cancel", Object: c.object()})
	if c.err == nil {
		c.err = context.Canceled
		close(c.done)
	}
	c.object().Release()
	c.object().Set(1)
}

// Err implements [context.Context].
func (c *Context) Err() error {
	Step(Op{Name: "ctx.Err", Object: c.object(), Reads: true})
	if c.err != nil {
		c.object().Acquire()
		Saw(1)
	}
	return c.err
}

// Done implements [context.Context].
func (c *Context) Done() <-chan struct{} { return c.done }

// Deadline implements [context.Context].
func (c *Context) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements [context.Context].
func (c *Context) Value(any) any { return nil }

// Content says whether c has ended. It is no operation.
func (c *Context) Content() uint64 {
	if c.err != nil {
		return 1
	}
	return 0
}
