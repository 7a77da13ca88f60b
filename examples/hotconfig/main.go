// Hotconfig serves HTTP from a configuration that is replaced while requests are
// being served. A configuration has an open file, so the old one has to be closed:
// not while a request still reads from it, and not never.
//
// The configuration in use is in an own.AtomicArc. Each request takes an owner out
// of it, once, and drops it at its end; a reload puts a new configuration in and
// drops the old one. So a request has one version from its beginning to its end,
// nobody waits for anybody, and whoever comes last closes, be it a request or the
// reload. A configuration that cannot be read changes nothing.
//
// With an atomic.Pointer or a lock around a pointer, such as the Safe of traefik's
// pkg/safe/safe.go, requests share the configuration just as well. But nobody knows
// when the last one is done with the old: fine if the garbage collector does the
// rest, as it does there. cockroachdb/pebble has files to give up, and counts the
// users of its readState by hand (read_state.go): ref, unref, a lock so that
// nothing is let go between looking and counting, and an unrefLocked for those who
// hold another lock already.
//
// The lesson: let whoever uses a value own it for that long. Then it can be replaced
// at any time, and the last one out turns off the light. The next example, segment,
// does that with files that have to be deleted as well.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/go-own/own"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	dir, err := os.MkdirTemp("", "hotconfig")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()

	if err := publish(root, 1); err != nil {
		return err
	}
	closed := make(chan int, 3)
	s := newService(
		func() (*config, error) { return openConfig(root) },
		func(version int, err error) { closed <- version },
	)
	defer s.close() // for an early return
	if _, err := s.reload(); err != nil {
		return err
	}

	// A request that takes long, as a download does: it says that it has begun,
	// and ends when it is told to.
	begun, end := make(chan struct{}), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(end) })
	mux := s.routes()
	mux.Handle("GET /slow", s.handle(func(w http.ResponseWriter, r *http.Request, c *own.Arc[config]) {
		close(begun)
		<-end
		greet(w, r, c)
	}))

	err = serve(mux, func(send func(request string) (answer string)) error {
		step := func(request string) { fmt.Fprintf(w, "%s\n   %s\n", request, send(request)) }
		publishAndReload := func(version int) error {
			if err := publish(root, version); err != nil {
				return err
			}
			step("POST /admin/reload")
			return nil
		}
		defer goOn() // for an early return: the server waits for its requests
		step("GET /")

		fmt.Fprintln(w, "\nreload while a request is being served:")
		slow := make(chan string, 1)
		go func() { slow <- send("GET /slow") }()
		<-begun
		if err := publishAndReload(2); err != nil {
			return err
		}
		step("GET /")
		fmt.Fprintln(w, "closed so far:", len(closed))
		goOn()
		fmt.Fprintf(w, "GET /slow, at its end\n   %s\n", <-slow)
		fmt.Fprintln(w, "closed: version", <-closed)

		fmt.Fprintln(w, "\nreload while nobody is being served:")
		if err := publishAndReload(3); err != nil {
			return err
		}
		fmt.Fprintln(w, "closed: version", <-closed)

		fmt.Fprintln(w, "\nreload what is broken:")
		for _, broken := range []string{
			`{"version": 4, "greeting": "hel`,
			`{"version": 4, "greting": "hello", "banner": "banner-3.txt"}`,
		} {
			if err := root.WriteFile(configFile, []byte(broken), 0o600); err != nil {
				return err
			}
			step("POST /admin/reload")
		}
		step("GET /")
		fmt.Fprintln(w, "closed since:", len(closed))
		return nil
	})
	if err != nil {
		return err
	}

	fmt.Fprintln(w, "\nshut down:")
	s.close()
	fmt.Fprintln(w, "closed: version", <-closed)
	_, err = s.reload()
	fmt.Fprintln(w, "reload:", err)
	return nil
}
