//go:build owndebug

package owndebug

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/internal/track"
)

// ask sends a request to the handler of s.
func ask(s *track.Snapshot, method string, accept ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:6060/debug/own", nil)
	r.Header["Accept"] = accept
	w := httptest.NewRecorder()
	serve(w, r, func() *track.Snapshot { return s })
	return w
}

// html returns the page of s.
func html(t *testing.T, s *track.Snapshot) string {
	t.Helper()
	w := ask(s, http.MethodGet)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	return w.Body.String()
}

// named returns a lock of a type and with a place of its own, or those of another.
func named(id int, typ string, line int) track.Named {
	return track.Named{ID: uint64(id), Type: typ, Made: calls("main.main", line)}
}

func calls(function string, line int) track.Stack {
	return track.Stack{{Function: function, File: "/src/shop/shop.go", Line: line}, {Function: "main.main", File: "/src/shop/main.go", Line: 7}}
}

// edge returns an edge between two locks that have names of their own.
func edge(from, to int) track.Before {
	name := func(id int) track.Named { return named(id, fmt.Sprintf("Mutex[main.t%d]", id), id) }
	return track.Before{From: name(from), To: name(to), Held: calls("main.hold", from), Taken: calls("main.take", to)}
}

// inCycle returns a report of a cycle of the given locks.
func inCycle(ids ...int) *track.Report {
	r := &track.Report{Kind: track.PotentialDeadlock, Headline: fmt.Sprint(len(ids), " locks are taken in orders that do not agree"), Time: now}
	for i, id := range ids {
		e := edge(id, ids[(i+1)%len(ids)])
		r.Cycle = append(r.Cycle, track.Step{
			Goroutine: uint64(20 + i),
			Holds:     track.Hold{Lock: e.From, Locked: e.Held},
			Wants:     track.Want{Lock: e.To, At: e.Taken},
		})
	}
	return r
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// full returns a snapshot with some of everything.
func full() *track.Snapshot {
	stock := named(1, "Mutex[main.stock]", 11)
	return &track.Snapshot{
		Time: now,
		Held: []track.HeldLock{{
			Hold:  track.Hold{Lock: stock, Goroutine: 7, Locked: calls("main.(*shop).count", 30)},
			Since: now.Add(-90 * time.Second),
		}},
		Waiting: []track.Waiter{{
			Goroutine: 8,
			Want:      track.Want{Lock: stock, Mode: track.Read, At: calls("main.(*shop).sell", 40), CanGiveUp: true},
			Since:     now.Add(-1500 * time.Millisecond),
		}},
		Owners:   []track.Owned{{Type: "Arc[main.font]", How: "cloned", Count: 3, Made: calls("main.open", 50)}},
		Poisoned: []track.Poisoned{{Lock: named(2, "RWMutex[main.ledger]", 12), Cause: "own: lock poisoned by panic: <b>half</b>", Since: now}},
		Order:    []track.Before{edge(3, 4), edge(4, 3)},
		Reports:  []*track.Report{inCycle(3, 4)},
	}
}

// Both builds say the same of Handler.
func TestHandlerDocIsTheSame(t *testing.T) {
	doc := func(file string) string {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "Handler" {
				return f.Doc.Text()
			}
		}
		return ""
	}
	require.NotEmpty(t, doc("off.go"))
	require.Equal(t, doc("off.go"), doc("handler.go"))
}

