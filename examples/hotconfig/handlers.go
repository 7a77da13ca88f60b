package main

import (
	"fmt"
	"net/http"

	"github.com/go-own/own"
)

func (s *service) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /", s.handle(greet))
	mux.HandleFunc("POST /admin/reload", s.handleReload)
	return mux
}

// greet shows everything that a config has, so that a mixture could be seen.
func greet(w http.ResponseWriter, _ *http.Request, c *own.Arc[config]) {
	text, err := c.Value().text()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "version %d: %s, %s\n", c.Value().version, c.Value().greeting, text)
}

// handleReload is for the administrator: put it behind a login, or call reload on
// SIGHUP. It takes no config by way of handle. As an owner of the old one it would
// keep it open until the answer is out.
func (s *service) handleReload(w http.ResponseWriter, _ *http.Request) {
	version, err := s.reload()
	if err != nil {
		http.Error(w, "nothing changed: "+err.Error(), http.StatusConflict)
		return
	}
	fmt.Fprintln(w, "now version", version)
}
