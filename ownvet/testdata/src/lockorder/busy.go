package lockorder

import (
	"errors"

	"github.com/go-own/own"
)

// Not under a, which was refused.
func (s *shop) unlessBusy() { // want unlessBusy:"takes"
	g, err := s.a.TryLock()
	if errors.Is(err, own.ErrWouldBlock) {
		s.b.MustWith(func(*int) {})
		return
	}
	if err == nil {
		g.Unlock()
	}
}
