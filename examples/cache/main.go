// Cache shares what is expensive to open, such as the connection to a database,
// among those who need it at the same time: one connection a region, opened by
// the first who asks and closed when the last is done.
//
// The cache must know the connection and not keep it: what it has is a Weak. Each
// user has an owner, and when the last is dropped, the hook closes the connection
// and removes the entry. The load that several wait for is shared in the same
// way: they own an Arc[Mutex] that one of them holds while it loads.
//
// Services in Go count by hand here: caddy in usagepool.go, where a Delete too
// many panics or takes the value from somebody else; grpc-go in xdsclient/pool.go,
// and in certprovider/store.go, which makes a wrapper for each user so that a
// second Close closes nothing. An owner is that wrapper.
//
// What else there is: weak.Pointer and unique of the standard library share
// memory, and let go when the garbage collector gets to it. Prefer them for
// values that nobody has to close. golang.org/x/sync/singleflight shares a call
// and not what comes of it: prefer it for a value that each caller may keep, such
// as the answer of a query.
//
// The lesson: a Weak finds what others use and keeps nothing in use. What its hook
// locks must not be locked by whoever drops it.
//
// cache.go has the values, attempt.go what happens while one is being loaded.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"sync"

	"github.com/go-own/own"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A connection stands for something that costs time to open, and has to be closed.
type connection struct{ region string }

var errUnknown = errors.New("no such region")

func run(w io.Writer) error {
	c := newCache(
		func(_ context.Context, region string) (*connection, error) {
			fmt.Fprintln(w, "    opening", region)
			if region == "mars" {
				return nil, fmt.Errorf("%w: %s", errUnknown, region)
			}
			return &connection{region}, nil
		},
		func(conn *connection) { fmt.Fprintln(w, "    closing", conn.region) },
	)
	ctx := context.Background()
	if err := share(ctx, w, c); err != nil {
		return err
	}

	// What has failed is not kept.
	for range 2 {
		_, err := c.Get(ctx, "mars")
		fmt.Fprintln(w, "mars:", err)
	}

	// Nobody drops before all have one, so that nobody comes too late to share.
	var all, wg sync.WaitGroup
	all.Add(10)
	errs := make(chan error, 10)
	for range 10 {
		wg.Go(func() {
			conn, err := c.Get(ctx, "us")
			defer conn.Drop() // of nil, if there is an error: does nothing
			errs <- err
			all.Done()
			all.Wait()
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "ten used us at the same time")
	return nil
}

// share lets two users share a connection, and a third come when both are done.
func share(ctx context.Context, w io.Writer, c *cache[string, connection]) error {
	get := func(user string) (*own.Arc[connection], error) {
		fmt.Fprintln(w, user, "needs eu")
		return c.Get(ctx, "eu")
	}
	alice, err := get("alice")
	if err != nil {
		return err
	}
	defer alice.Drop()
	bob, err := get("bob")
	if err != nil {
		return err
	}
	defer bob.Drop()
	fmt.Fprintln(w, "they have the same:", alice.PtrEq(bob))

	fmt.Fprintln(w, "alice is done, and says so twice")
	alice.Drop()
	alice.Drop()
	fmt.Fprintln(w, "bob is done")
	bob.Drop()

	carol, err := get("carol")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "carol is done")
	carol.Drop()
	return nil
}
