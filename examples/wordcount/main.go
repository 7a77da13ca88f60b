// Wordcount counts the words of many files with several workers, and prints the
// ten that occur most often. Run it with -h for what it takes.
//
// The workers share one Arc[Mutex[map[string]int]]. Each has an owner of its own,
// counts a file into a map of its own, and adds that to the shared one under the
// lock, once a file. When all workers have dropped their owners, the one that is
// left takes the map out of the Arc and the Mutex, and needs no lock any more.
//
// The lesson: share what must be shared, as late and as briefly as possible. It
// is all in count.go. Finding the files is in files.go, finding the words in
// words.go. The next example, refcell, is about values that one goroutine shares
// with itself.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
)

const usage = `usage: wordcount [-workers n] [file or directory ...]

Counts the words of the files and prints the ten most frequent, one a line, as
"count word"; words that occur equally often are in alphabetical order. Without
arguments it counts three short stories that are built in.

A word consists of letters and digits of any script. Apostrophes inside it belong
to it, upper and lower case are the same: "Don't" and "don’t" are one word.

Directories are searched at any depth, hidden files included. What is no regular
file, such as a symbolic link or a pipe, is passed over there; an argument may
be one. Files that are not UTF-8 text are passed over too, and their number is
noted on standard error; an argument that is not UTF-8 text is an error.

A file that cannot be read to its end is named on standard error and not counted;
the others are. The exit status is 1 then, 2 if the arguments are wrong, and 0
otherwise.

  -workers n   how many files to count at a time (default: GOMAXPROCS, here %d)
  -h           print this text
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program with everything that it depends on as a parameter, so that
// the tests can call it.
func run(args []string, stdout, stderr io.Writer) (status int) {
	flags := flag.NewFlagSet("wordcount", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // what is wrong is printed below, once
	workers := flags.Int("workers", runtime.GOMAXPROCS(0), "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, usage, runtime.GOMAXPROCS(0))
		return 0
	case err == nil && *workers < 1:
		err = fmt.Errorf("-workers is %d, but it takes at least 1 worker", *workers)
	}
	if err != nil {
		fmt.Fprintf(stderr, "wordcount: %v (see wordcount -h)\n", err)
		return 2
	}

	files, errs := find(flags.Args())
	res := count(files, *workers, newMeter(stderr, len(files)))
	errs = append(errs, res.errs...)
	if err := printTop(stdout, res.counts, 10); err != nil {
		errs = append(errs, err)
	}

	if res.skipped > 0 {
		fmt.Fprintf(stderr, "wordcount: files passed over, not UTF-8 text: %d\n", res.skipped)
	}
	for _, err := range errs {
		fmt.Fprintln(stderr, "wordcount:", err)
	}
	if len(errs) > 0 {
		return 1
	}
	return 0
}

// printTop prints the n most frequent words.
func printTop(w io.Writer, counts map[string]int, n int) error {
	type entry struct {
		word  string
		count int
	}
	top := make([]entry, 0, len(counts))
	for word, count := range counts {
		top = append(top, entry{word, count})
	}
	slices.SortFunc(top, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word))
	})
	out := bufio.NewWriter(w)
	for _, e := range top[:min(n, len(top))] {
		fmt.Fprintln(out, e.count, e.word)
	}
	return out.Flush() // the first error of any of the lines
}
