package owndebug_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// The examples print the same in both builds: what is found is compared to Enabled, which
// is true with -tags owndebug.

// aTest stands for the *testing.T of a test.
type aTest struct {
	failed  bool
	cleanup []func()
}

func (t *aTest) Helper()               {}
func (t *aTest) Errorf(string, ...any) { t.failed = true }
func (t *aTest) Logf(string, ...any)   {}
func (t *aTest) Cleanup(f func())      { t.cleanup = append(t.cleanup, f) }
func (t *aTest) run(test func(t *aTest)) bool {
	test(t)
	for _, f := range slices.Backward(t.cleanup) {
		f()
	}
	return !t.failed
}

// Two goroutines take two locks in orders that do not agree. Nothing happens this time,
// since one of them has finished before the other begins. It is reported all the same.
func Example() {
	var stock, orders own.Mutex[int]
	var found []owndebug.Report
	owndebug.OnReport(func(r owndebug.Report) { found = append(found, r) }) // else they are printed
	defer owndebug.OnReport(nil)

	var first, second sync.WaitGroup
	first.Go(func() {
		defer stock.MustLock().Unlock()
		defer orders.MustLock().Unlock()
	})
	first.Wait()
	second.Go(func() {
		defer orders.MustLock().Unlock()
		defer stock.MustLock().Unlock()
	})
	second.Wait()

	fmt.Println("reported in the debug build:", len(found) == 1 == owndebug.Enabled)
	// Output: reported in the debug build: true
}

func ExampleVerifyNone() {
	var forgotten *own.Arc[string]
	test := func(t *aTest) { // func Test(t *testing.T)
		owndebug.VerifyNone(t)
		font := own.NewArc("Go Mono")
		forgotten = font.Clone()
		font.Drop()
	}
	passed := new(aTest).run(test)
	fmt.Println("fails in the debug build:", passed == !owndebug.Enabled)
	forgotten.Drop()

	test = func(t *aTest) {
		owndebug.VerifyNone(t)
		font := own.NewArc("Go Mono")
		defer font.Drop()
		defer font.Clone().Drop()
	}
	passed = new(aTest).run(test)
	fmt.Println("passes:", passed)
	// Output:
	// fails in the debug build: true
	// passes: true
}

// tests stands for the *testing.M of a package.
type tests struct{}

func (tests) Run() int { return 0 }

func ExampleTestMain() {
	// func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }
	m := owndebug.TestMain(tests{})
	fmt.Println("exit status:", m.Run())
	// Output: exit status: 0
}

func ExampleTestingM() {
	var m owndebug.TestingM = tests{} // a *testing.M is one
	fmt.Println(m.Run())
	// Output: 0
}

func ExampleTestingT() {
	var t owndebug.TestingT = new(aTest) // a *testing.T is one, and so is a *testing.B
	owndebug.VerifyNone(t)
	// Output:
}

func ExampleExpect() {
	test := func(t *aTest) {
		owndebug.VerifyNone(t)
		owndebug.Expect(t, owndebug.LeakedOwner)
		own.NewArc("never dropped") //own:allow owner-discarded it is what is expected
	}
	fmt.Println("passes:", new(aTest).run(test))
	// Output: passes: true
}

func ExampleOnReport() {
	var seen own.Mutex[[]owndebug.Kind]
	owndebug.OnReport(func(r owndebug.Report) {
		seen.MustWith(func(kinds *[]owndebug.Kind) { *kinds = append(*kinds, r.Kind) })
	})
	defer owndebug.OnReport(nil) // reports are printed again

	func() {
		defer func() { _ = recover() }()
		var m own.Mutex[int]
		g := m.MustLock()
		defer func() { g.Unlock() }() //own:allow poison-blind it is to be reported: m is not poisoned
		panic("half way")
	}()

	kinds, _ := seen.Load()
	if !owndebug.Enabled {
		kinds = []owndebug.Kind{owndebug.PoisonBlind} // there are no reports in a normal build
	}
	fmt.Println(kinds)
	// Output: [poison-blind unlock]
}

func ExampleReports() {
	for _, r := range owndebug.Reports() { // what was found last comes last
		_ = r.Headline
	}
	fmt.Println(owndebug.Enabled || len(owndebug.Reports()) == 0)
	// Output: true
}

func ExampleReport() {
	r := owndebug.Report{Kind: owndebug.Deadlock, Headline: "2 goroutines wait for each other"}
	fmt.Printf("%s: %s\n", r.Kind, r.Headline)
	// Output: deadlock: 2 goroutines wait for each other
}

func ExampleReport_String() {
	for _, r := range owndebug.Reports() {
		text := r.String() // has several lines: the locks, who holds and wants them where, what to do
		if !strings.HasPrefix(text, "own: "+strings.ToUpper(r.Kind.String())+": "+r.Headline+"\n") {
			fmt.Println(text)
		}
	}
	// Output:
}

func ExampleReport_MarshalJSON() {
	for _, r := range owndebug.Reports() {
		data, err := json.Marshal(r)
		if err != nil {
			fmt.Println(err)
			continue
		}
		var fields struct{ Kind, Headline string }
		if err := json.Unmarshal(data, &fields); err != nil || fields.Headline != r.Headline {
			fmt.Println(err, fields)
		}
	}
	// Output:
}

func ExampleKind() {
	counts := map[owndebug.Kind]int{}
	for _, r := range owndebug.Reports() {
		counts[r.Kind]++
	}
	for k := owndebug.Deadlock; k <= owndebug.NotSend; k++ {
		_ = counts[k]
		fmt.Println(k)
	}
	// Output:
	// deadlock
	// potential deadlock
	// leaked guard
	// leaked owner
	// poison-blind unlock
	// not send
}

func ExampleKind_String() {
	fmt.Println(owndebug.PotentialDeadlock.String())
	// Output: potential deadlock
}

func ExampleHandler() {
	mux := http.NewServeMux() // of a private port: the page shows stacks and source paths
	mux.Handle("/debug/own", owndebug.Handler())

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/debug/own", nil))
	fmt.Println("serves the page in the debug build:", w.Code == http.StatusOK == owndebug.Enabled)
	// Output: serves the page in the debug build: true
}