func TestJSONOrHTML(t *testing.T) {
	for accept, want := range map[string]bool{
		"":                                     false,
		"*/*":                                  false,
		"text/html":                            false,
		"application/json":                     true,
		"Application/JSON":                     true,
		"application/json; charset=utf-8":      true,
		"application/*":                        true,
		"application/json, */*;q=0.5":          true,
		"application/json, text/plain, */*":    true,
		"application/json, text/html":          false,
		"text/html;q=0.9, application/json":    true,
		"text/html, application/json;q=0.9":    false,
		"text/html;q=0, */*":                   true,
		"application/json;q=0":                 false,
		"application/json;q=0, */*":            false,
		"application/json;q=x":                 false,
		"application/json;q=7":                 false,
		"application/json;q=NaN":               false,
		"application/jsonx":                    false,
		"image/png":                            false,
		",;,;q=1, application/json ; q = 0.1 ": true,
		// Firefox, Chromium, Safari, Internet Explorer.
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":                                                                         false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7": false,
		"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8":                                                                      false,
		"image/gif, image/jpeg, image/pjpeg, application/x-ms-application, application/xaml+xml, application/x-ms-xbap, */*":                      false,
	} {
		w := ask(&track.Snapshot{}, http.MethodGet, accept)
		require.Equal(t, want, w.Header().Get("Content-Type") == "application/json", "Accept: %s", accept)
		require.Equal(t, "Accept", w.Header().Get("Vary"))
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
	w := ask(&track.Snapshot{}, http.MethodGet, "text/html;q=0.1", "application/json;q=0.2")
	require.Equal(t, "application/json", w.Header().Get("Content-Type"), "two headers")
}

func TestMethods(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "LOOK"} {
		w := ask(full(), method, "application/json")
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}

	server := httptest.NewServer(Handler())
	defer server.Close()
	resp, err := server.Client().Head(server.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Empty(t, body)
	require.Positive(t, resp.ContentLength)
}

// The page may style itself, and that is all: it has no script and asks for nothing.
func TestPageIsAlone(t *testing.T) {
	w := ask(full(), http.MethodGet, "text/html")
	require.Equal(t, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		w.Header().Get("Content-Security-Policy"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	page := w.Body.String()
	require.NotRegexp(t, `(?i)<(script|link|img|iframe|object|embed|form|base|meta http-equiv)`, page)
	require.NotRegexp(t, `(?i)\s(on\w+|src|style)=|javascript:|url\(|@import|//\w+\.`, page)
	for _, href := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		require.Regexp(t, `^#\w+$`, href[1])
		require.Contains(t, page, fmt.Sprintf("id=%q", href[1][1:]), "where the link leads to")
	}
	require.Contains(t, page, "prefers-color-scheme: dark")
}

func TestEmptyPage(t *testing.T) {
	page := html(t, &track.Snapshot{})
	for _, want := range []string{
		"Nothing has been reported.", "No lock is held.", "Nobody waits for a lock.", "No lock is poisoned.",
		"No owner is alive.", "No lock has been taken while another was held.",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "<svg")
	require.NotContains(t, page, "<tr>")
}

func TestFullPage(t *testing.T) {
	page := html(t, full())
	require.NotContains(t, page, "<b>half</b>")
	for _, want := range []string{
		// held
		"Mutex[main.stock]", "made at shop/shop.go:11", "1 min 30 s", "main.(*shop).count\n\t/src/shop/shop.go:30\nmain.main\n\t/src/shop/main.go:7",
		// waiting
		"reading", "can give up", "held by", "goroutine 7", "1.5 s", "main.(*shop).sell\n\t/src/shop/shop.go:40",
		// owners
		"Arc[main.font]", "cloned", "shop/shop.go:50",
		// poisoned
		"RWMutex[main.ledger]", "own: lock poisoned by panic: &lt;b&gt;half&lt;/b&gt;",
		// reports, whole
		"own: POTENTIAL DEADLOCK: 2 locks are taken in orders that do not agree", "Mutex[main.t3] (made at shop/shop.go:3)", "goroutine 21 took Mutex[main.t3] at",
		// order
		"<svg", "in a reported cycle",
		"curl -H 'Accept: application/json' 127.0.0.1:6060/debug/own",
	} {
		require.Contains(t, strings.ToLower(page), strings.ToLower(want))
	}
	for title, count := range map[string]string{"report": "1", "held": "1", "waiting": "1", "poisoned": "1", "owners": "3", "lock orders": "2"} {
		require.Contains(t, page, "<b>"+count+"</b> "+title+"</a>")
	}
}

// What a program calls its types, functions and panics is text, wherever it is shown.
func TestPageEscapes(t *testing.T) {
	const evil = `"'></title></pre></svg><script>alert(1)</script>`
	s := full()
	lock := track.Named{ID: 9, Type: evil, First: track.Stack{{Function: evil, File: "/" + evil + "/" + evil, Line: 1}}}
	s.Held[0].Lock, s.Waiting[0].Lock, s.Poisoned[0].Lock, s.Poisoned[0].Cause = lock, lock, lock, evil
	s.Held[0].Locked, s.Waiting[0].At, s.Owners[0].Made = lock.First, lock.First, lock.First
	s.Owners[0].Type, s.Owners[0].How = evil, evil
	s.Order[0].From, s.Order[0].Held, s.Order[0].Taken = lock, lock.First, lock.First
	s.Reports[0].Headline, s.Reports[0].Cycle[0].Holds.Lock = evil, lock
	page := html(t, s)
	require.NotContains(t, page, "<script")
	require.Equal(t, 1, strings.Count(page, "</svg>"))
	require.Contains(t, page, "&lt;script&gt;")
}

// A page of a program that leaks is still a page.
func TestLongPage(t *testing.T) {
	s := &track.Snapshot{}
	for i := range 10_000 {
		s.Held = append(s.Held, full().Held[0])
		s.Owners = append(s.Owners, full().Owners[0])
		s.Order = append(s.Order, edge(i, i+1))
		if i < 1000 {
			s.Reports = append(s.Reports, inCycle(i, i+1))
		}
	}
	page := html(t, s)
	require.Less(t, len(page), 2<<20)
	require.Contains(t, page, "<b>10000</b> held")
	require.Contains(t, page, "<b>30000</b> owners")
	require.Contains(t, page, "9800 more are not shown here; JSON has them.")
	require.Contains(t, page, "950 more are not shown here; JSON has them.")
	require.Contains(t, page, "Too much to draw")
}

// The latest report comes first, but for deadlocks, and the first ones are open.
func TestReportsOnPage(t *testing.T) {
	s := &track.Snapshot{}
	for i := range 5 {
		s.Reports = append(s.Reports, &track.Report{Kind: track.LeakedOwner, Headline: fmt.Sprint("report ", i)})
	}
	p := newPage(s, "")
	require.Equal(t, "report 4", p.Reports.Rows[0].Headline)
	require.Equal(t, "report 0", p.Reports.Rows[4].Headline)
	require.True(t, p.Reports.Rows[0].Open)
	require.False(t, p.Reports.Rows[maxOpen].Open)
	require.Equal(t, "report 0", s.Reports[0].Headline, "s is as it was")

	s.Reports[3].Kind = track.Deadlock
	p = newPage(s, "")
	require.Equal(t, "report 3", p.Reports.Rows[0].Headline)
	require.Equal(t, "report 4", p.Reports.Rows[1].Headline)

	s.Reports[1].Times, s.Reports[2].Times = 1, 12
	page := ask(s, http.MethodGet, "text/html").Body.String()
	require.Contains(t, page, "report 2 <b>12 times,</b> <span class=\"dim\">last ")
	require.Equal(t, 1, strings.Count(page, "times,"))
}

// The names in the JSON are for others to rely on.
func TestJSONNames(t *testing.T) {
	get := func(s *track.Snapshot) (all map[string]any) {
		w := ask(s, http.MethodGet, "application/json")
		require.Equal(t, http.StatusOK, w.Code)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &all))
		return all
	}
	requireNames := func(value any, names ...string) {
		t.Helper()
		require.ElementsMatch(t, names, slices.Collect(maps.Keys(value.(map[string]any))))
	}
	first := func(value any) map[string]any { return value.([]any)[0].(map[string]any) }

	all := get(full())
	requireNames(all, "time", "held", "waiting", "owners", "poisoned", "order", "reports")
	requireNames(first(all["held"]), "lock", "mode", "goroutine", "locked", "since")
	requireNames(first(all["held"])["lock"], "id", "type", "made")
	requireNames(first(first(all["held"])["locked"]), "function", "file", "line")
	requireNames(first(all["waiting"]), "lock", "mode", "goroutine", "at", "canGiveUp", "since")
	requireNames(first(all["owners"]), "type", "how", "count", "made")
	requireNames(first(all["poisoned"]), "lock", "cause", "since")
	requireNames(first(all["order"]), "from", "to", "heldSince", "taken")
	requireNames(first(all["reports"]), "kind", "headline", "time", "times", "cycle", "advice")
	require.Equal(t, "potential deadlock", first(all["reports"])["kind"])
	require.Equal(t, "read", first(all["waiting"])["mode"])

	for name, value := range get(&track.Snapshot{}) {
		if name != "time" {
			require.Equal(t, []any{}, value, name)
		}
	}
}

