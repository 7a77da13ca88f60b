package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"
)

// A figure is what one lap came to.
type figure struct {
	workload *workload
	side     string
	n        int
	value    float64 // in the workload's unit
}

// options say how much is measured.
type options struct {
	match  *regexp.Regexp
	rounds int // in each pass, of goroutines that contend; of one alone, five times as many

	// alone and together are how long the quickest side is to take for a lap. Where
	// goroutines contend, a lap has to be long enough for the scheduler to come in.
	alone, together time.Duration

	cpu int // that those that work alone are pinned to
}

// measure runs the workloads one after another, and all of them several times. In each, the sides take turns, lap by lap,
// each time beginning with another: A B C, B C A. A machine that is busy or changes its
// clock in between hits all sides alike, which benchmarks that run one after the other do
// not survive. What it finds goes to emit, in order.
func measure(ctx context.Context, workloads []*workload, o options, progress *progress, emit func(figure) error) error {
	var chosen []*workload
	for _, w := range workloads {
		if o.match.MatchString(w.name) {
			chosen = append(chosen, w)
		}
	}
	for pass := range passes {
		for i, w := range chosen {
			progress.begin(pass, i, len(chosen), w)
			if err := w.measure(ctx, o, progress, emit); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			progress.end(w)
		}
	}
	return nil
}

// passes is how often all is gone through. What a neighbour on the same processor does for
// a minute is a third of the rounds of a workload then, and not all.
const passes = 3

func (w *workload) measure(ctx context.Context, o options, progress *progress, emit func(figure) error) error {
	if w.alone {
		defer pin(o.cpu)()
	}
	laps := make([]func(int) float64, len(w.sides))
	for i, s := range w.sides {
		lap, stop := s.start()
		laps[i] = lap
		if stop != nil {
			defer stop()
		}
	}
	n := w.n
	if n == 0 {
		lap := o.together
		if w.alone {
			lap = o.alone
		}
		n = calibrate(laps, lap)
	}
	rounds := o.rounds
	if w.alone {
		rounds *= 5 // they are short
	}
	for round := range rounds {
		for turn := range w.sides {
			if err := ctx.Err(); err != nil {
				return err
			}
			i := (round + turn) % len(w.sides)
			progress.lap(round, rounds, w.sides[i].name)
			if err := emit(figure{w, w.sides[i].name, n, laps[i](n)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// calibrate returns how many operations the quickest side does in about d, or fewer if the
// slowest would take more than patience times as long. All sides do that many. It also is
// the lap that warms up.
func calibrate(laps []func(int) float64, d time.Duration) int {
	quickest, slowest := time.Duration(1<<63-1), time.Duration(0) // for a thousand
	for _, lap := range laps {
		n := 100
		for {
			begin := time.Now()
			lap(n)
			took := time.Since(begin)
			if took >= d/2 || n >= 1e9 {
				each := time.Duration(float64(took) / float64(n) * 1000)
				quickest, slowest = min(quickest, max(each, 1)), max(slowest, each)
				break
			}
			n *= 2
		}
	}
	n := 1000 * float64(d) / float64(quickest)
	return max(100, int(min(n, patience*1000*float64(d)/float64(max(slowest, 1)))))
}

const patience = 20

// progress says on a terminal what is being measured.
type progress struct {
	w        io.Writer
	terminal bool
	head     string
	began    time.Time
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *progress) begin(pass, i, n int, w *workload) {
	p.head, p.began = fmt.Sprintf("pass %d of %d [%d/%d] %s", pass+1, passes, i+1, n, w.name), time.Now()
}

func (p *progress) lap(round, rounds int, side string) {
	if p.terminal {
		fmt.Fprintf(p.w, "\r\033[K%s: round %d of %d, %s", p.head, round+1, rounds, side)
	}
}

func (p *progress) end(*workload) {
	if p.terminal {
		fmt.Fprint(p.w, "\r\033[K")
	}
	fmt.Fprintf(p.w, "%s: %.1f s\n", p.head, time.Since(p.began).Seconds())
}
