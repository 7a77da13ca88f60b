//go:build owndebug

package owndebug

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/go-own/own/internal/track"
)

// Enabled is whether this is the debug build, with -tags owndebug.
const Enabled = true

func report(r *track.Report) Report {
	return Report{Kind: Kind(r.Kind), Headline: r.Headline, Times: r.Times, text: r.String, json: r.JSON}
}

// OnReport has each report handed to f from now on, instead of being printed to standard
// error; OnReport(nil) has them printed again. There are no reports without -tags owndebug.
//
// What is printed is the whole report, the first time. When the same is found again at the
// same places, one line says so the second time, the fourth, the eighth and so on. f is
// given each of them, with its number in Times.
//
// f is called by the goroutine that found it, with nothing of the library locked: it may
// use locks, also those that the report is about, if it does not wait for what does not
// come. A report that it makes itself is kept and not handed to it. A panic in f is
// dropped. Several may call f at a time. f should be quick: the goroutine may hold locks of
// its own, and a forgotten guard or owner is reported by a goroutine of the garbage
// collector, which runs no cleanups until f returns, and never again if f ends it by
// runtime.Goexit, as t.Fatal does.
func OnReport(f func(Report)) {
	if f == nil {
		track.Handle(nil)
		return
	}
	track.Handle(func(r *track.Report) { f(report(r)) })
}

// Reports returns what has been found: of reports that say the same of the same places, for
// other locks or owners, the latest, with their number. It is in the order in which they were
// found last; if there are more than 1000, those that were not found for the longest time
// are left out.
func Reports() []Report {
	var all []Report
	for _, r := range track.Reports() {
		all = append(all, report(r))
	}
	return all
}

// VerifyNone makes t fail at its end for each report made, each lock still held and each
// owner still alive since this call. It gives goroutines that are about to finish some
// time to do so. Call it first, so that what the test defers or cleans up has been done.
//
// It asks about the whole process: it is not for tests that run in parallel.
//
// Without -tags owndebug it logs that nothing is checked.
func VerifyNone(t TestingT) {
	t.Helper()
	since := track.Now()
	t.Cleanup(func() {
		t.Helper()
		if left := settled(since); left != "" {
			t.Errorf("left behind:\n%s", left)
		}
	})
}

// settled returns what has been left behind since the given moment, once it does not
// change any more: what is held or alive may be so by a goroutine that is about to
// finish. It says so of what is there for most of a second.
func settled(since track.Mark) string {
	var left track.Leaks
	for pause := time.Microsecond; pause < time.Second/2; pause *= 2 {
		left = track.Since(since)
		if len(left.Held) == 0 && len(left.Owners) == 0 {
			break
		}
		time.Sleep(pause)
	}
	return left.String()
}

// TestMain returns an m that runs the tests of m and then fails, if they have passed, for
// what they have left behind, as [VerifyNone] does for one test. It goes together with
// goleak's:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }
//
// Without -tags owndebug it returns m.
func TestMain(m TestingM) TestingM { return verified{m} }

type verified struct{ TestingM }

func (m verified) Run() int {
	since := track.Now()
	code := m.TestingM.Run()
	if code != 0 {
		return code
	}
	if left := settled(since); left != "" {
		fmt.Fprintf(os.Stderr, "owndebug: the tests have left behind:\n%s", left)
		return 1
	}
	return 0
}

// Expect is for a test that does on purpose what is reported: until t ends, reports of the
// given kinds are not printed, and do not count for [VerifyNone] and [TestMain]. A function
// given to [OnReport] gets them. For [LeakedOwner] and [LeakedGuard], what the test has made
// and is still alive, or held, when it ends does not count either.
//
// It does nothing without -tags owndebug.
func Expect(t TestingT, kinds ...Kind) {
	since := track.Now()
	var over []func()
	for _, k := range kinds {
		over = append(over, track.Expect(track.Kind(k)))
	}
	t.Cleanup(func() {
		for _, f := range over {
			f()
		}
		track.Forget(since, slices.Contains(kinds, LeakedGuard), slices.Contains(kinds, LeakedOwner))
	})
}