// requireDrawn checks that the picture is well formed and that no box is on another. It
// returns it and its texts.
func requireDrawn(t *testing.T, s *track.Snapshot) (picture, []string) {
	t.Helper()
	p := draw(s.Order, s.Reports)
	for i, a := range p.Boxes {
		require.True(t, a.X >= 0 && a.Y >= 0 && a.X+a.Width <= p.Width && a.Y+a.Height <= p.Height, "%v is in %d × %d", a, p.Width, p.Height)
		require.LessOrEqual(t, len([]rune(a.Type)), maxLetter)
		require.LessOrEqual(t, len([]rune(a.Place)), maxLetter)
		for _, b := range p.Boxes[:i] {
			apart := a.X+a.Width <= b.X || b.X+b.Width <= a.X || a.Y+a.Height <= b.Y || b.Y+b.Height <= a.Y
			require.True(t, apart, "%v is on %v", a, b)
		}
	}
	page := html(t, s)
	from, to := strings.Index(page, "<svg"), strings.Index(page, "</svg>")
	require.NotEqual(t, -1, from)
	var texts []string
	for d := xml.NewDecoder(strings.NewReader(page[from : to+len("</svg>")])); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p, texts
		}
		require.NoError(t, err)
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			texts = append(texts, string(text))
		}
	}
}

