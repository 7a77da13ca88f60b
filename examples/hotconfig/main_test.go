package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func TestOutput(t *testing.T) {
	const want = `GET /
   200 version 1: hello 1, banner 1

reload while a request is being served:
POST /admin/reload
   200 now version 2
GET /
   200 version 2: hello 2, banner 2
closed so far: 0
GET /slow, at its end
   200 version 1: hello 1, banner 1
closed: version 1

reload while nobody is being served:
POST /admin/reload
   200 now version 3
closed: version 2

reload what is broken:
POST /admin/reload
   409 nothing changed: config.json: unexpected end of JSON input
POST /admin/reload
   409 nothing changed: config.json: greeting is missing
GET /
   200 version 3: hello 3, banner 3
closed since: 0

shut down:
closed: version 3
reload: the service is shut down
`
	var out bytes.Buffer
	require.NoError(t, run(&out))
	require.Equal(t, want, out.String())
}

// closings is how many times each version was closed, and the errors.
type closings struct{ own.Mutex[closed] }

type closed struct {
	times map[int]int
	errs  []error
}

func (c *closings) add(version int, err error) {
	c.MustWith(func(c *closed) {
		c.times[version]++
		if err != nil {
			c.errs = append(c.errs, err)
		}
	})
}

// get returns a copy of the times.
func (c *closings) get(t *testing.T) (times map[int]int) {
	t.Helper()
	require.NoError(t, c.With(func(c *closed) {
		require.Empty(t, c.errs)
		times = maps.Clone(c.times)
	}))
	return times
}

// A fixture is a service with the folder that it reads.
type fixture struct {
	*service
	root *os.Root
}

// start returns a service that has version 1 in use.
func start(t *testing.T) (*fixture, *closings) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.txt"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "config"), 0o700))
	root, err := os.OpenRoot(filepath.Join(dir, "config"))
	require.NoError(t, err)
	t.Cleanup(func() { root.Close() })

	c := &closings{own.NewMutex(closed{times: map[int]int{}})}
	s := &fixture{newService(func() (*config, error) { return openConfig(root) }, c.add), root}
	t.Cleanup(s.close) // comes before the other: the folder has to be free of open files
	reloadTo(t, s, 1)
	return s, c
}

// reloadTo writes the given version and puts it into use.
func reloadTo(t *testing.T, s *fixture, version int) {
	t.Helper()
	require.NoError(t, publish(s.root, version))
	got, err := s.reload()
	require.NoError(t, err)
	require.Equal(t, version, got)
}

// get sends GET / to h, without a network.
func get(h http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return w
}

// version checks that an answer is of one version, from its number to what is in
// its file, and returns which.
func version(answer *httptest.ResponseRecorder) (v int, err error) {
	body := answer.Body.String()
	if _, err := fmt.Sscanf(body, "version %d:", &v); err != nil {
		return 0, fmt.Errorf("%d %s", answer.Code, body)
	}
	if body != fmt.Sprintf("version %d: hello %[1]d, banner %[1]d\n", v) {
		return 0, fmt.Errorf("a mixture: %s", body)
	}
	return v, nil
}

