// Poison serves a ledger over HTTP, and a bug panics in the middle of a transfer:
// 50 have left one account and have not arrived in the other. net/http recovers
// the panic, as it does for every handler, so the process lives on and the next
// request comes to the same ledger.
//
// With own.Mutex that request is told. It gets an error that names the panic and
// its line, and answers 503, as does every other until somebody repairs the
// ledger. With sync.Mutex and a deferred Unlock, in a program that is the same
// but for the lock (bank.go has both), it answers 200, with a wrong sum.
//
// The lesson: recovering a panic saves the process, not the value that the panic
// left half updated. Let the lock say so, and repair from what is known to be
// right. The next example, deadlock, is about two locks at a time.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/go-own/own"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	fmt.Fprintln(w, "own.Mutex:")
	if err := runOwn(w); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nsync.Mutex:")
	return runSync(w)
}

// opening is what people paid in: 200 in total, for ever.
func opening() map[string]int { return map[string]int{"alice": 100, "bob": 100} }

func runOwn(w io.Writer) error {
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}

	// Answering 503 tells the client. The hook tells the people on call, at the
	// moment of the panic and for every lock of the process. All it does is
	// count: it runs on the goroutine that panicked, before the panic goes on.
	var poisonings atomic.Int64
	remove := own.OnPoison(func(*own.PoisonError) { poisonings.Add(1) })
	defer remove()

	mux := routes(b)
	mux.HandleFunc("POST /admin/repair", b.handleRepair)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "poisonings_total", poisonings.Load())
	})
	return serve(mux, w, []string{
		"POST /transfer?from=alice&to=bob&amount=30",
		"POST /transfer?from=alice&to=bob&amount=500", // an error, which is no panic
		"GET /total",
		"POST /transfer?from=alice&to=bbo&amount=50", // there is no bbo
		"GET /total",
		"POST /transfer?from=alice&to=bob&amount=1",
		"GET /metrics",
		"POST /admin/repair",
		"GET /total",
	})
}

func runSync(w io.Writer) error {
	return serve(routes(&syncBank{ledger: newLedger(opening())}), w, []string{
		"POST /transfer?from=alice&to=bob&amount=30",
		"GET /total",
		"POST /transfer?from=alice&to=bbo&amount=50",
		"GET /total",
		"POST /transfer?from=alice&to=bob&amount=1",
		"GET /total",
	})
}
