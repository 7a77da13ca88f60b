package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A result is what became of a mutant.
type result struct {
	mutant mutant
	killed bool
	by     string // the test, and how it failed
	took   time.Duration
	cpu    time.Duration // of one processor, that the go command and the tests took
	output string        // of the last run of tests
	dir    string        // of the copy, if it is kept
	err    error         // of the list: the mutant could not be tested
}

func (r *result) print(verbose bool) {
	word, by := "killed", r.by
	switch {
	case r.err != nil:
		word, by = "ERROR", r.err.Error()
	case !r.killed:
		word, by = "SURVIVED", r.mutant.file+": "+r.mutant.bug
	}
	fmt.Printf("%-9s %-28s %5.1f s  %s\n", word, r.mutant.name, r.took.Seconds(), by)
	if r.dir != "" {
		fmt.Println("         ", r.dir)
	}
	if verbose {
		fmt.Println(r.output)
	}
}

// results tests the mutants, some at a time, and gives the results in the order in
// which they come.
func (c *command) results(ctx context.Context, src source, mutants []mutant) iter.Seq[*result] {
	todo, done := make(chan mutant), make(chan *result)
	go func() {
		for _, m := range mutants {
			todo <- m
		}
		close(todo)
	}()
	var workers sync.WaitGroup
	for range c.jobs {
		workers.Go(func() {
			for m := range todo {
				done <- c.test(ctx, src, m)
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	return func(yield func(*result) bool) {
		for r := range done {
			if !yield(r) {
				panic("mutants: the results must be read to the end")
			}
		}
	}
}

// test tests a copy of src with m in it.
func (c *command) test(ctx context.Context, src source, m mutant) *result {
	r := &result{mutant: m}
	begin := time.Now()
	defer func() { r.took = time.Since(begin) }()
	dir, err := os.MkdirTemp("", "own-mutant-")
	if err != nil {
		r.err = err
		return r
	}
	if c.keep {
		r.dir = dir
	} else {
		defer os.RemoveAll(dir)
	}
	c.stages(ctx, r, dir, src)
	return r
}

// stages runs the suite until something fails. What is most likely to find the bug
// goes first; only a mutant that has passed all of it has survived.
func (c *command) stages(ctx context.Context, r *result, dir string, src source) {
	pkgs := []string{folder(r.mutant.file)}
	if r.mutant.file == "" {
		pkgs = src.packages() // of the library without a bug, all must pass
	}
	explore := c.explore && src.hasModelTests() && pkgs[0] == "." // it is one of the root package
	tests := func() { c.run(ctx, r, dir, c.timeout, append([]string{"-skip=" + notAboutBehavior}, pkgs...)...) }
	// Of the debug build. Those of the other packages, which pass in both builds, ask for
	// nothing that these do not.
	debugTests := func() {
		c.run(ctx, r, dir, c.timeout, "-tags=owndebug", "-short", "./owndebug", "./internal/track")
	}
	worlds := func() {
		if !explore {
			return
		}
		c.run(ctx, r, dir, 5*c.timeout, "-tags=ownmodel", "-run=^TestModel", ".")
		if strings.HasPrefix(r.by, timeoutIn) { // it cannot hang, but have more to explore
			r.killed, r.by = false, ""
		}
	}
	write := func(wanted func(path string) bool) func() {
		return func() { r.err = src.write(dir, r.mutant, wanted) }
	}
	// What the compiler finds, no test has found.
	build := func() {
		args := append([]string{"build"}, pkgs...)
		if r.mutant.debug {
			args = []string{"build", "-tags=owndebug", "./..."}
		}
		if out, err := c.goCommand(ctx, r, dir, args...); err != nil {
			r.err, r.output = errors.New("does not compile:\n"+out), out
		}
	}
	all := func(string) bool { return true }
	stages := []func(){write(all), build, tests, worlds}
	if r.mutant.file == "" {
		stages = append(stages, debugTests)
	}
	if r.mutant.debug {
		stages = []func(){write(all), build, debugTests}
	} else if near := testsOf(r.mutant.file); near != nil {
		// The tests of the type that the bug is in, alone: to compile all of them takes
		// longer than to run them.
		first := []func(){tests}
		if r.mutant.race {
			first = []func(){worlds, tests}
		}
		wanted := func(path string) bool { return !strings.HasSuffix(path, "_test.go") || near.MatchString(path) }
		stages = slices.Concat([]func(){write(wanted), build}, first, []func(){write(all), tests, worlds})
	}
	for _, stage := range stages {
		if stage(); r.killed || r.err != nil {
			return
		}
	}
}

// testsOf matches the files of the tests that are about the code in a file, with what
// they share, or returns nil if there are no others.
func testsOf(file string) *regexp.Regexp {
	names := ""
	switch file {
	case "acquire.go", "core.go", "guard.go", "mutex.go", "mutex_lock.go", "poison.go":
		names = "mutex|guard|poison|format|wait|model_mutex|model_wait"
	case "wait.go":
		names = "mutex|wait|fair|rwwait|model_mutex|model_wait|model_rwmutex"
	case "rwcore.go", "rwguard.go", "rwmutex.go", "rwmutex_lock.go":
		names = "rwmutex|rwpoison|rwwait|format|wait|fair|model_rwmutex"
	case "arc.go", "arc_handle.go", "atomicarc.go", "count.go", "weak.go":
		names = "arc|weak|atomicarc|model_arc"
	default:
		return nil
	}
	return regexp.MustCompile("^(helpers|rwhelpers|export|export_model|main|model|" + names + ")_test\\.go$")
}

// notAboutBehavior matches the tests that do not ask what the code does: how large it
// is, what is inlined, whether the README is right. A mutant that only they notice is
// not killed. They start compilers, so they take long as well.
const notAboutBehavior = `Sizes$|Allocations$|Inlining$|^TestReadme$|^TestStandardLibraryOnly$|^TestNormalBuildHasNoTrace$|^TestEveryNameHasAnExample$|^TestRustTable$`

// run runs tests in dir and says in r whether one failed.
func (c *command) run(ctx context.Context, r *result, dir string, timeout time.Duration, args ...string) {
	// Without inlining, which is half of the time that it takes to compile the tests.
	// Those of what is inlined are left out anyway.
	args = append([]string{
		"test", "-count=1", "-v", "-vet=off", "-gcflags=-l", "-ldflags=-s -w", "-failfast", "-timeout=" + timeout.String(),
	}, args...)
	out, err := c.goCommand(ctx, r, dir, args...)
	r.output = out
	if err == nil {
		return
	}
	if r.by, err = verdict(out); err != nil {
		r.err = err
		return
	}
	r.killed = true
}

// goCommand runs the go command in dir, for r, and returns what it printed.
func (c *command) goCommand(ctx context.Context, r *result, dir string, args ...string) (string, error) {
	// The tests have their own limit. This one is for a go command that hangs.
	ctx, cancel := context.WithTimeout(ctx, 6*c.timeout+5*time.Minute)
	defer cancel()
	// Without the path in it, what is compiled in one copy is good for all that have
	// the same text, and for the next time.
	args = append([]string{args[0], "-trimpath"}, args[1:]...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// The copy is a module of its own, with its own go.sum.
	// The compiler collects garbage for a fifth of its time, and need not.
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "PWD="+dir, "GOGC=400")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState != nil {
		r.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return string(out), err
}
