package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

// A fixture is the service and the page, as main has them, with a printer that prints
// when it is told to.
type fixture struct {
	service, page *httptest.Server
	client        *http.Client
	printing      chan string   // the text of what is being printed
	goOn          chan struct{} // one for each print
}

func start(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{printing: make(chan string), goOn: make(chan struct{})}
	over := make(chan struct{})
	s := newShop(func(ctx context.Context, d document) error {
		select {
		case f.printing <- d.text:
		case <-over:
			return context.Canceled
		}
		select {
		case <-f.goOn:
			return nil
		case <-over:
			return context.Canceled
		}
	})
	t.Cleanup(s.close) // after the last request
	f.service = httptest.NewUnstartedServer(s.routes())
	f.service.Config.ErrorLog = log.New(io.Discard, "", 0) // of what panics on purpose
	f.service.Start()
	t.Cleanup(f.service.Close)
	f.page = httptest.NewServer(inspection())
	t.Cleanup(f.page.Close)
	t.Cleanup(func() { close(over) }) // of a test that failed half-way: the server waits for its requests
	// A connection for each request, and so a goroutine: one goroutine that takes two
	// locks in both orders does not wait for itself.
	f.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return f
}

// send sends a request, such as "GET /stats", to a server.
func (f *fixture) send(to *httptest.Server, request, accept string) (status int, body string, err error) {
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequest(method, to.URL+path, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Accept", accept)
	resp, err := f.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(all), err
}

// ask sends a request to the service and returns the answer.
func (f *fixture) ask(t *testing.T, request string) (body string) {
	t.Helper()
	status, body, err := f.send(f.service, request, "*/*")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, body)
	return body
}

// html returns the page as a browser gets it.
func (f *fixture) html(t *testing.T) string {
	t.Helper()
	status, body, err := f.send(f.page, "GET /", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	return body
}

// A look is the page as JSON, as far as it matters here.
type look struct {
	Held []struct {
		Lock   lock
		Mode   string
		Locked []call
	}
	Waiting []struct {
		Lock      lock
		At        []call
		CanGiveUp bool
	}
	Owners []struct {
		Type, How string
		Count     int
		Made      []call
	}
	Poisoned []struct {
		Lock  lock
		Cause string
	}
	Order   []struct{ From, To lock }
	Reports []struct {
		Kind, Headline string
		Times          int
	}
}

type lock struct{ Type string }

type call struct{ Function string }

func (f *fixture) json(t *testing.T) (l look) {
	t.Helper()
	status, body, err := f.send(f.page, "GET /", "application/json")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, json.Unmarshal([]byte(body), &l))
	return l
}

