package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

// wordcount runs the program.
func wordcount(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

// write makes a file in dir and returns its name.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestBuiltIn(t *testing.T) {
	for _, workers := range []string{"1", "2", "3", "100"} {
		status, stdout, stderr := wordcount("-workers", workers)
		require.Zero(t, status)
		require.Empty(t, stderr)
		require.Equal(t, `70 the
27 and
25 it
17 in
15 a
15 had
12 was
11 one
9 they
8 on
`, stdout)
	}
}

func TestArguments(t *testing.T) {
	status, stdout, stderr := wordcount("-h")
	require.Zero(t, status)
	require.Empty(t, stderr)
	require.Equal(t, fmt.Sprintf(usage, runtime.GOMAXPROCS(0)), stdout)

	for args, want := range map[string]string{
		"-workers=0":  "wordcount: -workers is 0, but it takes at least 1 worker (see wordcount -h)\n",
		"-workers=-2": "wordcount: -workers is -2, but it takes at least 1 worker (see wordcount -h)\n",
		"-workers=x":  "wordcount: invalid value \"x\" for flag -workers: parse error (see wordcount -h)\n",
		"-top=3":      "wordcount: flag provided but not defined: -top (see wordcount -h)\n",
	} {
		status, stdout, stderr := wordcount(args)
		require.Equal(t, 2, status, args)
		require.Empty(t, stdout, args)
		require.Equal(t, want, stderr)
	}
}

func TestMissingFile(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, dir, "a.txt", "one two"), write(t, dir, "b.txt", "two")
	missing := filepath.Join(dir, "missing.txt")
	status, stdout, stderr := wordcount(a, missing, b)
	require.Equal(t, 1, status)
	require.Equal(t, "2 two\n1 one\n", stdout)
	require.True(t, strings.HasPrefix(stderr, "wordcount: "+missing+": "), stderr)
	require.Equal(t, 1, strings.Count(stderr, "\n"))
}

// Nothing in a directory that cannot be read keeps the rest from being counted.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "one two")
	file := write(t, dir, "b.txt", "secret")
	write(t, dir, "c/c.txt", "secret")
	write(t, dir, "d.txt", "two")
	require.NoError(t, os.Chmod(file, 0))
	require.NoError(t, os.Chmod(filepath.Join(dir, "c"), 0))
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "c"), 0o700) }) // for TempDir to remove it
	status, stdout, stderr := wordcount(dir)
	if f, err := os.Open(file); err == nil { // root may read everything
		f.Close()
		require.Zero(t, status)
		require.Equal(t, "2 secret\n2 two\n1 one\n", stdout)
		require.Empty(t, stderr)
		return
	}
	require.Equal(t, 1, status)
	require.Equal(t, "2 two\n1 one\n", stdout)
	require.Contains(t, stderr, "wordcount: "+file+": permission denied\n")
	require.Contains(t, stderr, "wordcount: "+filepath.Join(dir, "c")+": permission denied\n")
	require.Equal(t, 2, strings.Count(stderr, "\n"))
}

// The same for users who may read everything, with the errors made up.
func TestReadError(t *testing.T) {
	content := func(r io.Reader) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
	}
	broken := errors.New("disk on fire")
	res := count([]file{
		{name: "a", open: content(strings.NewReader("one two"))},
		{name: "b", open: content(io.MultiReader(strings.NewReader("half a file "), iotest.ErrReader(broken)))},
		{name: "c", open: func() (io.ReadCloser, error) { return nil, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission} }},
		{name: "d", open: content(strings.NewReader("two"))},
	}, 2, nil)
	require.Equal(t, map[string]int{"one": 1, "two": 2}, res.counts)
	require.Len(t, res.errs, 2)
	require.EqualError(t, res.errs[0], "b: disk on fire")
	require.EqualError(t, res.errs[1], "c: permission denied")
	require.ErrorIs(t, res.errs[1], fs.ErrPermission)
}

// A directory that cannot be listed is an error of its own.
func TestWalkError(t *testing.T) {
	files, errs := walk("root", noList{fstest.MapFS{
		"a.txt":        {Data: []byte("one")},
		"sub/deep.txt": {Data: []byte("two")},
	}})
	require.Len(t, files, 1)
	require.Equal(t, filepath.Join("root", "a.txt"), files[0].name)
	require.Len(t, errs, 1)
	require.EqualError(t, errs[0], filepath.Join("root", "sub")+": permission denied")
}

// noList does not list the directory sub.
type noList struct{ fstest.MapFS }

func (f noList) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "sub" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.ReadDir(name)
}

func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "one")
	write(t, dir, "sub/b.md", "One two")
	write(t, dir, "sub/.hidden/deep/c", "ONE two three")
	write(t, dir, "latin1.txt", "d\xe9j\xe0 vu")
	write(t, dir, "image.png", "PNG\x00one one one one")
	status, stdout, stderr := wordcount(dir)
	require.Zero(t, status)
	require.Equal(t, "3 one\n2 two\n1 three\n", stdout)
	require.Equal(t, "wordcount: files passed over, not UTF-8 text: 2\n", stderr)
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "real/a.txt", "one two")
	link := func(target, name string) string {
		path := filepath.Join(dir, name)
		if err := os.Symlink(target, path); err != nil {
			t.Skip("no symbolic links: ", err)
		}
		return path
	}
	link(filepath.Join(dir, "real"), "real/circle")
	link(file, "real/again.txt")
	link("nowhere", "real/dangling")
	dirLink, fileLink := link(filepath.Join(dir, "real"), "dirlink"), link(file, "filelink")

	// In a directory, links are passed over. An argument may be one.
	for _, arg := range []string{filepath.Join(dir, "real"), dir, dirLink, fileLink} {
		status, stdout, stderr := wordcount(arg)
		require.Zero(t, status, arg)
		require.Equal(t, "1 one\n1 two\n", stdout, arg)
		require.Empty(t, stderr, arg)
	}
}

