// Command bench measures own beside what it can be compared with: sync, other libraries
// that do a part of the same, and Rust's standard library. All of it runs in turns, in one
// run:
//
//	go run .                       # everything: some six minutes
//	go run . -run '^Lock' -rounds 5
//	go run . -from results/FILE    # shows what was measured before
//	go run . -against results/FILE # and what has changed since
//
// What it finds goes to a file in results, in the format of Go's benchmarks, from which it
// makes the tables that it prints. A run of everything also makes the charts, and the
// tables in README.md here and above.
//
// It is a module of its own, so that no user of own downloads what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command does what args say. It has to run in the folder of this module.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var (
		match    = flags.String("run", ".", "measure the workloads whose names match `regexp`")
		rounds   = flags.Int("rounds", 7, "laps of each side in each of three passes: `n` of them, and five times as many of what works alone")
		quick    = flags.Bool("quick", false, "measure little: does it work?")
		folder   = flags.String("results", "results", "write what is measured to a file in `folder`")
		from     = flags.String("from", "", "measure nothing, show what is in `file`")
		against  = flags.String("against", "", "compare with what is in the older `file`")
		absolute = flags.Bool("absolute", false, "compare times, not ratios")
		list     = flags.Bool("list", false, "list the workloads and their sides")
		serve    = flags.Bool("serve", false, "do laps that another process of this program asks for")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("there is no argument %q: see -help", flags.Arg(0))
	}
	if *serve {
		return answer(debugWorkloads(), stdin, stdout)
	}
	pattern, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	file := *from
	if file == "" {
		all, others, err := everything(ctx, stderr)
		if err != nil {
			return err
		}
		defer others.close()
		if *list {
			return show(all, stdout)
		}
		o := options{match: pattern, rounds: *rounds, alone: 2 * time.Millisecond, together: 20 * time.Millisecond, cpu: runtime.NumCPU() - 1}
		if *quick {
			o.rounds, o.alone, o.together = 1, time.Millisecond/10, time.Millisecond
		}
		if file, err = record(ctx, *folder, all, others, o, stderr); err != nil {
			return err
		}
	}
	now, err := readFile(file)
	if err != nil {
		return err
	}
	now.text(stdout)
	fmt.Fprintln(stdout)
	verdicts(now, stdout, false)
	if *against != "" {
		old, err := readFile(*against)
		if err != nil {
			return err
		}
		fmt.Fprintln(stdout)
		if err := compareRuns(stdout, old, now, *absolute); err != nil {
			return err
		}
	}
	if *match == "." && !*quick {
		return publish(now, filepath.Base(file))
	}
	return nil
}

// everything returns all workloads, with the sides that run in other processes. Those
// processes run until others is closed.
func everything(ctx context.Context, stderr io.Writer) (all []*workload, others *remotes, err error) {
	all = workloads()
	others, err = launchAll(ctx, stderr)
	if err != nil {
		return nil, nil, err
	}
	others.join(all)
	return all, others, nil
}

// workloads returns all of them, in the order of the tables.
func workloads() []*workload {
	var all []*workload
	for _, group := range []func() []*workload{
		lockWorkloads, contendedWorkloads, rwWorkloads, waitWorkloads,
		countWorkloads, swapWorkloads, createWorkloads, debugWorkloads,
	} {
		all = append(all, group()...)
	}
	return all
}