// section returns the part of the page from the headline with the given id to the next.
func section(t *testing.T, page, id string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<h2 id="`+id+`">`)
	require.True(t, ok, id)
	part, _, _ := strings.Cut(rest, "<h2")
	return part
}

func requireDebug(t *testing.T) {
	t.Helper()
	if !owndebug.Enabled {
		t.Skip("with -tags owndebug")
	}
}

// The service does what it does, in both builds.
func TestService(t *testing.T) {
	owndebug.Expect(t, owndebug.PotentialDeadlock)
	f := start(t)
	require.Equal(t, "1 in the queue\n", f.ask(t, "POST /jobs?text=hello"))
	require.Equal(t, "2 in the queue\n", f.ask(t, "POST /jobs?text=world"))
	require.Equal(t, "ann owes 3 pages\n", f.ask(t, "POST /bill?user=ann&pages=3"))
	go func() {
		<-f.printing
		f.goOn <- struct{}{}
	}()
	require.Equal(t, "printed\n", f.ask(t, "POST /print?text=now"))
	require.Equal(t, "2 accepted, 1 printed, 2 in the queue\n", f.ask(t, "GET /stats"))

	for _, request := range []string{"POST /bill?user=ann&pages=x", "POST /bill?user=ann&pages=0"} {
		status, _, err := f.send(f.service, request, "*/*")
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, status, request)
	}
}

// The page is not on the service's own port.
func TestPageIsPrivate(t *testing.T) {
	f := start(t)
	for _, path := range []string{"/", "/debug/own", "/inspect"} {
		status, _, err := f.send(f.service, "GET "+path, "*/*")
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, status, path)
	}
}

func TestNormalBuild(t *testing.T) {
	if owndebug.Enabled {
		t.Skip("without -tags owndebug")
	}
	f := start(t)
	status, body, err := f.send(f.page, "GET /", "text/html")
	require.NoError(t, err)
	require.Equal(t, http.StatusNotImplemented, status)
	require.Equal(t, "Nothing is recorded: this program was built without -tags owndebug.\n", body)
}

func TestHeldAndWaiting(t *testing.T) {
	requireDebug(t)
	f := start(t)
	errs := make(chan error, 2)
	print := func(text string) {
		_, _, err := f.send(f.service, "POST /print?text="+text, "*/*")
		errs <- err
	}
	go print("long")
	require.Equal(t, "long", <-f.printing) // the printer is locked from here on
	go print("short")
	var l look
	for len(l.Waiting) == 0 { // until it is there
		l = f.json(t)
	}
	page := f.html(t)

	require.Len(t, l.Held, 1)
	require.Equal(t, "Mutex[main.printer]", l.Held[0].Lock.Type)
	require.Equal(t, "write", l.Held[0].Mode)
	require.Contains(t, l.Held[0].Locked[0].Function, "(*shop).printNow")
	held := section(t, page, "held")
	require.Contains(t, held, "Mutex[main.printer]")
	require.Contains(t, held, "(*shop).printNow")
	require.NotContains(t, held, "nobody", "waits for it")

	require.Len(t, l.Waiting, 1)
	require.Equal(t, "Mutex[main.printer]", l.Waiting[0].Lock.Type)
	require.Contains(t, l.Waiting[0].At[0].Function, "(*shop).printNow")
	require.True(t, l.Waiting[0].CanGiveUp)
	waiting := section(t, page, "waiting")
	require.Contains(t, waiting, "Mutex[main.printer]")
	require.Contains(t, waiting, "can give up")

	f.goOn <- struct{}{}
	require.Equal(t, "short", <-f.printing)
	f.goOn <- struct{}{}
	require.NoError(t, errors.Join(<-errs, <-errs))

	l, page = f.json(t), f.html(t)
	require.Empty(t, l.Held)
	require.Empty(t, l.Waiting)
	require.Contains(t, section(t, page, "held"), "No lock is held.")
	require.Contains(t, section(t, page, "waiting"), "Nobody waits for a lock.")
}

func TestOwners(t *testing.T) {
	requireDebug(t)
	f := start(t)
	f.ask(t, "POST /jobs?text=hello")
	f.ask(t, "POST /jobs?text=world")
	owners := f.json(t).Owners
	require.Len(t, owners, 2, "the jobs' and the shop's")
	require.Equal(t, 2, owners[0].Count)
	require.Equal(t, "Arc[main.font]", owners[0].Type)
	require.Contains(t, owners[0].Made[0].Function, "(*shop).accept")
	require.Equal(t, 1, owners[1].Count)
	require.Regexp(t, `(?s)<td class="count">2<td>.*Arc\[main\.font\].*\(\*shop\)\.accept`, section(t, f.html(t), "owners"))
}

func TestPoisoned(t *testing.T) {
	requireDebug(t)
	f := start(t)
	_, _, err := f.send(f.service, "POST /bill?user=nobody&pages=3", "*/*")
	require.Error(t, err, "the handler panics")
	poisoned := f.json(t).Poisoned
	require.Len(t, poisoned, 1)
	require.Equal(t, "RWMutex[main.ledger]", poisoned[0].Lock.Type)
	require.Contains(t, poisoned[0].Cause, "nil pointer dereference")
	section := section(t, f.html(t), "poisoned")
	require.Contains(t, section, "RWMutex[main.ledger]")
	require.Contains(t, section, "nil pointer dereference")
}

func TestPotentialDeadlock(t *testing.T) {
	requireDebug(t)
	owndebug.Expect(t, owndebug.PotentialDeadlock)
	f := start(t)
	times := func() (n int) { // the examples have found it, too
		for _, r := range f.json(t).Reports {
			n += r.Times
		}
		return n
	}
	before := times()
	f.ask(t, "POST /jobs?text=hello")
	require.Equal(t, before, times())
	f.ask(t, "GET /stats")
	require.Equal(t, before+1, times())
	l := f.json(t)
	last := l.Reports[len(l.Reports)-1]
	require.Equal(t, "potential deadlock", last.Kind)

	page := f.html(t)
	reports := section(t, page, "reports")
	require.Contains(t, reports, last.Headline)
	require.Contains(t, reports, "(*shop).accept")
	require.Contains(t, reports, "(*shop).summary")
	order := section(t, page, "order")
	require.Contains(t, order, "<svg")
	require.GreaterOrEqual(t, strings.Count(order, `class="line red"`), 2)
	require.Contains(t, order, "Mutex[main.stats]")
	require.Contains(t, order, "Mutex[[]main.document]")
}

// run says what to open, and ends with its context.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := make(writes, 2)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, out, "127.0.0.1:0", "127.0.0.1:0") }()
	var text string
	for !strings.Contains(text, "Ctrl-C") {
		select {
		case part := <-out:
			text += part
		case err := <-ended:
			require.Fail(t, "ended", "%v", err)
		}
	}
	require.Equal(t, !owndebug.Enabled, strings.Contains(text, "nothing to show"))
	urls := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindAllString(text, 2)
	require.Len(t, urls, 2)
	require.NotEqual(t, urls[0], urls[1])

	f := start(t)
	answer := func(url string) int {
		resp, err := f.client.Get(url)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	want := http.StatusNotImplemented
	if owndebug.Enabled {
		want = http.StatusOK
	}
	require.Equal(t, want, answer(urls[0]))
	require.Equal(t, http.StatusOK, answer(urls[1]+"/stats"))
	cancel()
	require.NoError(t, <-ended)
}

// writes are what is written, one by one.
type writes chan string

func (w writes) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// An address that is taken is an error, and nothing stays behind.
func TestRunWithoutPort(t *testing.T) {
	f := start(t)
	taken := strings.TrimPrefix(f.page.URL, "http://")
	require.Error(t, run(t.Context(), io.Discard, taken, "127.0.0.1:0"))
	require.Error(t, run(t.Context(), io.Discard, "127.0.0.1:0", taken))
}
