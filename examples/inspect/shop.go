package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-own/own"
)

// A shop prints documents. It has a few locks, one for each thing that changes by
// itself, and no order in which to take them: that is one of its bugs.
type shop struct {
	queue   own.Mutex[[]document]
	stats   own.Mutex[stats]
	printer own.Mutex[printer]  // held while it prints: there is one
	ledger  own.RWMutex[ledger] // what the users owe
	font    own.AtomicArc[font] // that new documents get
}

type stats struct{ accepted, printed int }

// A font is a file that stays mapped while a document is to be printed with it.
type font struct{ name string }

// A document owns its font.
type document struct {
	text string
	font *own.Arc[font]
}

type printer struct {
	print func(context.Context, document) error
	pages int
}

// A ledger has the pages of each user.
type ledger map[string]*int

func newShop(print func(context.Context, document) error) *shop {
	ann, bob := 0, 0
	s := &shop{
		queue:   own.NewMutex([]document(nil)),
		stats:   own.NewMutex(stats{}),
		printer: own.NewMutex(printer{print: print}),
		ledger:  own.NewRWMutex(ledger{"ann": &ann, "bob": &bob}),
	}
	s.font.Store(own.NewArc(font{"Caslon"}))
	return s
}

// close drops the fonts. It comes after the last request.
func (s *shop) close() {
	s.font.Drop()
	q := s.queue.LockIgnorePoison()
	defer q.Unlock()
	for _, d := range *q.Value() {
		d.font.Drop()
	}
	*q.Value() = nil
}

// accept puts a document into the queue. It counts it before it lets go of the queue, so
// that the two always agree: queue, then stats.
func (s *shop) accept(text string) (waiting int, err error) {
	q, err := s.queue.Lock()
	if err != nil {
		return 0, err
	}
	defer q.Unlock()
	if err := s.stats.With(func(st *stats) { st.accepted++ }); err != nil {
		return 0, err
	}
	*q.Value() = append(*q.Value(), document{text, s.font.Load()})
	return len(*q.Value()), nil
}

// summary has the same reason to take both locks, and takes them in the other order: the
// bug. While it holds stats and wants the queue, accept may hold the queue and want stats.
// That takes two requests in the same microsecond; the page shows it after one of each.
func (s *shop) summary() (string, error) {
	st, err := s.stats.Lock()
	if err != nil {
		return "", err
	}
	defer st.Unlock()
	q, err := s.queue.Lock()
	if err != nil {
		return "", err
	}
	defer q.Unlock()
	return fmt.Sprintf("%d accepted, %d printed, %d in the queue", st.Value().accepted, st.Value().printed, len(*q.Value())), nil
}

// printNow prints at once, as soon as the printer is free. Who waits can give up.
func (s *shop) printNow(ctx context.Context, text string) error {
	p, err := s.printer.LockContext(ctx)
	if err != nil {
		return err
	}
	defer p.Unlock()
	f := s.font.Load()
	defer f.Drop()
	if err := p.Value().print(ctx, document{text, f}); err != nil {
		return err
	}
	p.Value().pages++
	return s.stats.With(func(st *stats) { st.printed++ })
}

var errPages = errors.New("pages: not a number of pages")

// bill has a bug: it does not ask whether there is such a user.
func (s *shop) bill(user string, pages int) (owes int, err error) {
	if pages <= 0 {
		return 0, errPages
	}
	l, err := s.ledger.Lock()
	if err != nil {
		return 0, err
	}
	defer l.Unlock()
	account := (*l.Value())[user]
	*account += pages
	return *account, nil
}
