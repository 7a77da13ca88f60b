//go:build owndebug

package owndebug_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own"
	"github.com/go-own/own/owndebug"
	"github.com/go-own/own/rc"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What the reports of the golden files are about: functions with names, on goroutines
// that begin with one.

type account struct{ balance int }

type bank struct {
	a, b own.Mutex[account]
	log  own.RWMutex[[]string]
}

func open(_ *bank, done chan any) {
	done <- &bank{a: own.NewMutex(account{1}), b: own.NewMutex(account{2}), log: own.NewRWMutex[[]string](nil)}
}

func newBank() *bank { return on(open, nil).(*bank) }

// on runs f on a goroutine of its own, and waits for it.
func on(f func(b *bank, done chan any), b *bank) any {
	done := make(chan any)
	go f(b, done)
	return <-done
}

func ended(done chan any) { done <- recover() }

func deposit(b *bank, done chan any) {
	defer ended(done)
	defer b.a.MustLock().Unlock()
	defer b.a.MustLock().Unlock()
}

func transfer(b *bank, done chan any) {
	defer ended(done)
	defer b.a.MustLock().Unlock()
	defer b.b.MustLock().Unlock()
}

func refund(b *bank, done chan any) {
	defer ended(done)
	b.b.With(func(*account) {
		b.a.With(func(*account) {})
	})
}

func audit(b *bank, done chan any) {
	defer ended(done)
	defer b.log.MustRLock().Unlock()
	defer b.log.MustLock().Unlock()
}

func forget(b *bank, done chan any) {
	defer ended(done)
	b.a.MustLock().Value().balance++
}

func share(b *bank, done chan any) {
	defer ended(done)
	own.NewArc(account{}).Clone()
}

func blind(b *bank, done chan any) {
	defer ended(done)
	g := b.a.MustLock()
	defer func() { g.Unlock() }()
	panic("half way")
}

func begin(b *bank, stay chan any) {
	stay <- b.a.MustLock()
	stay <- true // it still exists
}

func use(stay chan any) {
	x := rc.New(account{})
	defer x.Drop()
	stay <- x.Clone()
	stay <- true
}

func finish(g *own.Guard[account], done chan any) {
	defer ended(done)
	defer g.Unlock()
	g.Value().balance++
}

func count(x *rc.Rc[account], done chan any) {
	defer ended(done)
	x.Drop()
}

func leaveAll(b *bank, stay chan any) {
	g, h := b.a.MustLock(), b.log.MustRLock()
	var all []*own.Arc[account]
	for range 3 {
		all = append(all, own.NewArc(account{}))
	}
	all = append(all, all[0].Clone())
	stay <- func() {
		for _, a := range all {
			a.Drop()
		}
		g.Unlock()
		h.Unlock()
	}
	stay <- true
}

// Reports in whole, as they are read and as machines read them.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		kind owndebug.Kind
		run  func()
	}{
		{"self deadlock", owndebug.Deadlock, func() { on(deposit, newBank()) }},
		{"upgrade", owndebug.Deadlock, func() { on(audit, new(bank)) }},
		{"order", owndebug.PotentialDeadlock, func() {
			b := newBank()
			on(transfer, b)
			on(refund, b)
		}},
		{"leaked guard", owndebug.LeakedGuard, func() { on(forget, newBank()) }},
		{"leaked owner", owndebug.LeakedOwner, func() { on(share, nil) }},
		{"poison-blind", owndebug.PoisonBlind, func() { on(blind, newBank()) }},
		{"sent guard", owndebug.NotSend, func() {
			b := newBank()
			stay, done := make(chan any), make(chan any)
			go begin(b, stay)
			go finish((<-stay).(*own.Guard[account]), done)
			<-done
			<-stay
		}},
		{"sent Rc", owndebug.NotSend, func() {
			stay, done := make(chan any), make(chan any)
			go use(stay)
			go count((<-stay).(*rc.Rc[account]), done)
			<-done
			<-stay
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := record(t, c.kind)
			c.run()
			var report owndebug.Report
			for report = r.collected(t); c.name == "leaked owner" && !bytes.Contains([]byte(report.String()), []byte("cloned")); {
				report = r.collected(t) // of the two owners, which are collected in any order
			}
			golden(t, c.name+".txt", withoutNumbers(report.String())+"\n")
			data, err := json.MarshalIndent(report, "", "  ")
			require.NoError(t, err)
			golden(t, c.name+".json", withoutNumbers(string(data))+"\n")
		})
	}
}

// What VerifyNone says.
func TestGoldenLeaks(t *testing.T) {
	record(t)
	ft := new(fakeT)
	owndebug.VerifyNone(ft)
	b, stay := newBank(), make(chan any)
	go leaveAll(b, stay)
	giveUp := (<-stay).(func())
	on(deposit, newBank())
	left := ft.end()
	giveUp()
	<-stay
	golden(t, "left behind.txt", withoutNumbers(left))
}

// golden compares got to a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", "reports", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(got), 0o666))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// withoutNumbers replaces what changes from run to run, or with each edit of this file:
// goroutines and locks are numbered in the order in which they come, lines are not told,
// files have no folders, and it is always the same time.
func withoutNumbers(s string) string {
	s = regexp.MustCompile(`(_test\.go|[a-z]+\.go):\d+`).ReplaceAllString(s, "$1:N")
	s = regexp.MustCompile(`("(?:line|times)": )\d+`).ReplaceAllString(s, "${1}1")
	s = regexp.MustCompile(`("file": ")[^"]*/`).ReplaceAllString(s, "$1")
	s = regexp.MustCompile(`("time": ")[^"]*`).ReplaceAllString(s, "${1}2026-01-01T00:00:00Z")
	for _, number := range []string{`(goroutine )(\d+)`, `("goroutine": )(\d+)`, `("id": )(\d+)`, `(\] #)(\d+)`} {
		re, seen := regexp.MustCompile(number), map[string]int{}
		s = re.ReplaceAllStringFunc(s, func(found string) string {
			m := re.FindStringSubmatch(found)
			if m[2] == "0" {
				return found
			}
			if seen[m[2]] == 0 {
				seen[m[2]] = len(seen) + 1
			}
			return fmt.Sprint(m[1], seen[m[2]])
		})
	}
	return s
}
