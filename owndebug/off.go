//go:build !owndebug

package owndebug

import "net/http"

// Enabled is whether this is the debug build, with -tags owndebug.
const Enabled = false

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
func OnReport(f func(Report)) { _ = f }

// Reports returns what has been found: of reports that say the same of the same places, for
// other locks or owners, the latest, with their number. It is in the order in which they were
// found last; if there are more than 1000, those that were not found for the longest time
// are left out.
func Reports() []Report { return nil }

// VerifyNone makes t fail at its end for each report made, each lock still held and each
// owner still alive since this call. It gives goroutines that are about to finish some
// time to do so. Call it first, so that what the test defers or cleans up has been done.
//
// It asks about the whole process: it is not for tests that run in parallel.
//
// Without -tags owndebug it logs that nothing is checked.
func VerifyNone(t TestingT) {
	t.Helper()
	t.Logf("owndebug: nothing is checked without -tags owndebug")
}

// TestMain returns an m that runs the tests of m and then fails, if they have passed, for
// what they have left behind, as [VerifyNone] does for one test. It goes together with
// goleak's:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }
//
// Without -tags owndebug it returns m.
func TestMain(m TestingM) TestingM { return m }

// Expect is for a test that does on purpose what is reported: until t ends, reports of the
// given kinds are not printed, and do not count for [VerifyNone] and [TestMain]. A function
// given to [OnReport] gets them. For [LeakedOwner] and [LeakedGuard], what the test has made
// and is still alive, or held, when it ends does not count either.
//
// It does nothing without -tags owndebug.
func Expect(t TestingT, kinds ...Kind) { _, _ = t, kinds }

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
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Nothing is recorded: this program was built without -tags owndebug.", http.StatusNotImplemented)
	})
}
