package main

import (
	"errors"
	"net/http"

	"github.com/go-own/own"
)

var errDown = errors.New("the service is shut down")

// A service answers from the configuration in use.
type service struct {
	open   func() (*config, error)      // reads the configuration as it is now
	closed func(version int, err error) // told when a config has been closed; say, a log

	// current is empty before the first reload and after close.
	current own.AtomicArc[config]

	// down says whether close has been called. It is locked for as long as a reload
	// takes; requests never look at it.
	down own.Mutex[bool]
}

func newService(open func() (*config, error), closed func(version int, err error)) *service {
	return &service{open: open, closed: closed}
}

// reload reads the configuration and puts it into use, and returns its version. On
// an error, the one in use stays.
func (s *service) reload() (version int, err error) {
	// One at a time, from the look at the file to the swap. The swap alone needs no
	// lock, but of two reloads the one that read the older file might swap last.
	//
	// Poisoned or not: an earlier reload that panicked has changed nothing, what is
	// in use is whole, and a bool cannot be half written. With Lock, that panic
	// would be the end of all reloads until a restart.
	g := s.down.LockIgnorePoison()
	defer g.Unlock()
	if *g.Value() {
		return 0, errDown // nobody would drop what came into the cell now
	}
	c, err := s.open()
	if err != nil {
		return 0, err
	}
	version = c.version // c is given away in the next line
	old := s.current.Swap(own.ArcFrom(c, s.closeConfig))
	g.Unlock()

	// After Unlock, because the hook may run in here. Store instead of Swap would
	// drop under the lock, and so would a deferred Drop, which comes before the
	// deferred Unlock. Both work, until the day when s.closed takes a lock that
	// somebody holds who reloads.
	old.Drop()
	return version, nil
}

// close takes the configuration out of use, for good. It comes after the Shutdown
// of the server. If that has given up on a request, the request still has its
// config, and closes it when it ends. One that comes now is refused.
func (s *service) close() {
	g := s.down.LockIgnorePoison()
	*g.Value() = true
	last := s.current.Swap(nil)
	g.Unlock()
	last.Drop()
}

// closeConfig is the drop hook: it runs once for each config, on the goroutine of
// its last owner.
func (s *service) closeConfig(c *config) {
	err := c.close()
	s.closed(c.version, err)
}

// A handler is an [http.Handler] that is given the configuration. c is an owner
// until the handler returns. What goes on after that, in another goroutine, needs
// a c.Clone() and drops it.
type handler func(w http.ResponseWriter, r *http.Request, c *own.Arc[config])

// handle calls h with the configuration in use. To call s.current.Load wherever
// something is needed is the tempting way: between two of them there may be a
// reload, and the request is served half by one version and half by the next.
func (s *service) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := s.current.Load()
		if c == nil {
			http.Error(w, errDown.Error(), http.StatusServiceUnavailable)
			return
		}
		// Deferred: net/http recovers a handler that panics, and without this the
		// config would have an owner for ever, and its file stay open.
		defer c.Drop()
		h(w, r, c)
	})
}
