package main

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"

	"github.com/go-own/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func TestOutput(t *testing.T) {
	const poisoned = `own: lock poisoned by panic: runtime error: index out of range [1] with length 1, in FUNC (main.go:LINE)`
	const want = `close, and finish what is left:
  accepted 30 = done 29 + failed 1 + handed back 0
  sum of the results: 1139
  failed: ann's job 4: panic: runtime error: index out of range [4] with length 0

stop in the middle:
  push of job 5: context canceled: new release
  a worker: context canceled: new release
  a worker: context canceled: new release
  accepted 4 = done 2 + failed 0 + handed back 2
  sum of the results: 3
  handed back: job 3
  handed back: job 4

panic under the lock:
  withdraw: runtime error: index out of range [1] with length 1
  a push that waited: ` + poisoned + `
  a push that waited: ` + poisoned + `
  pop: poisoned: true
  it holds [milk:2 milk:2 soap]
`
	var out bytes.Buffer
	require.NoError(t, run(&out))
	got := regexp.MustCompile(`in \S*breakQueue\S* \(main\.go:\d+\)`).ReplaceAllString(out.String(), "in FUNC (main.go:LINE)")
	require.Equal(t, want, got)
}

// However a job ends, it is counted, and the queue is as it was.
func TestJobsThatFail(t *testing.T) {
	ctx := context.Background()
	jobs := newQueue[job](4)
	var results own.Mutex[tally]
	for name, do := range map[string]func() (int, error){
		"result": func() (int, error) { return 7, nil },
		"error":  func() (int, error) { return 1, errors.New("no paper") },
		"panic":  func() (int, error) { panic("jam") },
		"goexit": func() (int, error) { runtime.Goexit(); return 1, nil },
	} {
		require.NoError(t, jobs.Push(ctx, job{name, do}))
	}
	require.NoError(t, jobs.Close())

	// Two, because one of them does not survive the Goexit.
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() { work(ctx, jobs, &results) })
	}
	workers.Wait()

	got, err := results.Load()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"error: no paper", "panic: panic: jam", "goexit: runtime.Goexit"}, got.failures)
	got.failures = nil
	require.Equal(t, tally{done: 1, failed: 3, sum: 7}, got)
	left, err := jobs.Drain()
	require.NoError(t, err, "not poisoned")
	require.Empty(t, left)
}
