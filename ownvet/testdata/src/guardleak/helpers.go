package guardleak

import (
	"guardleak/held"

	"github.com/go-own/own"
)

func heldNever(s *held.Store) (int, error) {
	g, err := s.Lock() // want `guard-leak: g is never unlocked; defer its Unlock`
	if err != nil {
		return 0, err
	}
	return held.Len(g), nil
}

func heldPath(s *held.Store) error {
	g, err := s.Lock() // want `guard-leak: g is not unlocked on the path to the return at line 23`
	if err != nil {
		return err
	}
	if held.Len(g) == 0 {
		return errNo
	}
	held.Commit(g, "x")
	return nil
}

func heldTry(s *held.Store) {
	g, ok := s.TryLock() // want `guard-leak: g is never unlocked`
	if !ok {
		return
	}
	println(held.Len(g))
}

func heldNonEmpty(s *held.Store) {
	g := s.LockNonEmpty() // want `guard-leak: g is never unlocked`
	if g == nil {
		return
	}
	println(held.Len(g))
}

func heldRight(s *held.Store) (int, error) {
	g, err := s.Lock()
	if err != nil {
		return 0, err
	}
	defer g.Unlock()
	return held.Len(g), nil
}

func heldCommitted(s *held.Store) error {
	g, err := s.Lock()
	if err != nil {
		return err
	}
	if held.Len(g) == 0 {
		held.Abort(g)
		return errNo
	}
	held.Commit(g, "x")
	return nil
}

func heldNonEmptyRight(s *held.Store) {
	if g := s.LockNonEmpty(); g != nil {
		held.Abort(g)
	}
}

func heldTryRight(s *held.Store) {
	if g, ok := s.TryLock(); ok {
		held.Abort(g)
	}
}

func heldKept(s *held.Store) int { return held.Len(s.LockKept()) }

func heldPerhaps(s *held.Store, ok bool) {
	g, _ := s.Lock()
	held.CommitIf(g, ok)
	if !ok {
		println("kept")
	}
}

func heldWait(s *held.Store) error {
	g, err := s.Lock()
	if err != nil {
		return err
	}
	if err := held.Wait(g); err != nil {
		return err
	}
	g.Unlock()
	return nil
}

func heldLater(s *held.Store) func() {
	g, _ := s.Lock()
	return held.Later(g)
}

func heldHandedOn(s *held.Store) (*own.Guard[map[string]int], error) {
	return s.Lock()
}
