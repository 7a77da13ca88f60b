package main

import (
	"context"

	"github.com/go-own/own"
)

// A cache shares one value a key among all who use it at the same time. The first
// has it loaded, the last has it closed.
//
// To keep a value although nobody uses it, keep an owner of it: a list of the ten
// that were used last, say. The cache need not know.
type cache[K comparable, T any] struct {
	load  func(context.Context, K) (*T, error)
	close func(*T)

	// The critical sections look something up or write it down. They do not load
	// and do not close, and above all they do not Drop: a Drop that is the last
	// runs a hook, and the hooks of this cache take this very lock.
	//
	// Nothing in them panics, so that MustLock will do.
	entries own.RWMutex[entries[K, T]]
}

// entries has a Weak for what is in use. An Arc would be a user, and the last one
// never to leave.
type entries[K comparable, T any] struct {
	values map[K]*own.Weak[T]
	loads  map[K]*own.Weak[attempt[T]]
}

// newCache returns an empty cache. load makes the value of a key, close ends one.
// load may use the cache, for other keys, as long as no two keys need each other.
func newCache[K comparable, T any](load func(context.Context, K) (*T, error), close func(*T)) *cache[K, T] {
	return &cache[K, T]{load: load, close: close, entries: own.NewRWMutex(entries[K, T]{
		values: map[K]*own.Weak[T]{},
		loads:  map[K]*own.Weak[attempt[T]]{},
	})}
}

// Get returns an owner of the value of key, to be dropped when it is done with.
// If nobody has one, the value is loaded, on this goroutine and with ctx. If
// somebody is loading it already, Get waits for that, and gets the value or the
// error that comes of it. What has failed is forgotten: the next Get tries again.
//
// If load panics, so does the Get that called it; those that wait get an
// [*own.PoisonError], which names the panic. If ctx ends, Get waits no more and
// returns its error; a load that fails when its ctx has ended is carried out once
// more, for the next of those that wait.
//
// A value whose last owner has gone is never handed out again. It may still be
// closing when its successor is loaded.
func (c *cache[K, T]) Get(ctx context.Context, key K) (*own.Arc[T], error) {
	if value, ok := c.find(key); ok {
		return value, nil
	}
	value, a := c.join(key)
	if value != nil {
		return value, nil
	}
	defer a.Drop()
	return c.wait(ctx, key, a)
}

// find returns an owner of the value if it is in use.
func (c *cache[K, T]) find(key K) (*own.Arc[T], bool) {
	g := c.entries.MustRLock()
	defer g.Unlock()
	if value, ok := g.Value().values[key]; ok {
		return value.Upgrade()
	}
	return nil, false
}

// join returns an owner of the value, or an owner of an attempt to load it.
func (c *cache[K, T]) join(key K) (*own.Arc[T], *own.Arc[attempt[T]]) {
	g := c.entries.MustLock()
	defer g.Unlock()
	e := g.Value()
	// Looked up again: since find, somebody else may have been quicker. And an
	// entry is no promise. It is there until the hook of its value gets the lock,
	// and until then Upgrade says that there is nothing any more.
	if value, ok := e.values[key]; ok {
		if value, ok := value.Upgrade(); ok {
			return value, nil
		}
	}
	if a, ok := e.loads[key]; ok {
		if a, ok := a.Upgrade(); ok {
			return nil, a
		}
	}
	a := c.newAttempt(key)
	e.loads[key] = a.Downgrade()
	return nil, a
}

// share makes an owner of a new value and lets others find it. From here on they
// need no attempt.
func (c *cache[K, T]) share(key K, v *T) *own.Arc[T] {
	var self *own.Weak[T]
	value := own.ArcFrom(v, func(v *T) {
		c.entries.MustWith(func(e *entries[K, T]) { remove(e.values, key, self) })
		c.close(v) // without the lock: it may take its time
	})
	self = value.Downgrade()
	c.entries.MustWith(func(e *entries[K, T]) { e.values[key] = self })
	return value
}

// remove deletes the entry of key if it is w. To delete whatever is there is the
// tempting way: between the last Drop and its hook, somebody may have found the
// value dead, loaded another and entered that. Then a third would load one more,
// and each would believe that all have the same.
func remove[K comparable, T any](entries map[K]*own.Weak[T], key K, w *own.Weak[T]) {
	if now, ok := entries[key]; ok && now.PtrEq(w) {
		delete(entries, key)
	}
}