func TestGraph(t *testing.T) {
	// A diamond with a long way round, and a cycle of three.
	s := &track.Snapshot{
		Order:   []track.Before{edge(1, 2), edge(1, 3), edge(2, 4), edge(3, 4), edge(1, 4), edge(4, 5), edge(5, 6), edge(6, 4)},
		Reports: []*track.Report{inCycle(4, 5, 6)},
	}
	p, texts := requireDrawn(t, s)
	require.Len(t, p.Boxes, 6)
	require.Len(t, p.Lines, 8)
	require.False(t, p.Cut || p.Folded)
	require.True(t, p.Red)
	require.Contains(t, texts, "Mutex[main.t4] #4")
	require.Contains(t, texts, "made at shop/shop.go:4")
	require.Contains(t, texts, "Mutex[main.t1] (made at shop/shop.go:1) #1 → Mutex[main.t4] (made at shop/shop.go:4) #4")

	var red []string
	for _, l := range p.Lines {
		if l.Red {
			red = append(red, regexp.MustCompile(`main\.(t\d)`).ReplaceAllString(strings.Join(regexp.MustCompile(`main\.t\d`).FindAllString(l.Title, -1), " "), "$1"))
		}
	}
	require.ElementsMatch(t, []string{"t4 t5", "t5 t6", "t6 t4"}, red)

	x := map[uint64]int{}
	for i, id := range []uint64{1, 2, 3, 4, 5, 6} {
		i = slices.IndexFunc(p.Boxes, func(b box) bool { return strings.HasSuffix(b.Type, fmt.Sprintf("#%d", id)) })
		x[id] = p.Boxes[i].X
	}
	require.Less(t, x[1], x[2])
	require.Equal(t, x[2], x[3])
	require.Less(t, x[3], x[4])
	require.Equal(t, 1, strings.Count(p.Lines[slices.IndexFunc(p.Lines, func(l line) bool { return strings.Contains(l.Title, "t1]") && strings.Contains(l.Title, "t4]") })].Path, "L"),
		"the long way bends around what is between")
}

// Of reports at the same places the page has only the latest, which is of other locks.
func TestGraphOfACycleWhoseReportIsGone(t *testing.T) {
	a, b := edge(1, 2), edge(2, 1)
	a.Reported, b.Reported = true, true
	p, _ := requireDrawn(t, &track.Snapshot{Order: []track.Before{a, b, edge(2, 3)}})
	require.Len(t, p.Lines, 3)
	for _, l := range p.Lines {
		require.Equal(t, !strings.Contains(l.Title, "t3]"), l.Red, l.Title)
	}
}

// Two lock orders are two lines.
func TestGraphOfTwo(t *testing.T) {
	p, _ := requireDrawn(t, &track.Snapshot{Order: []track.Before{edge(1, 2), edge(2, 1)}, Reports: []*track.Report{inCycle(1, 2)}})
	require.Len(t, p.Boxes, 2)
	require.Len(t, p.Lines, 2)
	require.NotEqual(t, p.Lines[0].Path, p.Lines[1].Path)
	require.True(t, p.Lines[0].Red && p.Lines[1].Red)
	// Each arrow's head is where it leads to: the left side of 2, and the right side of 1.
	one, two := p.Boxes[0], p.Boxes[1]
	require.Regexp(t, "^Mutex.*#1 → Mutex.*#2$", p.Lines[0].Title)
	require.Regexp(t, fmt.Sprintf(`^M%d \S+l-`, two.X), p.Lines[0].Head)
	require.Regexp(t, "^Mutex.*#2 → Mutex.*#1$", p.Lines[1].Title)
	require.Regexp(t, fmt.Sprintf(`^M%d \S+l\d`, one.X+one.Width), p.Lines[1].Head)
}

