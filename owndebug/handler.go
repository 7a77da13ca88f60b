//go:build owndebug

package owndebug

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-own/own/internal/track"
)

// Handler returns a handler that serves one page: the locks that are held, with the
// stacks of their holders, who waits for them, the owners that are alive by the place where
// they were made, poisoned locks, the order in which locks are taken, as a picture, and
// the reports. A request that accepts application/json gets the same as JSON.
//
// It shows source paths and stacks of the program: mount it on a port that only you can
// reach, as you would net/http/pprof.
//
// Without -tags owndebug it serves a page that says so.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, track.Look)
	})
}

// policy lets the page have its own style, and nothing else: no script, nothing from
// elsewhere, and no place in somebody else's frame.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serve answers r with what look returns.
func serve(w http.ResponseWriter, r *http.Request, look func() *track.Snapshot) {
	h := w.Header()
	h.Set("Cache-Control", "no-store") // a look at this moment
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "GET shows the page; nothing here can be changed.", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Vary", "Accept")
	var body bytes.Buffer // so that what fails half-way is not sent half
	var err error
	if prefersJSON(r.Header.Values("Accept")) {
		h.Set("Content-Type", "application/json")
		err = json.NewEncoder(&body).Encode(withoutNull(look()))
	} else {
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		err = pageTemplate.Execute(&body, newPage(look(), r.Host+r.URL.Path))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	_, _ = body.WriteTo(w) // who has gone away needs no answer
}

// withoutNull makes the empty arrays of JSON arrays, for those who range over them.
func withoutNull(s *track.Snapshot) *track.Snapshot {
	t := *s
	t.Held = append([]track.HeldLock{}, s.Held...)
	t.Waiting = append([]track.Waiter{}, s.Waiting...)
	t.Owners = append([]track.Owned{}, s.Owners...)
	t.Poisoned = append([]track.Poisoned{}, s.Poisoned...)
	t.Order = append([]track.Before{}, s.Order...)
	t.Reports = append([]*track.Report{}, s.Reports...)
	return &t
}

// prefersJSON reports whether a request with these Accept headers wants JSON rather than
// HTML. A browser accepts everything and names HTML; a program that names only JSON, or
// gives it the greater weight, gets it. All else is a person.
func prefersJSON(accept []string) bool {
	js, html := weigh(accept, "application", "json"), weigh(accept, "text", "html")
	if js.q != html.q {
		return js.q > html.q
	}
	return js.q > 0 && js.exact > html.exact
}

// A weight is how much a request wants a type of content, and how exactly it names it:
// 1 for */*, 2 for text/*, 3 for text/html, 0 for not at all.
type weight struct {
	q     float64
	exact int
}

// weigh returns the weight of a type of content. The range that names it best decides.
func weigh(accept []string, kind, sub string) (best weight) {
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		params := strings.Split(part, ";")
		this := weight{q: 1}
		switch name := strings.ToLower(strings.TrimSpace(params[0])); name {
		case kind + "/" + sub:
			this.exact = 3
		case kind + "/*":
			this.exact = 2
		case "*/*":
			this.exact = 1
		default:
			continue
		}
		for _, p := range params[1:] {
			name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(strings.TrimSpace(name), "q") {
				q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
				if err != nil || !(q >= 0 && q <= 1) {
					q = 0 // what cannot be read is not wanted
				}
				this.q = q
			}
		}
		if this.exact > best.exact || this.exact == best.exact && this.q > best.q {
			best = this
		}
	}
	return best
}
