package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func TestOutput(t *testing.T) {
	const want = `own.Mutex:
1. POST /transfer?from=alice&to=bob&amount=30
   200 moved 30 from alice to bob
2. POST /transfer?from=alice&to=bob&amount=500
   409 transfer refused: alice does not have 500
3. GET /total
   200 the accounts hold 200
4. POST /transfer?from=alice&to=bbo&amount=50
   connection closed, the handler panicked
5. GET /total
   503 own: lock poisoned by panic: runtime error: invalid memory address or nil pointer dereference, in main.(*ledger).move (ledger.go:LINE)
6. POST /transfer?from=alice&to=bob&amount=1
   503 own: lock poisoned by panic: runtime error: invalid memory address or nil pointer dereference, in main.(*ledger).move (ledger.go:LINE)
7. GET /metrics
   200 poisonings_total 1
8. POST /admin/repair
   200 repaired after panic: runtime error: invalid memory address or nil pointer dereference
9. GET /total
   200 the accounts hold 200

sync.Mutex:
1. POST /transfer?from=alice&to=bob&amount=30
   200 moved 30 from alice to bob
2. GET /total
   200 the accounts hold 200
3. POST /transfer?from=alice&to=bbo&amount=50
   connection closed, the handler panicked
4. GET /total
   200 the accounts hold 150
5. POST /transfer?from=alice&to=bob&amount=1
   200 moved 1 from alice to bob
6. GET /total
   200 the accounts hold 150
`
	var out bytes.Buffer
	require.NoError(t, run(&out))
	// In a test binary, package main goes by its import path.
	got := regexp.MustCompile(`in \S*\.(\(\*ledger\)\.move \(ledger\.go:)\d+\)`).ReplaceAllString(out.String(), "in main.${1}LINE)")
	require.Equal(t, want, got)
}

// The line in the message is the line with the bug.
func TestErrorNamesTheLine(t *testing.T) {
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}
	require.Panics(t, func() { b.transfer(transfer{"alice", "bbo", 50}) })
	_, err := b.total()
	require.ErrorIs(t, err, own.ErrPoisoned)
	require.Regexp(t, `\(\*ledger\)\.move \(ledger\.go:\d+\)$`, err.Error())
}

// An overdraft is an error, and the ledger stays in use.
func TestErrorDoesNotPoison(t *testing.T) {
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}
	require.ErrorIs(t, b.transfer(transfer{"alice", "bob", 101}), errRefused)
	sum, err := b.total()
	require.NoError(t, err)
	require.Equal(t, 200, sum)
}

func TestRepair(t *testing.T) {
	post := func(b *ownBank) (status int, body string) {
		w := httptest.NewRecorder()
		b.handleRepair(w, httptest.NewRequest(http.MethodPost, "/admin/repair", nil))
		return w.Code, w.Body.String()
	}
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}
	status, body := post(b)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "nothing to repair\n", body)

	require.NoError(t, b.transfer(transfer{"alice", "bob", 30}))
	require.Panics(t, func() { b.transfer(transfer{"alice", "bbo", 50}) })
	status, _ = post(b)
	require.Equal(t, http.StatusOK, status)
	// What was completed before the panic is still there, and only that.
	require.NoError(t, b.ledger.With(func(l *ledger) {
		require.Equal(t, map[string]*account{"alice": {70}, "bob": {130}}, l.accounts)
	}))
}

// A ledger that cannot be repaired stays out of use.
func TestFailedRepairLeavesPoison(t *testing.T) {
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}
	require.Panics(t, func() {
		b.ledger.MustWith(func(l *ledger) {
			l.journal = append(l.journal, transfer{"alice", "bbo", 50})
			panic("and worse")
		})
	})
	cause, err := b.repair()
	require.EqualError(t, err, "journal entry 0: no account for alice to bbo")
	require.Equal(t, "and worse", cause.Value)
	_, err = b.total()
	require.ErrorIs(t, err, own.ErrPoisoned)
}

// The tempting way that a comment in ownBank.transfer warns of.
func TestClearPoisonIsNoRepair(t *testing.T) {
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}
	require.Panics(t, func() { b.transfer(transfer{"alice", "bbo", 50}) })
	b.ledger.ClearPoison()
	sum, err := b.total()
	require.NoError(t, err)
	require.Equal(t, 150, sum)
}

// Requests that panic, repair and go on at the same time never see a wrong sum.
func TestConcurrentRequests(t *testing.T) {
	b := &ownBank{ledger: own.NewMutex(newLedger(opening()))}
	mux := routes(b)
	mux.HandleFunc("POST /admin/repair", b.handleRepair)
	request := func(method, path string) *httptest.ResponseRecorder {
		defer func() { _ = recover() }() // what net/http does
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}

	wrong := make(chan string, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				request("POST", "/transfer?from=alice&to=bob&amount=1")
				request("POST", "/transfer?from=alice&to=bbo&amount=1")
				w := request("GET", "/total")
				if w.Code != http.StatusServiceUnavailable && w.Body.String() != "the accounts hold 200\n" {
					select {
					case wrong <- w.Body.String():
					default:
					}
				}
				request("POST", "/admin/repair")
				request("POST", "/transfer?from=bob&to=alice&amount=1")
			}
		})
	}
	wg.Wait()
	select {
	case body := <-wrong:
		t.Fatal(body)
	default:
	}
	_, err := b.repair()
	require.NoError(t, err)
	sum, err := b.total()
	require.NoError(t, err)
	require.Equal(t, 200, sum)
}

func TestBadAmount(t *testing.T) {
	for _, amount := range []string{"", "-1", "x", "99999999999"} {
		w := httptest.NewRecorder()
		routes(&syncBank{}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/transfer?from=alice&to=bob&amount="+amount, nil))
		require.Equal(t, http.StatusBadRequest, w.Code, "amount %q", amount)
	}
}

// An error that the service does not know is its own fault.
func TestFailUnknownError(t *testing.T) {
	w := httptest.NewRecorder()
	fail(w, errors.New("disk on fire"))
	require.Equal(t, http.StatusInternalServerError, w.Code)
}