func show(all []*workload, w io.Writer) error {
	for _, l := range all {
		var names []string
		for _, s := range l.sides {
			names = append(names, s.name)
		}
		if _, err := fmt.Fprintf(w, "%s: %s\n\t%s\n", l.name, l.what, strings.Join(names, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// record measures, and returns the name of the file with what it found.
func record(ctx context.Context, folder string, all []*workload, others *remotes, o options, stderr io.Writer) (name string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	name = filepath.Join(folder, time.Now().UTC().Format("2006-01-02T1504")+".txt")
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already: wait a minute", name)
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	results, err := newResults(file, append(machine(), others.versions()...))
	if err != nil {
		return "", err
	}
	if err := measure(ctx, all, o, newProgress(stderr), results.add); err != nil {
		return "", err
	}
	fmt.Fprintln(stderr, "measured:", name)
	return name, nil
}

func readFile(name string) (*run, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := readResults(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// publish makes what is in the repository of a run of everything.
func publish(r *run, file string) error {
	if err := draw(r, "charts"); err != nil {
		return err
	}
	var tables strings.Builder
	fmt.Fprintf(&tables, "From [results/%s](results/%s).\n\n", file, file)
	r.markdown(&tables)
	var targets strings.Builder
	verdicts(r, &targets, true)
	return errors.Join(
		replaceSection("README.md", "tables", tables.String()),
		replaceSection("README.md", "targets", targets.String()),
		replaceSection(filepath.Join("..", "README.md"), "costs", summary(r)),
	)
}

// remotes are the processes that do what this one cannot.
type remotes struct {
	rust   *remote
	noRust string // why, if there is none
	debug  *remote
	cpu    int
	temp   string
}

// launchAll builds and starts them.
func launchAll(ctx context.Context, stderr io.Writer) (*remotes, error) {
	r := &remotes{cpu: runtime.NumCPU() - 1}
	if err := r.launchRust(ctx, stderr); err != nil {
		r.noRust = err.Error()
		fmt.Fprintln(stderr, "Rust is not measured:", err)
	}
	if err := r.launchDebug(ctx, stderr); err != nil {
		r.close()
		return nil, fmt.Errorf("the debug build: %w", err)
	}
	return r, nil
}

func (r *remotes) launchRust(ctx context.Context, stderr io.Writer) error {
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		return errors.New("there is no cargo on the PATH")
	}
	build := exec.CommandContext(ctx, cargo, "build", "--release", "--quiet", "--offline")
	build.Dir, build.Stderr = "rust", stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("cargo build: %w", err)
	}
	r.rust, err = launch("Rust", exec.CommandContext(ctx, filepath.Join("rust", "target", "release", rustProgram)))
	return err
}

const rustProgram = "own-bench"

func (r *remotes) launchDebug(ctx context.Context, stderr io.Writer) (err error) {
	if r.temp, err = os.MkdirTemp("", "own-bench"); err != nil {
		return err
	}
	program := filepath.Join(r.temp, "bench")
	build := exec.CommandContext(ctx, "go", "build", "-tags", debugTags, "-o", program, ".")
	build.Stderr = stderr
	if err := build.Run(); err != nil {
		return err
	}
	r.debug, err = launch("the debug build", exec.CommandContext(ctx, program, "-serve"))
	return err
}

// join puts the sides that run in other processes into the workloads.
func (r *remotes) join(all []*workload) {
	for _, w := range all {
		cpu := -1
		if w.alone {
			cpu = r.cpu
		}
		for i, s := range w.sides {
			if s.name == ownDebug || s.name == linkdataDebug {
				w.sides[i] = r.debug.side(s.name, w.name+"/by="+s.name, cpu)
			}
		}
		if r.rust == nil {
			continue
		}
		if w.rust != "" {
			w.sides = append(w.sides, r.rust.side(w.rust, w.name, cpu))
		}
		if w.rustMutex != "" {
			w.sides = append(w.sides, r.rust.side("rust.Mutex", w.rustMutex, cpu))
		}
	}
}

// versions are what results say of the other processes.
func (r *remotes) versions() []setting {
	if r.rust == nil {
		return []setting{{"rust", "not measured: " + r.noRust}}
	}
	v, err := r.rust.ask("version")
	if err != nil {
		v = err.Error()
	}
	return []setting{{"rust", v}}
}

func (r *remotes) close() {
	for _, p := range []*remote{r.rust, r.debug} {
		if p != nil {
			_ = p.close()
		}
	}
	if r.temp != "" {
		_ = os.RemoveAll(r.temp)
	}
}
