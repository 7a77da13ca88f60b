package main

import (
	"errors"
	"fmt"
)

// A ledger is a value with an invariant: transfers move money and make none, so
// the balances add up to what was paid in. It knows nothing of locks.
type ledger struct {
	opening  map[string]int      // the balances at the beginning; never written again
	journal  []transfer          // the transfers that were completed since
	accounts map[string]*account // what follows from these two
}

type account struct{ balance int }

type transfer struct {
	from, to string
	amount   int
}

var errRefused = errors.New("transfer refused")

func newLedger(opening map[string]int) ledger {
	l := ledger{opening: opening}
	if err := l.rebuild(); err != nil {
		panic(err) // the journal is empty: there is nothing that could fail
	}
	return l
}

func (l *ledger) move(t transfer) error {
	from, ok := l.accounts[t.from]
	if !ok || from.balance < t.amount {
		// An error comes before the first change, or after all of them have been
		// undone. It does not poison, because whoever returns one says that the
		// value is sound. A panic says that nobody knows.
		return fmt.Errorf("%w: %s does not have %d", errRefused, t.from, t.amount)
	}
	from.balance -= t.amount
	l.accounts[t.to].balance += t.amount // the bug: nil if there is no such account
	l.journal = append(l.journal, t)
	return nil
}

func (l *ledger) total() (sum int) {
	for _, a := range l.accounts {
		sum += a.balance
	}
	return sum
}

// rebuild makes the accounts anew from what a failed transfer does not touch.
// It looks at no balance: to guess from half-updated values how far the transfer
// came is the tempting way, and works until the next bug.
func (l *ledger) rebuild() error {
	accounts := make(map[string]*account, len(l.opening))
	for name, balance := range l.opening {
		accounts[name] = &account{balance}
	}
	for i, t := range l.journal {
		from, to := accounts[t.from], accounts[t.to]
		if from == nil || to == nil {
			return fmt.Errorf("journal entry %d: no account for %s to %s", i, t.from, t.to)
		}
		from.balance -= t.amount
		to.balance += t.amount
	}
	l.accounts = accounts
	return nil
}