// Who names a file wants to know that it is not counted.
func TestNotText(t *testing.T) {
	dir := t.TempDir()
	a := write(t, dir, "a.txt", "one")
	for name, content := range map[string]string{
		"latin1": "one d\xe9j\xe0",
		"utf16":  "\xff\xfeo\x00n\x00e\x00",
		"nul":    "one\x00",
		"cut":    "one \xe2\x82", // two thirds of a €
	} {
		path := write(t, dir, name, content)
		status, stdout, stderr := wordcount(path, a)
		require.Equal(t, 1, status, name)
		require.Equal(t, "1 one\n", stdout, name)
		require.Equal(t, "wordcount: "+path+": not UTF-8 text\n", stderr)
	}
}

func TestNothingToCount(t *testing.T) {
	dir := t.TempDir()
	status, stdout, stderr := wordcount(dir)
	require.Equal(t, "0", fmt.Sprint(status, stdout, stderr))
	status, stdout, stderr = wordcount(write(t, dir, "empty", ""))
	require.Equal(t, "0", fmt.Sprint(status, stdout, stderr))
}

func TestLongLines(t *testing.T) {
	dir := t.TempDir()
	words := write(t, dir, "words", strings.Repeat("one two ", 1<<17)) // 1 MB
	status, stdout, _ := wordcount(words)
	require.Zero(t, status)
	require.Equal(t, "131072 one\n131072 two\n", stdout)

	word := write(t, dir, "word", strings.Repeat("x", 1<<20))
	status, stdout, _ = wordcount(word)
	require.Zero(t, status)
	require.Equal(t, "1 "+strings.Repeat("x", 1<<20)+"\n", stdout)
}

func TestStdoutError(t *testing.T) {
	var stderr bytes.Buffer
	r, w := io.Pipe()
	require.NoError(t, r.CloseWithError(errors.New("disk full")))
	require.Equal(t, 1, run(nil, w, &stderr))
	require.Equal(t, "wordcount: disk full\n", stderr.String())
}

func TestWords(t *testing.T) {
	for text, want := range map[string]map[string]int{
		"":                          {},
		"'":                         {},
		"One, two; TWO!":            {"one": 1, "two": 2},
		"don't DON’T":               {"don't": 2},
		"'quoted' ’tis rock 'n' o'": {"quoted": 1, "tis": 1, "rock": 1, "n": 1, "o": 1},
		"don''t a'-b":               {"don": 1, "t": 1, "a": 1, "b": 1},
		"snake_case x86 3.14":       {"snake": 1, "case": 1, "x86": 1, "3": 1, "14": 1},
		"\ufeffÉté été ÜBER":        {"été": 2, "über": 1},
		"e\u0301te\u0301 \u0301":    {"e\u0301te\u0301": 1},
		"СЛОВО слово ٣ 語":           {"слово": 2, "٣": 1, "語": 1},
		"\ufffd one":                {"one": 1}, // the character itself is text
	} {
		got := map[string]int{}
		require.NoError(t, addWords(got, strings.NewReader(text)), text)
		require.Equal(t, want, got, text)
		// Wherever the reads happen to end.
		got = map[string]int{}
		require.NoError(t, addWords(got, iotest.OneByteReader(strings.NewReader(text))), text)
		require.Equal(t, want, got, text)
	}
}

var aWord = regexp.MustCompile(`[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*(?:['’][\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*)*`)

// sequential adds the words of text to counts in a way that has nothing in common
// with the program's.
func sequential(counts map[string]int, text string) {
	for _, word := range aWord.FindAllString(text, -1) {
		counts[strings.ReplaceAll(strings.ToLower(word), "’", "'")]++
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Don't don’t don''t 'tis e\u0301 3.14 ÜBER")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
		want, got := map[string]int{}, map[string]int{}
		sequential(want, text)
		require.NoError(t, addWords(got, strings.NewReader(text)))
		require.Equal(t, want, got)
	})
}

func TestParallelIsSequential(t *testing.T) {
	want := map[string]int{}
	files, errs := find(nil)
	require.Empty(t, errs)
	require.Len(t, files, 3)
	for _, f := range files {
		r, err := f.open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		sequential(want, string(text))
	}
	for i, text := range generate(100) {
		sequential(want, text)
		files = append(files, textFile(fmt.Sprint(i), text))
	}
	for _, workers := range []int{1, 2, 7, 1000} {
		res := count(files, workers, nil)
		require.Empty(t, res.errs)
		require.Zero(t, res.skipped)
		require.Equal(t, want, res.counts, "%d workers", workers)
	}
}

// generate makes n texts, the same in each run, of words that many of them share
// and of words that few do.
func generate(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	texts := make([]string, n)
	for i := range texts {
		var b strings.Builder
		for range random.IntN(500) {
			fmt.Fprintf(&b, "W%d%c", int(random.ExpFloat64()*200), " \n,'’-"[random.IntN(4)])
		}
		texts[i] = b.String()
	}
	return texts
}

func textFile(name, text string) file {
	return file{name: name, open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

func TestMeter(t *testing.T) {
	require.Nil(t, newMeter(io.Discard, 1e6), "no terminal")
	var none *meter
	none.step()

	var files []file
	for range 250 {
		files = append(files, textFile("x", "one"))
	}
	var out bytes.Buffer
	res := count(files, 4, &meter{w: &out, of: len(files)})
	require.Equal(t, 250, res.counts["one"])
	require.Equal(t, "\r100 of 250 files\r200 of 250 files\r250 of 250 files\n", out.String())
}
