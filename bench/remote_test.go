package main

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func mustMatch(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// self launches this test as a process that does laps.
func self(t *testing.T) *remote {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BENCH_TEST_SERVES=1")
	r, err := launch("the other", cmd)
	require.NoError(t, err)
	return r
}

func TestRemote(t *testing.T) {
	r := self(t)
	lap, stop := r.side("b", "Test/one/by=b", 0).start()
	require.EqualValues(t, 12, lap(12))
	require.EqualValues(t, 13, lap(13))
	stop()
	_, err := r.ask("lap Test/none/by=b 1")
	require.EqualError(t, err, "the other: lap Test/none/by=b 1: there is no Test/none/by=b")
	lap, _ = r.side("b", "Test/none/by=b", -1).start()
	require.Panics(t, func() { lap(1) })
	require.NoError(t, r.close())
	_, err = r.ask("unpin")
	require.Error(t, err, "it has ended")
}

func TestRemoteIsNotThere(t *testing.T) {
	_, err := launch("nothing", exec.Command("./no such program"))
	require.Error(t, err)
}

func TestAnswer(t *testing.T) {
	questions := []struct{ question, answer string }{
		{"lap Test/two/by=a 3", "3"},
		{"lap Test/one/by=c 1", "1"},
		{"pin 0", "ok"},
		{"pin 0", "ok"},
		{"unpin", "ok"},
		{"unpin", "ok"},
		{"", `error: "" is no question`},
		{"lap", `error: "lap" is no question`},
		{"lap Test/one/by=c 0", `error: "0" is no number of operations`},
		{"lap Test/one/by=c many", `error: "many" is no number of operations`},
		{"lap Test/one 1", "error: there is no Test/one"},
		{"pin one", `error: "one" is no number of a processor`},
		{"quit now", `error: "quit now" is no question`},
	}
	var in, want, out strings.Builder
	for _, q := range questions {
		in.WriteString(q.question + "\n")
		want.WriteString(q.answer + "\n")
	}
	require.NoError(t, answer(testWorkloads(nil), strings.NewReader(in.String()), &out))
	require.Equal(t, want.String(), out.String())
	require.ErrorIs(t, answer(nil, strings.NewReader("unpin\n"), closedWriter{}), io.ErrClosedPipe)
}

type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A side is put away when a lap of another workload is asked for, and at the end.
func TestAnswerPutsAway(t *testing.T) {
	var log []string
	one := func(name string) side {
		return side{name, func() (func(int) float64, func()) {
			log = append(log, "start "+name)
			return func(int) float64 { return 1 }, func() { log = append(log, "stop "+name) }
		}}
	}
	all := []*workload{{name: "A", sides: []side{one("a"), one("b")}}, {name: "B", sides: []side{one("c")}}}
	in := "lap A/by=a 1\nlap A/by=b 1\nlap A/by=a 1\nlap B/by=c 1\nlap A/by=a 1\n"
	require.NoError(t, answer(all, strings.NewReader(in), io.Discard))
	require.Equal(t, []string{"start a", "start b", "stop a", "stop b", "start c", "stop c", "start a", "stop a"}, log)
}
