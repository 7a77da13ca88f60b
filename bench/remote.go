package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// A remote is another process that does laps: one that is not written in Go, or that is
// built with other tags. It takes its turns with the sides in this process. It is asked by
// a line, and answers with one:
//
//	lap NAME N    the figure for each of N operations of what it knows by that name
//	pin CPU       keeps the thread that works alone on a processor: "ok", or "no"
//	unpin         undoes that: "ok"
//
// What it has no answer for, it answers with "error: " and the reason.
type remote struct {
	what string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// launch starts the process.
func launch(what string, cmd *exec.Cmd) (*remote, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &remote{what, cmd, in, bufio.NewReader(out)}, nil
}

// close ends the process.
func (r *remote) close() error {
	_ = r.in.Close() // it ends at the end of its input
	return r.cmd.Wait()
}

func (r *remote) ask(format string, args ...any) (string, error) {
	question := fmt.Sprintf(format, args...)
	if _, err := fmt.Fprintln(r.in, question); err != nil {
		return "", fmt.Errorf("%s: %s: %w", r.what, question, err)
	}
	answer, err := r.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", r.what, question, err)
	}
	answer = strings.TrimSpace(answer)
	if reason, failed := strings.CutPrefix(answer, "error: "); failed {
		return "", fmt.Errorf("%s: %s: %s", r.what, question, reason)
	}
	return answer, nil
}

// side returns the side that does what r knows by the given name. A lap that fails ends the
// whole run: it panics with the error.
func (r *remote) side(name, work string, cpu int) side {
	return side{name, func() (func(int) float64, func()) {
		if _, err := r.ask("pin %d", cpu); cpu >= 0 && err != nil {
			panic(err)
		}
		lap := func(n int) float64 {
			answer, err := r.ask("lap %s %d", work, n)
			if err != nil {
				panic(err)
			}
			v, err := strconv.ParseFloat(answer, 64)
			if err != nil {
				panic(fmt.Errorf("%s: %w", r.what, err))
			}
			return v
		}
		return lap, func() { _, _ = r.ask("unpin") }
	}}
}
