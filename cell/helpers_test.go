package cell_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/cell"
)

// here returns the file and line that it is called from.
func here() string { return place(0) }

// near returns the file and line that it is called from, some lines further on.
func near(lines int) string { return place(lines) }

func place(lines int) string {
	_, file, line, _ := runtime.Caller(2)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line+lines)
}

// overlay makes a file that the go command sees in the folder of this package, under
// the given name, without writing it there. It returns what goes with -overlay.
func overlay(t *testing.T, name, source string) string {
	t.Helper()
	dir := t.TempDir()
	here, err := os.Getwd()
	require.NoError(t, err)
	file := filepath.Join(dir, "source.go")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	data, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(here, name): file},
	})
	require.NoError(t, err)
	file = filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, data, 0o600))
	return file
}

// requireRefused fails t unless f panics with the text of want, which in the debug
// build names the borrow that began at the given place.
func requireRefused(t *testing.T, want error, at string, f func()) {
	t.Helper()
	require.PanicsWithValue(t, refusal(want, at), f)
}

// requireFree fails t if c is borrowed. It leaves c as it was.
func requireFree[T any](t *testing.T, c *cell.RefCell[T]) {
	t.Helper()
	b, err := c.TryBorrowMut()
	require.NoError(t, err, "the cell is still borrowed")
	b.Drop()
}

// requireRead fails t unless c is borrowed for reading.
func requireRead[T any](t *testing.T, c *cell.RefCell[T]) {
	t.Helper()
	w, err := c.TryBorrowMut()
	require.ErrorIs(t, err, cell.ErrBorrowed)
	require.Nil(t, w, "an error means that the cell was not borrowed")
	b, err := c.TryBorrow()
	require.NoError(t, err, "the cell is borrowed for writing")
	b.Drop()
}

// requireWritten fails t unless c is borrowed for writing.
func requireWritten[T any](t *testing.T, c *cell.RefCell[T]) {
	t.Helper()
	w, err := c.TryBorrowMut()
	require.ErrorIs(t, err, cell.ErrBorrowed)
	require.Nil(t, w, "an error means that the cell was not borrowed")
	b, err := c.TryBorrow()
	require.ErrorIs(t, err, cell.ErrMutBorrowed)
	require.Nil(t, b, "an error means that the cell was not borrowed")
}

// ending is how a function came to its end.
type ending string

const (
	returned ending = "returned"
	panicked ending = "panicked"
	exited   ending = "exited" // by runtime.Goexit
)

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// finish runs f on a goroutine of its own and tells how it ended, and what it
// panicked with.
func finish(f func()) (how ending, value any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		how = exited
		defer func() {
			if v := recover(); v != nil {
				how, value = panicked, v
			}
		}()
		f()
		how = returned
	}()
	<-done
	return how, value
}
