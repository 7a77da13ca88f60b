package main

import (
	"errors"
	"regexp"
	"strings"
)

var (
	buildFailed = regexp.MustCompile(`(?m)^FAIL\t\S+ \[(build|setup) failed\]`)
	testFailed  = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+) \(`)
	testEvent   = regexp.MustCompile(`(?m)^(=== RUN +|=== CONT +|=== NAME +| *--- (?:PASS|FAIL|SKIP): )(\S+)`)
	timedOut    = regexp.MustCompile(`(?m)^panic: test timed out after [^\n]*\n(?:\s+running tests:\n\s+(\S+))?`)
	quit        = regexp.MustCompile(`(?m)^\*\*\* Test killed`)
	crashed     = regexp.MustCompile(`(?m)^(panic: |fatal error: |SIG[A-Z]+: )(.*)$`)
	inStack     = regexp.MustCompile(`(?m)^(?:created by )?github\.com/go-own/own\S*\.((?:Test|Example|Fuzz)\w+)`)
	leaked      = regexp.MustCompile(`(?m)^goleak: Errors on successful test run`)
	schedule    = regexp.MustCompile(`(?m)\bschedule "([0-9a-z]*)"`)
)

// verdict says which test failed, and how, from what a failed go test -v printed.
func verdict(out string) (string, error) {
	if buildFailed.MatchString(out) {
		return "", errors.New("the tests do not compile:\n" + out)
	}
	if m := timedOut.FindStringSubmatchIndex(out); m != nil {
		name := running(out[:m[0]])
		if name == unknown && m[2] >= 0 {
			name = out[m[2]:m[3]] // as the dump says, which leaves examples out
		}
		return timeoutIn + name, nil
	}
	if at := quit.FindStringIndex(out); at != nil {
		return timeoutIn + running(out[:at[0]]), nil
	}
	crash := crashed.FindStringSubmatchIndex(out)
	if at := testFailed.FindStringSubmatchIndex(out); at != nil {
		how := ""
		switch {
		case crash != nil:
			how = ": " + short(out[crash[2]:crash[5]])
		case schedule.MatchString(out):
			how = ", schedule " + schedule.FindStringSubmatch(out)[1]
		}
		return failed(out, out[at[2]:at[3]]) + how, nil
	}
	if crash != nil {
		// On a goroutine of its own: the testing package had no chance to say which
		// test that was.
		name := running(out[:crash[0]])
		if m := inStack.FindStringSubmatch(out[crash[0]:]); m != nil && name == unknown {
			name = m[1]
		}
		return name + ": " + short(out[crash[2]:crash[5]]), nil
	}
	if leaked.MatchString(out) {
		return "goleak, after the last test", nil
	}
	return "", errors.New("the suite failed, and does not say where:\n" + out)
}

const (
	unknown   = "an unknown test"
	timeoutIn = "timeout in "
)

// failed returns the innermost test that failed with the one of the given name.
func failed(out, name string) string {
	for _, m := range testFailed.FindAllStringSubmatch(out, -1) {
		if strings.HasPrefix(m[1], name+"/") {
			name = m[1]
		}
	}
	return name
}

// running returns the test that was running at the end of what was printed.
func running(out string) string {
	var open []string
	for _, m := range testEvent.FindAllStringSubmatch(out, -1) {
		for i, name := range open {
			if name == m[2] {
				open = append(open[:i], open[i+1:]...)
				break
			}
		}
		if strings.HasPrefix(m[1], "===") {
			open = append(open, m[2])
		}
	}
	if len(open) == 0 {
		return unknown
	}
	return open[len(open)-1]
}

// short cuts what a crash says to fit on a line.
func short(s string) string {
	s, _, _ = strings.Cut(s, " [recovered")
	if len(s) > 90 {
		s = s[:90] + "…"
	}
	return s
}
