package main

import (
	"encoding/json"
	"errors"
	"io"
	"math"
)

// A segment is a file with entries, which is written once and then only read. It
// has owners; the last one drops it.
type segment struct {
	name string
	file file

	// obsolete says that the file is to be deleted in the end. It is no atomic and
	// under no lock: whoever writes it is an owner, the hook alone reads it, and
	// each owner's Drop synchronizes before the hook.
	obsolete bool
}

// entries reads the file from its beginning to its end. A real segment is sorted
// and has an index; this one is simple, and shows with each look that its file is
// still open. Many may read at the same time: ReadAt has no position to share.
func (s *segment) entries() (entries map[string]string, err error) {
	err = json.NewDecoder(io.NewSectionReader(s.file, 0, math.MaxInt64)).Decode(&entries)
	return entries, err
}

// drop closes the file and deletes it if it is obsolete, in this order: as long
// as a file is open, Windows does not delete it. On other systems the wrong order
// works, and nobody notices.
func (s *segment) drop(d disk) error {
	err := s.file.Close()
	if s.obsolete {
		err = errors.Join(err, d.remove(s.name))
	}
	return err
}
