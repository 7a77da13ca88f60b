// Segment is the heart of a storage engine: files that readers read while a
// compactor merges them, replaces them and deletes the old ones.
//
// When may an old file be deleted? When its last reader is done, and who that is
// nobody knows beforehand. So each file has owners. The store owns the set of the
// files that count, a reader owns the set that counted when it began, and the
// last owner of a set closes and deletes what no later set has.
//
// Engines in Go count by hand: badger in table/table.go, VictoriaMetrics in
// lib/mergeset/table.go, pebble in read_state.go. What goes wrong by hand is in
// byhand.go and at the end of the output: a reader that closes twice takes away
// what others own. In badger, that was data loss (issue 588). Here, a second Drop
// of the same handle does nothing.
//
// The lesson: give each user an owner of its own, and let the last one clean up,
// whoever it is. A count knows how many there are, not who. The next example,
// cache, is about values that nobody owns for long.
//
// disk.go has the files, segment.go the life of one, set.go what readers own,
// store.go and compact.go what changes it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"strings"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	for _, story := range []func(io.Writer, dir) error{owned, counted} {
		path, err := os.MkdirTemp("", "segment")
		if err != nil {
			return err
		}
		err = story(w, dir(path))
		if err := errors.Join(err, os.RemoveAll(path)); err != nil {
			return err
		}
	}
	return nil
}

func owned(w io.Writer, d dir) error {
	s := newStore(d)
	for _, entries := range []map[string]string{
		{"apple": "green", "pear": "green"},
		{"apple": "red"},
	} {
		if err := s.add(entries); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "two segments written         ", d)

	r, err := s.open()
	if err != nil {
		return err
	}
	defer r.close() // for the returns below; after an early close it does nothing
	if _, err := s.compact(); err != nil {
		return err
	}
	if err := s.add(map[string]string{"pear": "yellow"}); err != nil {
		return err
	}
	fmt.Fprintln(w, "compacted while one reads    ", d)

	// The reader goes on with what it began with, from files that are out of date.
	if err := show(w, "the reader", r); err != nil {
		return err
	}
	r.close()
	fmt.Fprintln(w, "the reader closes            ", d)
	r.close()
	fmt.Fprintln(w, "the reader closes again      ", d)

	later, err := s.open()
	if err != nil {
		return err
	}
	defer later.close()
	if err := show(w, "a later reader", later); err != nil {
		return err
	}
	later.close()

	err = s.close(context.Background())
	fmt.Fprintln(w, "the store closes             ", d)
	return err
}

func show(w io.Writer, who string, r *reader) error {
	var fruit []string
	for _, key := range []string{"apple", "pear"} {
		value, _, err := r.get(key)
		if err != nil {
			return err
		}
		fruit = append(fruit, key+" "+value)
	}
	fmt.Fprintf(w, "    %s finds: %s\n", who, strings.Join(fruit, ", "))
	return nil
}

func counted(w io.Writer, d dir) error {
	f, err := create(d, "1.seg", map[string]string{"pear": "green"})
	if err != nil {
		return err
	}
	table := newCountedTable(d, &segment{name: "1.seg", file: f}) // the store's reference
	fmt.Fprintln(w, "by hand, one segment written ", d)

	r := countedReader{table}
	r.open()
	if err := errors.Join(r.close(), r.close()); err != nil {
		return err
	}
	fmt.Fprintln(w, "a reader closes twice        ", d)

	_, err = table.entries()
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the rest names the temporary directory
	}
	fmt.Fprintln(w, "    the store finds:", err)
	return nil
}

// String lists the files in d.
func (d dir) String() string {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return err.Error()
	}
	names := []string{"on disk:"}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(entries) == 0 {
		names = append(names, "nothing")
	}
	return strings.Join(names, " ")
}
