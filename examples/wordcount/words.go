package main

import (
	"bufio"
	"errors"
	"io"
	"unicode"
	"unicode/utf8"
)

var errNotText = errors.New("not UTF-8 text")

// addWords adds the words of r to counts. It returns errNotText if r is not valid
// UTF-8 or has a NUL in it, which no text has and most binary files do. After an
// error, counts holds what came before it.
//
// It reads rune by rune, so neither a long line nor a large file needs memory.
// A bufio.Scanner gives up on lines of more than 64 KB, and who does not look at
// its Err loses the rest of the file without a word.
func addWords(counts map[string]int, r io.Reader) error {
	in := bufio.NewReader(r)
	var word []byte
	apostrophe := false // seen after word; part of it if the word goes on
	for {
		c, size, err := in.ReadRune()
		switch {
		case err != nil && err != io.EOF:
			return err
		case err == nil && (c == 0 || c == unicode.ReplacementChar && size == 1):
			return errNotText
		case err == nil && (unicode.IsLetter(c) || unicode.IsDigit(c)):
			if apostrophe {
				word = append(word, '\'')
				apostrophe = false
			}
			word = utf8.AppendRune(word, unicode.ToLower(c))
			continue
		case err == nil && len(word) > 0 && !apostrophe:
			if unicode.IsMark(c) { // such as the accent of an é that is written as two
				word = utf8.AppendRune(word, c)
				continue
			}
			if c == '\'' || c == '’' {
				apostrophe = true
				continue
			}
		}
		// The word ends here, if there is one.
		if len(word) > 0 {
			counts[string(word)]++
			word, apostrophe = word[:0], false
		}
		if err == io.EOF {
			return nil
		}
	}
}
