package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
)

// strict is a directory that behaves as on Windows: what is open cannot be
// removed. It counts what is done to each file, and fails when it is told to.
type strict struct {
	dir
	files    own.Mutex[map[string]record]
	onCreate func(name string)           // if not nil, called before
	fail     func(op, name string) error // if not nil, asked before; a close is done all the same
}

type record struct{ closed, removed int }

var errInUse = errors.New("the file is in use")

func newStrict(t *testing.T) *strict {
	return &strict{dir: dir(t.TempDir()), files: own.NewMutex(map[string]record{})}
}

func (d *strict) ask(op, name string) error {
	if d.fail == nil {
		return nil
	}
	return d.fail(op, name)
}

func (d *strict) create(name string) (file, error) {
	if d.onCreate != nil {
		d.onCreate(name)
	}
	if err := d.ask("create", name); err != nil {
		return nil, err
	}
	f, err := d.dir.create(name)
	if err != nil {
		return nil, err
	}
	d.files.MustWith(func(files *map[string]record) { (*files)[name] = record{} })
	return &strictFile{f, d, name}, nil
}

func (d *strict) remove(name string) error {
	if err := d.ask("remove", name); err != nil {
		return err
	}
	return d.files.WithErr(func(files *map[string]record) error {
		r := (*files)[name]
		if r.closed == 0 {
			return fmt.Errorf("remove %s: %w", name, errInUse)
		}
		r.removed++
		(*files)[name] = r
		return d.dir.remove(name)
	})
}

type strictFile struct {
	file
	disk *strict
	name string
}

func (f *strictFile) Write(b []byte) (int, error) {
	if err := f.disk.ask("write", f.name); err != nil {
		n, _ := f.file.Write(b[:len(b)/2]) // as a full disk does
		return n, err
	}
	return f.file.Write(b)
}

func (f *strictFile) Sync() error { return f.disk.ask("sync", f.name) } // and not the disk's, which takes its time

func (f *strictFile) Close() error {
	f.disk.files.MustWith(func(files *map[string]record) {
		r := (*files)[f.name]
		r.closed++
		(*files)[f.name] = r
	})
	return errors.Join(f.disk.ask("close", f.name), f.file.Close())
}

// requireDone fails t unless each file was closed once, and all but those that
// are to be live were removed once.
func (d *strict) requireDone(t *testing.T, live ...string) {
	t.Helper()
	files, err := d.files.Load()
	require.NoError(t, err)
	for name, r := range files {
		want := record{closed: 1, removed: 1}
		if slices.Contains(live, name) {
			want.removed = 0
		}
		require.Equal(t, want, r, name)
	}
	d.requireOnDisk(t, live...)
}

func (d *strict) requireOnDisk(t *testing.T, names ...string) {
	t.Helper()
	require.ElementsMatch(t, names, d.names(t))
}
