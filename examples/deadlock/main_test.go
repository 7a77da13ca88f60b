package main

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func Example() {
	main()
	// Output:
	// ann to bob: held ann, found bob locked, released ann
	// bob to ann: holds both, pays 10
	// ann to bob: paid 30
	// ann: Mutex { data: 80, poisoned: false, .. }
	// bob: Mutex { data: 120, poisoned: false, .. }
	// in order, 100 transfers each way
	// ann: Mutex { data: 100, poisoned: false, .. }
	// bob: Mutex { data: 100, poisoned: false, .. }
}

// Both ways of locking, three accounts in a ring, every transfer against
// another. A deadlock or a livelock would run into the timeout of go test.
func TestEveryTransferArrives(t *testing.T) {
	ways := map[string]func(from, to *account, amount int) error{
		"in order": transferInOrder,
		"back off": func(from, to *account, amount int) error {
			return transferBackOff(from, to, amount, func() {})
		},
	}
	for name, transfer := range ways {
		t.Run(name, func(t *testing.T) {
			const rounds = 1000
			var ring [3]account
			for i := range ring {
				ring[i].id = i
			}
			done := make(chan error)
			for i := range ring {
				from, to := &ring[i], &ring[(i+1)%len(ring)]
				for _, way := range [][2]*account{{from, to}, {to, from}, {from, from}} {
					go func() {
						var err error
						for range rounds {
							err = errors.Join(err, transfer(way[0], way[1], 1))
						}
						done <- err
					}()
				}
			}
			for range 3 * len(ring) {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			for i := range ring {
				if v, err := ring[i].balance.Load(); v != 0 || err != nil {
					t.Errorf("account %d has %d, %v; want 0", i, v, err)
				}
			}
		})
	}
}

// A poisoned account ends a transfer; it is not something to wait for.
func TestPoisonedAccount(t *testing.T) {
	ann, bob := &account{id: 1}, &account{id: 2}
	func() {
		defer func() { _ = recover() }()
		bob.balance.MustWith(func(*int) { panic("half a booking") })
	}()
	err := transferBackOff(ann, bob, 1, func() { t.Error("tried again") })
	if !errors.Is(err, own.ErrPoisoned) {
		t.Errorf("back off: got %v, want poison", err)
	}
	if err := transferInOrder(bob, ann, 1); !errors.Is(err, own.ErrPoisoned) {
		t.Errorf("in order: got %v, want poison", err)
	}
	if v, err := ann.balance.IntoInner(); v != 0 || err != nil {
		t.Errorf("ann has %d, %v; want 0, unlocked", v, err)
	}
}
