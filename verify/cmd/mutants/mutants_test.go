package main

import (
	"strings"
	"testing"
)

// The list fits the source as it is now. This is the part of the command that is quick
// enough for every change.
func TestList(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	src, err := readSource(root)
	if err != nil {
		t.Fatal(err)
	}
	all := mutants()
	if len(all) < 20 {
		t.Errorf("%d bugs, want 20 at least", len(all))
	}
	if err := src.check(all); err != nil {
		t.Error(err)
	}
	for _, m := range all {
		if m.name == "" || m.bug == "" || strings.HasSuffix(m.file, "_test.go") {
			t.Errorf("%+v: it needs a name, a sentence and a file that is not a test", m)
		}
	}
}

// A list that has rotted is an error.
func TestCheck(t *testing.T) {
	src := source{"a.go": "one\ntwo\ntwo\n"}
	for _, test := range []struct {
		name string
		list []mutant
		want string // in the error
	}{
		{"fits", []mutant{{name: "m", file: "a.go", old: "one", new: "1"}}, ""},
		{"gone", []mutant{{name: "m", file: "a.go", old: "three", new: "3"}}, "occurs 0 times"},
		{"not unique", []mutant{{name: "m", file: "a.go", old: "two", new: "2"}}, "occurs 2 times"},
		{"no file", []mutant{{name: "m", file: "b.go", old: "one", new: "1"}}, "no file b.go"},
		{"no change", []mutant{{name: "m", file: "a.go", old: "one", new: "one"}}, "changes nothing"},
		{"no name of its own", []mutant{
			{name: "m", file: "a.go", old: "one", new: "1"},
			{name: "m", file: "a.go", old: "one", new: "I"},
		}, "two bugs"},
	} {
		err := src.check(test.list)
		switch {
		case err == nil && test.want != "":
			t.Errorf("%s: no error", test.name)
		case err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// What follows an edit stays on its line.
func TestKeepLines(t *testing.T) {
	src := source{"a.go": "one\ntwo\nthree\nfour\n"}
	for _, test := range []struct{ old, new, want string }{
		{"two\nthree\n", "2\n", "one\n2\n\nfour\n"},
		{"two\nthree\n", "", "one\n\n\nfour\n"},
		{"two\nth", "2", "one\n2ree\nfour\n"},
		{"two\n", "2\n2\n", "one\n2\n2\nthree\nfour\n"},
	} {
		got, err := src.edited(mutant{name: "m", file: "a.go", old: test.old, new: test.new})
		if err != nil || got != test.want {
			t.Errorf("%q for %q: %q, %v, want %q", test.new, test.old, got, err, test.want)
		}
	}
}

func TestFolders(t *testing.T) {
	src := source{"a.go": "", "b_test.go": "", "rc/c.go": "", "README.md": "", "model_x_test.go": ""}
	if got := strings.Join(src.packages(), " "); got != ". ./rc" {
		t.Error(got)
	}
	if !src.hasModelTests() {
		t.Error("model_x_test.go is one")
	}
	src.deleteTests()
	if src.hasModelTests() || len(src) != 3 {
		t.Error(src)
	}
}

// What go test -v prints, and what is to be said of it.
func TestVerdict(t *testing.T) {
	for _, test := range []struct{ name, out, want string }{
		{
			"a test fails", `=== RUN   TestA
--- PASS: TestA (0.00s)
=== RUN   TestB
    b_test.go:20: want 1
--- FAIL: TestB (0.00s)
FAIL
FAIL	github.com/go-own/own	0.010s
`, "TestB",
		},
		{
			"a subtest fails", `=== RUN   TestB
=== RUN   TestB/one
=== RUN   TestB/two
    b_test.go:20: want 1
--- FAIL: TestB (0.00s)
    --- PASS: TestB/one (0.00s)
    --- FAIL: TestB/two (0.00s)
FAIL
`, "TestB/two",
		},
		{
			"an example fails", `=== RUN   ExampleArc
--- FAIL: ExampleArc (0.00s)
got:
2
want:
1
FAIL
`, "ExampleArc",
		},
		{
			"a test panics", `=== RUN   TestB
--- FAIL: TestB (0.00s)
panic: boom [recovered, repanicked]

goroutine 7 [running]:
`, "TestB: panic: boom",
		},
		{
			"the explorer finds a schedule", `=== RUN   TestModelB
    model_test.go:38: deadlock: thread 0 waits in Mutex.Lock
        schedule "0011a0"
        0 Mutex.Lock
--- FAIL: TestModelB (0.00s)
FAIL
`, "TestModelB, schedule 0011a0",
		},
		{
			"another goroutine panics", `=== RUN   TestA
--- PASS: TestA (0.00s)
=== RUN   TestB
=== RUN   TestB/sub
panic: boom

goroutine 9 [running]:
github.com/go-own/own_test.TestB.func1.1()
	/tmp/x/b_test.go:8 +0x25
FAIL	github.com/go-own/own	0.010s
`, "TestB/sub: panic: boom",
		},
		{
			"a crash, and only the stack names the test", `fatal error: sync: unlock of unlocked mutex

goroutine 9 [running]:
github.com/go-own/own.(*Guard[...]).Unlock()
	/tmp/x/guard.go:8 +0x25
github.com/go-own/own_test.TestB.func1()
	/tmp/x/b_test.go:8 +0x25
`, "TestB: fatal error: sync: unlock of unlocked mutex",
		},
		{
			"a timeout", `=== RUN   TestA
--- PASS: TestA (0.00s)
=== RUN   TestB
=== RUN   TestB/sub
panic: test timed out after 1m0s
	running tests:
		TestB (1m0s)
		TestB/sub (59s)

goroutine 17 [running]:
testing.(*M).startAlarm.func1()
`, "timeout in TestB/sub",
		},
		{
			"a timeout of a process that does not listen", `=== RUN   TestB
SIGQUIT: quit
*** Test killed with quit: ran too long (2m0s).
FAIL	github.com/go-own/own	120.010s
`, "timeout in TestB",
		},
		{
			"a goroutine is left", `=== RUN   TestA
--- PASS: TestA (0.00s)
PASS
goleak: Errors on successful test run: found unexpected goroutines:
FAIL	github.com/go-own/own	0.400s
`, "goleak, after the last test",
		},
		{"does not compile", "# own_test\n./a_test.go:3: undefined: x\nFAIL\tgithub.com/go-own/own [build failed]\nFAIL\n", ""},
		{"nothing to be read", "FAIL\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := verdict(test.out)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
