// Mutants asks whether the tests of the library would notice. It has a list of
// bugs that such a library can have: bugs that others have had, and bugs that are
// tempting to write. It seeds one at a time into a copy of the library's source,
// runs the suite on it, and says which test failed. A bug that no test notices is a
// hole in the tests, not in the list.
//
// Run it in verify/:
//
//	go run ./cmd/mutants                  # all of them
//	go run ./cmd/mutants -list            # what they are
//	go run ./cmd/mutants -run upgrade -v  # some, with the output that killed them
//	go run ./cmd/mutants -tests=false     # without the tests nothing is killed
//
// The last line is "killed K of N". The exit status is 0 if all were killed, 1 if one
// survived, and 2 if the list is wrong: if an edit does not fit the source any more,
// or does not compile.
//
// Where a bug takes two goroutines at the same moment, the tests of the explorer of
// interleavings come first, if the library has them: they look at all orders, where
// the others need luck. A race that only the others kill may survive now and then.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"time"
)

func main() {
	var (
		run     = flag.String("run", "", "seed only the bugs whose names match this `regexp`")
		list    = flag.Bool("list", false, "say what the bugs are, and do nothing")
		keep    = flag.Bool("keep", false, "keep the copies, and say where they are")
		tests   = flag.Bool("tests", true, "with =false, delete the tests first: then every bug survives")
		explore = flag.Bool("explore", true, "with =false, leave the explorer of interleavings out")
		verbose = flag.Bool("v", false, "print what the suite printed")
		timeout = flag.Duration("timeout", 20*time.Second, "how long a run of tests may take; more counts as hanging, and kills")
		jobs    = flag.Int("j", runtime.NumCPU()+1, "how many copies to test at a time: one more than processors, for those that hang")
	)
	flag.Parse()
	// Interrupted, it still ends the tests that it has started and removes the copies.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c := command{
		list: *list, keep: *keep, tests: *tests, explore: *explore, verbose: *verbose,
		timeout: *timeout, jobs: max(*jobs, 1),
	}
	status, err := c.main(ctx, *run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
	}
	os.Exit(status)
}

// The exit statuses.
const (
	allKilled    = 0
	someSurvived = 1
	broken       = 2 // the list, or the suite without a bug
)

// A command is a call of this program, with its flags.
type command struct {
	list, keep, tests, explore, verbose bool

	timeout time.Duration
	jobs    int
}

func (c *command) main(ctx context.Context, pattern string) (status int, err error) {
	chosen, err := choose(mutants(), pattern)
	if err != nil {
		return broken, err
	}
	if c.list {
		for _, m := range chosen {
			fmt.Printf("%-28s %-14s %s\n", m.name, m.file, m.bug)
		}
		fmt.Println(len(chosen), "bugs")
		return allKilled, nil
	}
	root, err := findRoot()
	if err != nil {
		return broken, err
	}
	src, err := readSource(root)
	if err != nil {
		return broken, err
	}
	// All edits are tried before the first test runs: a list that has rotted is an
	// error at once, and not a survivor later.
	if err := src.check(chosen); err != nil {
		return broken, err
	}
	if !c.tests {
		src.deleteTests()
	}
	return c.runAll(ctx, src, chosen)
}

// choose returns the mutants whose names match pattern.
func choose(all []mutant, pattern string) ([]mutant, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	var chosen []mutant
	for _, m := range all {
		if re.MatchString(m.name) {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return nil, errors.New("no bug has a name like that: see -list")
	}
	return chosen, nil
}

// runAll tests the source as it is, and each mutant, and reports.
func (c *command) runAll(ctx context.Context, src source, chosen []mutant) (status int, err error) {
	begin := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Without a bug, too, and beside the others, for it takes longest. If that fails, each
	// mutant would seem to be killed.
	noBug := mutant{name: "no bug"}
	killed, wrong, cpu := 0, 0, time.Duration(0)
	for r := range c.results(ctx, src, append([]mutant{noBug}, chosen...)) {
		cpu += r.cpu
		switch {
		case err != nil: // the rest of those that were running
		case r.mutant == noBug && r.err != nil && ctx.Err() == nil:
			err = fmt.Errorf("the library without a bug: %w", r.err)
			cancel()
		case r.mutant == noBug && r.killed:
			err = fmt.Errorf("without a bug, the suite must pass. It fails by %s\n%s", r.by, r.output)
			cancel()
		case r.mutant == noBug:
			fmt.Printf("%-9s %-28s %5.1f s\n", "passes", "no bug", r.took.Seconds())
		default:
			if r.killed {
				killed++
			}
			if r.err != nil {
				wrong++
			}
			r.print(c.verbose)
		}
	}
	if err != nil {
		return broken, err
	}
	fmt.Printf("%.1f minutes, %.1f of one processor\n", time.Since(begin).Minutes(), cpu.Minutes())
	fmt.Printf("killed %d of %d\n", killed, len(chosen))
	switch {
	case ctx.Err() != nil:
		return broken, errors.New("interrupted")
	case wrong > 0:
		return broken, fmt.Errorf("%d could not be tested", wrong)
	case killed < len(chosen):
		return someSurvived, nil
	default:
		return allKilled, nil
	}
}
