// Inspect is a print service that one can look into while it runs. In the debug build,
//
//	go run -tags owndebug ./examples/inspect
//
// it prints where: a page that shows which locks are held, where, by whom and for how
// long, who waits for them, which owners are alive and who made them, which locks are
// poisoned, and the order in which locks are taken, with the deadlock that is going to
// happen one day. The service has a bug of each kind to look at, and main prints the
// requests that bring them out. Without the tag the service is the same, and the page
// says that nothing is recorded.
//
// The page shows source paths and stacks, so it has a listener of its own, which only
// this machine can reach. It is not one more route of the service: a router, a proxy or
// a forgotten prefix makes such a route public sooner or later.
//
// The lesson: when a service hangs, the question is who holds what and who waits for
// it. Have the answer ready before, on a port of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/go-own/own/owndebug"
)

func main() {
	service := flag.String("service", "127.0.0.1:0", "address of the service")
	page := flag.String("page", "127.0.0.1:0", "address of the page, a private one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *service, *page); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, w io.Writer, address, pageAddress string) error {
	s := newShop(slowPrinter)
	defer s.close()
	service, err := serve(ctx, address, s.routes())
	if err != nil {
		return err
	}
	page, err := serve(ctx, pageAddress, inspection())
	if err != nil {
		return errors.Join(err, service.stop())
	}
	if !owndebug.Enabled {
		fmt.Fprintln(w, "Built without -tags owndebug: the page will have nothing to show.")
	}
	fmt.Fprintf(w, `Open %[2]s, which is for you alone. Then ask the service, and reload:

  two prints: one holds the printer for a minute, the other waits for it
    curl -X POST '%[1]s/print?text=long' &
    curl -X POST '%[1]s/print?text=short' &

  a job in the queue: it owns a font until it is printed
    curl -X POST '%[1]s/jobs?text=hello'

  two locks in the other order: that and this at the same moment would hang
    curl '%[1]s/stats'

  a bug that panics with a lock held
    curl -X POST '%[1]s/bill?user=nobody&pages=3'

Ctrl-C ends it.
`, service.url, page.url)
	<-ctx.Done()
	return errors.Join(service.stop(), page.stop())
}

// slowPrinter takes a minute for everything.
func slowPrinter(ctx context.Context, _ document) error {
	select {
	case <-time.After(time.Minute):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