func requireVersion(t *testing.T, want int, h http.Handler) {
	t.Helper()
	got, err := version(get(h))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// Under load, each answer is of one version, none is older than the one before, and
// each version is closed once.
func TestReloadUnderLoad(t *testing.T) {
	const clients, reloads = 8, 50
	s, closings := start(t)
	mux := s.routes()

	errs := make(chan error, clients)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			last := 0
			for {
				v, err := version(get(mux))
				if err == nil && v < last {
					err = fmt.Errorf("version %d after %d", v, last)
				}
				if err != nil {
					errs <- err
					return
				}
				last = v
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for v := 2; v <= reloads; v++ {
		reloadTo(t, s, v)
	}
	close(stop)
	wg.Wait()
	close(errs)
	require.NoError(t, <-errs)

	requireVersion(t, reloads, mux)
	times := closings.get(t)
	require.Len(t, times, reloads-1, "all but the one in use")
	s.close()
	times = closings.get(t)
	for v := 1; v <= reloads; v++ {
		require.Equal(t, 1, times[v], "version %d", v)
	}
}

// begin starts a request that is in its handler when begin returns. end lets it go
// on, and returns its answer when it has ended.
func begin(s *fixture) (end func() *httptest.ResponseRecorder) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	answer := make(chan *httptest.ResponseRecorder)
	go func() {
		answer <- get(s.handle(func(w http.ResponseWriter, r *http.Request, c *own.Arc[config]) {
			close(begun)
			<-goOn
			greet(w, r, c)
		}))
	}()
	<-begun
	return func() *httptest.ResponseRecorder {
		close(goOn)
		return <-answer
	}
}

func TestClosedByTheLastRequest(t *testing.T) {
	s, closings := start(t)
	first, second := begin(s), begin(s)
	reloadTo(t, s, 2)
	third := begin(s)
	reloadTo(t, s, 3)
	require.Empty(t, closings.get(t))

	for _, step := range []struct {
		end    func() *httptest.ResponseRecorder
		served int
		closed map[int]int
	}{
		{first, 1, map[int]int{}},
		{third, 2, map[int]int{2: 1}},
		{second, 1, map[int]int{1: 1, 2: 1}},
	} {
		got, err := version(step.end())
		require.NoError(t, err)
		require.Equal(t, step.served, got)
		require.Equal(t, step.closed, closings.get(t))
	}
}

// A request that is there longer than the service closes the last config.
func TestRequestOutlivesService(t *testing.T) {
	s, closings := start(t)
	end := begin(s)
	s.close()
	require.Empty(t, closings.get(t))
	got, err := version(end())
	require.NoError(t, err)
	require.Equal(t, 1, got)
	require.Equal(t, map[int]int{1: 1}, closings.get(t))
}

func TestAfterClose(t *testing.T) {
	s, closings := start(t)
	s.close()
	s.close()
	_, err := s.reload()
	require.ErrorIs(t, err, errDown)
	require.Equal(t, http.StatusServiceUnavailable, get(s.routes()).Code)
	require.Equal(t, map[int]int{1: 1}, closings.get(t))
}

// What a handler leaves behind has an owner of its own.
func TestGoroutineOutlivesRequest(t *testing.T) {
	s, closings := start(t)
	goOn, text := make(chan struct{}), make(chan string)
	get(s.handle(func(_ http.ResponseWriter, _ *http.Request, c *own.Arc[config]) {
		mine := c.Clone()
		go func() {
			defer close(text)
			defer mine.Drop()
			<-goOn
			got, err := mine.Value().text()
			text <- fmt.Sprint(got, " ", err)
		}()
	}))
	reloadTo(t, s, 2)
	require.Empty(t, closings.get(t))
	close(goOn)
	require.Equal(t, "banner 1 <nil>", <-text)
	<-text // closed, after the Drop
	require.Equal(t, map[int]int{1: 1}, closings.get(t))
}

// net/http recovers a handler that panics, and its config is dropped.
func TestPanicInHandler(t *testing.T) {
	s, closings := start(t)
	mux := s.routes()
	mux.Handle("POST /panic", s.handle(func(http.ResponseWriter, *http.Request, *own.Arc[config]) {
		panic("bug")
	}))
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()

	_, err := server.Client().Post(server.URL+"/panic", "", nil)
	require.ErrorIs(t, err, io.EOF)
	require.Empty(t, closings.get(t))
	reloadTo(t, s, 2)
	require.Equal(t, map[int]int{1: 1}, closings.get(t), "by the reload: nobody else had it")
	requireVersion(t, 2, mux)
}

func TestBrokenConfigKeepsTheOld(t *testing.T) {
	for name, tc := range map[string]struct{ file, want string }{
		"cut off":        {`{"version": 2,`, "config.json: unexpected end of JSON input"},
		"empty":          {``, "config.json: unexpected end of JSON input"},
		"two values":     {`{} {}`, "config.json: invalid character '{' after top-level value"},
		"wrong type":     {`{"version": "2"}`, "config.json: json: cannot unmarshal string"},
		"no version":     {`{"greeting": "hello", "banner": "banner-1.txt"}`, "config.json: version is missing"},
		"no greeting":    {`{"version": 2, "banner": "banner-1.txt"}`, "config.json: greeting is missing"},
		"no banner":      {`{"version": 2, "greeting": "hello"}`, "config.json: banner is missing"},
		"no such banner": {`{"version": 2, "greeting": "hello", "banner": "x"}`, "config.json: banner: "},
		"outside":        {`{"version": 2, "greeting": "hello", "banner": "../secret.txt"}`, "config.json: banner: "},
	} {
		t.Run(name, func(t *testing.T) {
			s, closings := start(t)
			require.NoError(t, s.root.WriteFile(configFile, []byte(tc.file), 0o600))
			_, err := s.reload()
			require.ErrorContains(t, err, tc.want)
			requireVersion(t, 1, s.routes())
			require.Empty(t, closings.get(t))

			reloadTo(t, s, 3) // repaired
			requireVersion(t, 3, s.routes())
		})
	}
}

func TestNoConfigFileKeepsTheOld(t *testing.T) {
	s, _ := start(t)
	require.NoError(t, s.root.Remove(configFile))
	_, err := s.reload()
	require.ErrorIs(t, err, fs.ErrNotExist)
	requireVersion(t, 1, s.routes())
}

// Of reloads at the same time, none puts back an older version: there are no two.
func TestConcurrentReloads(t *testing.T) {
	s, closings := start(t)
	var reading, overlaps atomic.Int32
	open := s.open
	s.open = func() (*config, error) {
		if reading.Add(1) > 1 {
			overlaps.Add(1)
		}
		defer reading.Add(-1)
		return open()
	}
	published := own.NewMutex(1)
	errs := make(chan error, 8)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() {
			for range 20 {
				var mine int
				err := published.WithErr(func(version *int) error {
					*version++
					mine = *version
					return publish(s.root, mine)
				})
				if err != nil {
					errs <- err
					return
				}
				got, err := s.reload()
				if err != nil {
					errs <- err
					return
				}
				inUse, err := version(get(s.routes()))
				if err != nil || got < mine || inUse < got {
					errs <- fmt.Errorf("published %d, loaded %d, then in use %d, %w", mine, got, inUse, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	require.NoError(t, <-errs)
	require.Zero(t, overlaps.Load())
	requireVersion(t, 1+20*cap(errs), s.routes())
	s.close()
	// A version that two reloads have read was opened twice, and closed twice.
	total := 0
	for times := range maps.Values(closings.get(t)) {
		total += times
	}
	require.Equal(t, 1+20*cap(errs), total)
}

// A reload that meets the end of the service leaves nothing open.
func TestReloadWhileClosing(t *testing.T) {
	for range 20 {
		s, closings := start(t)
		opened := make(chan int, 100)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					if v, err := s.reload(); err == nil {
						opened <- v
					}
				}
			})
		}
		wg.Go(s.close)
		wg.Wait()
		require.Equal(t, map[int]int{1: 1 + len(opened)}, closings.get(t))
	}
}

// A reload that panics changes nothing, and is not the last one.
func TestPanicInReload(t *testing.T) {
	s, closings := start(t)
	open := s.open
	s.open = func() (*config, error) { panic("bug") }
	require.Panics(t, func() { s.reload() })
	requireVersion(t, 1, s.routes())
	s.open = open
	reloadTo(t, s, 2)
	requireVersion(t, 2, s.routes())
	s.close()
	require.Equal(t, map[int]int{1: 1, 2: 1}, closings.get(t))
}

// The hook of the old config runs when the lock has been released: it may use the
// service.
func TestOldConfigIsClosedWithoutTheLock(t *testing.T) {
	s, _ := start(t)
	closed := s.closed
	var locked error
	s.closed = func(version int, err error) {
		g, err2 := s.down.TryLock()
		g.Unlock()
		locked = err2
		closed(version, err)
	}
	reloadTo(t, s, 2)
	require.NoError(t, locked)
	s.close()
	require.NoError(t, locked)
}
