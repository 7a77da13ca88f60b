package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/go-own/own/owndebug"
)

// routes is what the world may ask for. The page is not in it.
func (s *shop) routes() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(r *http.Request) (string, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := h(r)
			switch {
			case errors.Is(err, errPages):
				http.Error(w, err.Error(), http.StatusBadRequest)
			case err != nil: // poisoned, or nobody waits for the answer any more
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
			default:
				fmt.Fprintln(w, answer)
			}
		})
	}
	handle("POST /jobs", func(r *http.Request) (string, error) {
		n, err := s.accept(r.FormValue("text"))
		return fmt.Sprintf("%d in the queue", n), err
	})
	handle("POST /print", func(r *http.Request) (string, error) {
		return "printed", s.printNow(r.Context(), r.FormValue("text"))
	})
	handle("POST /bill", func(r *http.Request) (string, error) {
		pages, _ := strconv.Atoi(r.FormValue("pages")) // 0 if it is none, which is refused
		owes, err := s.bill(r.FormValue("user"), pages)
		return fmt.Sprintf("%s owes %d pages", r.FormValue("user"), owes), err
	})
	handle("GET /stats", func(*http.Request) (string, error) { return s.summary() })
	return mux
}

// inspection is what only you may ask for.
func inspection() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", owndebug.Handler()) // the place for net/http/pprof as well
	return mux
}

// A server runs until it is stopped.
type server struct {
	url   string
	http  *http.Server
	ended chan error
}

// serve runs a server for h. Its requests end with ctx.
func serve(ctx context.Context, address string, h http.Handler) (*server, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &server{
		url:   "http://" + ln.Addr().String(),
		http:  &http.Server{Handler: h, BaseContext: func(net.Listener) context.Context { return ctx }},
		ended: make(chan error, 1),
	}
	go func() { s.ended <- s.http.Serve(ln) }()
	return s, nil
}

// stop waits for the requests that are under way.
func (s *server) stop() error {
	err := s.http.Shutdown(context.Background())
	if ended := <-s.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
