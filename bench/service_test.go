package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-own/own"
)

// A small service under load, to compare a normal build with the debug build:
//
//	go test -run '^$' -bench Service -count 5 .
//	go test -tags owndebug -run '^$' -bench Service -count 5 .
//
// Each request loads the configuration from an AtomicArc, counts itself in a map under a
// Mutex, and reads a table under an RWMutex while it holds the first.
func BenchmarkService(b *testing.B) {
	type config struct{ greeting string }
	var (
		current own.AtomicArc[config]
		hits    = own.NewMutex(map[string]int{})
		names   = own.NewRWMutex(map[string]string{"1": "one"})
	)
	current.Store(own.NewArc(config{"hello"}))
	defer current.Drop()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := current.Load()
		defer c.Drop()
		g, err := hits.Lock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer g.Unlock()
		(*g.Value())[r.URL.Path]++
		n, err := names.RLock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer n.Unlock()
		fmt.Fprintln(w, c.Value().greeting, (*n.Value())["1"], (*g.Value())[r.URL.Path])
	}))
	defer server.Close()
	b.RunParallel(func(pb *testing.PB) {
		client := server.Client()
		for pb.Next() {
			res, err := client.Get(server.URL + "/x")
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