// Of many locks with the same name, one is drawn, and those of a cycle by themselves.
func TestGraphFolds(t *testing.T) {
	bank := named(1, "Mutex[main.bank]", 1)
	s := &track.Snapshot{}
	account := func(id int) track.Named { return named(id, "Mutex[main.account]", 2) }
	for i := range 1000 {
		s.Order = append(s.Order, track.Before{From: bank, To: account(i + 2)}, track.Before{From: account(i + 2), To: account(i + 3)})
	}
	s.Order = append(s.Order, track.Before{From: account(8), To: account(7)})
	s.Reports = []*track.Report{inCycle(7, 8)}
	p, texts := requireDrawn(t, s)
	require.Len(t, p.Boxes, 4, "the bank, two accounts, all others")
	require.True(t, p.Folded)
	require.False(t, p.Cut)
	require.Equal(t, p.Locks, p.DrawnLocks)
	require.Equal(t, p.Edges, p.DrawnEdges)
	require.Contains(t, texts, "Mutex[main.account] × 999")
	require.Contains(t, texts, "Mutex[main.account] #7")
	require.Contains(t, html(t, s), "Of locks with the same name, one is drawn for all")
}

// What is too much is cut, and the picture says so. What is reported is kept.
func TestGraphCuts(t *testing.T) {
	s := &track.Snapshot{Reports: []*track.Report{inCycle(498, 499)}}
	for i := range 500 {
		s.Order = append(s.Order, edge(i, (i+1)%500), edge(i, (i*7+3)%500))
	}
	s.Order = append(s.Order, edge(499, 498))
	p, texts := requireDrawn(t, s)
	require.Len(t, p.Boxes, maxDrawn)
	require.True(t, p.Cut)
	require.Contains(t, texts, "Mutex[main.t498] #498")
	require.Contains(t, html(t, s), fmt.Sprintf("%d of 500 locks and %d of 1001 arrows are drawn, those of reported cycles first", p.DrawnLocks, p.DrawnEdges))
}

// Whatever the graph, it can be drawn.
func TestAnyGraph(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		locks := 2 + r.IntN(30)
		s := &track.Snapshot{}
		for range 1 + r.IntN(3*locks) {
			s.Order = append(s.Order, edge(r.IntN(locks), r.IntN(locks)))
		}
		if r.IntN(2) == 0 {
			s.Reports = []*track.Report{inCycle(int(s.Order[0].From.ID), int(s.Order[0].To.ID))}
		}
		requireDrawn(t, s)
	}
	for _, n := range []int{2, 3, 20, 60} { // everything after everything
		s := &track.Snapshot{}
		for i := range n {
			for j := range n {
				s.Order = append(s.Order, edge(i, j))
			}
		}
		requireDrawn(t, s)
	}
}

// A lock without a place has none.
func TestGraphOfNamelessLocks(t *testing.T) {
	_, texts := requireDrawn(t, &track.Snapshot{Order: []track.Before{{From: track.Named{ID: 1, Type: "lock"}, To: track.Named{ID: 2, Type: strings.Repeat("ä", 100)}}}})
	require.Contains(t, texts, "lock #1")
	require.Contains(t, texts, strings.Repeat("ä", 26)+"… #2")
}

func TestAges(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 3 * time.Millisecond: "3 ms", 1500 * time.Millisecond: "1.5 s",
		61 * time.Second: "1 min 1 s", 25*time.Hour + time.Minute: "25 h 1 min",
	} {
		require.Equal(t, want, roughly(d))
	}
}

// One can look while locks and owners come and go.
func TestLookWhileOthersWork(t *testing.T) {
	VerifyNone(t)
	var outer, inner own.Mutex[int]
	var shared own.RWMutex[int]
	stop := make(chan struct{})
	var wg sync.WaitGroup
	work := func(f func()) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					f()
				}
			}
		})
	}
	work(func() { outer.MustWith(func(*int) { inner.MustWith(func(v *int) { *v++ }) }) })
	work(func() { inner.MustWith(func(v *int) { *v++ }) }) // so that the other waits, holding something
	work(func() { shared.MustWith(func(v *int) { *v++ }) })
	work(func() {
		g := shared.MustRLock()
		defer g.Unlock()
		a := own.NewArc(*g.Value())
		defer a.Drop()
	})
	h := Handler()
	for range 50 {
		for _, accept := range []string{"text/html", "application/json"} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Equal(t, http.StatusOK, w.Code)
		}
	}
	close(stop)
	wg.Wait()
}
