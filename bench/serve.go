package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// answer is the other end of a remote: it does laps that are asked for by lines of in, and
// writes its answers to out, until in ends. The workloads' sides are known by
// WORKLOAD/by=SIDE. What a side has set up is kept until a lap of another workload is asked
// for, since the sides of one take turns.
func answer(all []*workload, in io.Reader, out io.Writer) error {
	s := &server{sides: map[string]side{}, laps: map[string]func(int) float64{}}
	for _, w := range all {
		for _, side := range w.sides {
			s.sides[w.name+"/by="+side.name] = side
		}
	}
	defer s.reset("")
	for lines := bufio.NewScanner(in); ; {
		if !lines.Scan() {
			return lines.Err()
		}
		reply, err := s.answer(strings.Fields(lines.Text()))
		if err != nil {
			reply = "error: " + err.Error()
		}
		if _, err := fmt.Fprintln(out, reply); err != nil {
			return err
		}
	}
}

type server struct {
	sides    map[string]side
	workload string // that the rest is of
	laps     map[string]func(int) float64
	stops    []func()
	unpin    func()
}

func (s *server) answer(words []string) (string, error) {
	switch {
	case len(words) == 3 && words[0] == "lap":
		n, err := strconv.Atoi(words[2])
		if err != nil || n <= 0 {
			return "", fmt.Errorf("%q is no number of operations", words[2])
		}
		v, err := s.lap(words[1], n)
		return strconv.FormatFloat(v, 'g', -1, 64), err
	case len(words) == 2 && words[0] == "pin":
		cpu, err := strconv.Atoi(words[1])
		if err != nil {
			return "", fmt.Errorf("%q is no number of a processor", words[1])
		}
		if s.unpin == nil {
			s.unpin = pin(cpu)
		}
		return "ok", nil
	case len(words) == 1 && words[0] == "unpin":
		if s.unpin != nil {
			s.unpin()
			s.unpin = nil
		}
		return "ok", nil
	}
	return "", fmt.Errorf("%q is no question", strings.Join(words, " "))
}

func (s *server) lap(name string, n int) (float64, error) {
	side, ok := s.sides[name]
	if !ok {
		return 0, fmt.Errorf("there is no %s", name)
	}
	workload, _, _ := strings.Cut(name, "/by=")
	if workload != s.workload {
		s.reset(workload)
	}
	lap := s.laps[name]
	if lap == nil {
		var stop func()
		lap, stop = side.start()
		s.laps[name] = lap
		if stop != nil {
			s.stops = append(s.stops, stop)
		}
	}
	return lap(n), nil
}

// reset puts away what is there.
func (s *server) reset(workload string) {
	for _, stop := range s.stops {
		stop()
	}
	s.stops, s.workload = nil, workload
	clear(s.laps)
}
