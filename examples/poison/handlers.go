package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-own/own"
)

// routes is the service, the same for both banks.
//
// No handler writes to w with the lock held: a slow client would make everybody
// wait.
func routes(b bank) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /transfer", func(w http.ResponseWriter, r *http.Request) {
		amount, err := strconv.ParseUint(r.FormValue("amount"), 10, 31)
		if err != nil {
			http.Error(w, "amount: "+err.Error(), http.StatusBadRequest)
			return
		}
		t := transfer{from: r.FormValue("from"), to: r.FormValue("to"), amount: int(amount)}
		// No recover around this: it would have to decide whether the ledger is
		// sound, and knows less about it than the lock does.
		if err := b.transfer(t); err != nil {
			fail(w, err)
			return
		}
		fmt.Fprintf(w, "moved %d from %s to %s\n", t.amount, t.from, t.to)
	})
	mux.HandleFunc("GET /total", func(w http.ResponseWriter, _ *http.Request) {
		sum, err := b.total()
		if err != nil {
			fail(w, err)
			return
		}
		fmt.Fprintln(w, "the accounts hold", sum)
	})
	return mux
}

// handleRepair is for the administrator: put it behind a login.
func (b *ownBank) handleRepair(w http.ResponseWriter, _ *http.Request) {
	cause, err := b.repair()
	switch {
	case err != nil:
		fail(w, err)
	case cause == nil:
		fmt.Fprintln(w, "nothing to repair")
	default:
		fmt.Fprintln(w, "repaired after panic:", cause.Value) // cause.Stack has the rest
	}
}

// fail answers with the status that err stands for. The body of the 503 names
// the panic and its line: good for colleagues; for strangers, log it and say
// less.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, own.ErrPoisoned):
		status = http.StatusServiceUnavailable // not this request's fault, and not for ever
	case errors.Is(err, errRefused):
		status = http.StatusConflict
	}
	http.Error(w, err.Error(), status)
}
