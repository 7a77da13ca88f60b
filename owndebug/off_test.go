//go:build !owndebug

package owndebug_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
)

// fakeT is a test that says what it was told.
type fakeT struct {
	errors, logs []string
	cleanup      []func()
}

func (t *fakeT) Helper() {}
func (t *fakeT) Errorf(format string, args ...any) {
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}
func (t *fakeT) Logf(format string, args ...any) {
	t.logs = append(t.logs, fmt.Sprintf(format, args...))
}
func (t *fakeT) Cleanup(f func()) { t.cleanup = append(t.cleanup, f) }

// Without the tag nothing is seen, and nothing is said to have been checked.
func TestNothingIsReported(t *testing.T) {
	require.False(t, owndebug.Enabled)
	owndebug.OnReport(func(owndebug.Report) { panic("a report") })
	defer owndebug.OnReport(nil)
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	owndebug.Expect(ft, owndebug.Deadlock)
	require.Equal(t, []string{"owndebug: nothing is checked without -tags owndebug"}, ft.logs)

	var a, b own.Mutex[int]
	for _, l := range [][2]*own.Mutex[int]{{&a, &b}, {&b, &a}} {
		var done sync.WaitGroup
		done.Go(func() { l[0].With(func(*int) { l[1].With(func(*int) {}) }) })
		done.Wait()
	}
	new(own.Mutex[int]).MustLock()
	own.NewArc(1)
	for range 3 {
		runtime.GC()
	}
	require.Empty(t, owndebug.Reports())
	for _, f := range ft.cleanup {
		f()
	}
	require.Empty(t, ft.errors)
}

type fakeM struct{}

func (fakeM) Run() int { return 7 }

func TestTestMainIsTheSame(t *testing.T) {
	m := fakeM{}
	require.Equal(t, owndebug.TestingM(m), owndebug.TestMain(m))
	require.Equal(t, 7, owndebug.TestMain(m).Run())
}

func TestHandlerSaysThatItIsOff(t *testing.T) {
	w := httptest.NewRecorder()
	owndebug.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusNotImplemented, w.Code)
	require.Contains(t, w.Body.String(), "-tags owndebug")
}

// A program that uses everything has no trace of what the debug build is made of. It had
// calls of functions that do nothing, where the methods of generic types do not ask
// track.Enabled: the compiler does not inline functions of a package that is not imported
// directly into these, which are compiled where they are used.
func TestNormalBuildHasNoTrace(t *testing.T) {
	found := traces(t)
	require.Empty(t, found)
	// Else this test finds nothing anyway.
	found = traces(t, "-tags=owndebug")
	require.True(t, slices.ContainsFunc(found, func(s symbol) bool { return s.size > 100 && strings.Contains(s.name, "/track.") }))
	require.True(t, slices.ContainsFunc(found, func(s symbol) bool { return strings.Contains(s.name, "/goroutine.") }))
}

type symbol struct {
	name string
	size int
}

// traces returns what nm says of the program in testdata that is of the packages of the
// debug build.
func traces(t *testing.T, flags ...string) (found []symbol) {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "plain")
	out, err := exec.Command("go", append(append([]string{"build", "-o", exe}, flags...), "./testdata/plain")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command("go", "tool", "nm", "-size", exe).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "main.main")
	line := regexp.MustCompile(`(?m)^\s*\w+\s+(\d+)\s+\w\s+(github\.com/go-own/own/internal/(?:track|goroutine)\..*)$`)
	for _, m := range line.FindAllStringSubmatch(string(out), -1) {
		size, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		found = append(found, symbol{m[2], size})
	}
	return found
}
