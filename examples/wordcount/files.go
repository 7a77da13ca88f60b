package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed input/*.txt
var builtIn embed.FS

// A file is something to be counted.
type file struct {
	name  string // for messages
	named bool   // an argument, as opposed to found in a directory
	open  func() (io.ReadCloser, error)
}

// find returns the files that the arguments stand for, and an error for each
// argument and directory that cannot be read.
func find(args []string) (files []file, errs []error) {
	if len(args) == 0 {
		return walk("built-in", builtIn)
	}
	for _, arg := range args {
		info, err := os.Stat(arg) // follows a link: this one was asked for
		switch {
		case err != nil:
			errs = append(errs, inFile(arg, err))
		case info.IsDir():
			// DirFS, because filepath.WalkDir does not enter a root that is a link.
			more, e := walk(arg, os.DirFS(arg))
			files, errs = append(files, more...), append(errs, e...)
		default:
			files = append(files, file{
				name:  arg,
				named: true,
				open:  func() (io.ReadCloser, error) { return os.Open(arg) },
			})
		}
	}
	return files, errs
}

// walk returns the regular files of a directory, at any depth. It follows no
// links: they can lead round in circles, or to what is counted already. It opens
// no pipes and devices, which might never end.
func walk(root string, dir fs.FS) (files []file, errs []error) {
	_ = fs.WalkDir(dir, ".", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Join(root, filepath.FromSlash(path))
		switch {
		case err != nil:
			errs = append(errs, inFile(name, err)) // and go on with the others
		case entry.Type().IsRegular():
			files = append(files, file{
				name: name,
				open: func() (io.ReadCloser, error) { return dir.Open(path) },
			})
		}
		return nil
	})
	return files, errs
}

// inFile says which file err is about. Package fs does so too, but relative to
// the directory that is being walked.
func inFile(name string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}
