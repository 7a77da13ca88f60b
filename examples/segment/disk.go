package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// A disk is where the files are. The one of the tests fails when it is told to.
type disk interface {
	create(name string) (file, error) // to be written, then read
	remove(name string) error
}

type file interface {
	io.Writer
	io.ReaderAt
	Sync() error
	io.Closer
}

// A dir is a directory of the file system.
type dir string

func (d dir) create(name string) (file, error) {
	f, err := os.OpenFile(filepath.Join(string(d), name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err // not f: a file that holds a nil *os.File is not nil
	}
	return f, nil
}

func (d dir) remove(name string) error { return os.Remove(filepath.Join(string(d), name)) }

// create makes a file with the entries and leaves it open. If that fails, there
// is no file.
func create(d disk, name string, entries map[string]string) (file, error) {
	f, err := d.create(name)
	if err != nil {
		return nil, err
	}
	err = json.NewEncoder(f).Encode(entries)
	if err == nil {
		err = f.Sync() // what is merged into this file is deleted soon
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), d.remove(name))
	}
	return f, nil
}
