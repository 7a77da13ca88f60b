//go:build owndebug

package track

import (
	"fmt"
	"slices"
	"strings"
)

// maxShown is how many calls of a stack a report shows. The first ones say it all as a
// rule; JSON has the others.
const maxShown = 6

// String returns the name of a lock for a person: its type, and the place where it was
// made, or else where it was first locked.
func (n Named) String() string { return n.Type + n.place() }

func (n Named) place() string {
	switch {
	case len(n.Made) > 0:
		return " (made at " + n.Made[0].String() + ")"
	case len(n.First) > 0:
		return " (first locked at " + n.First[0].String() + ")"
	default:
		return ""
	}
}

// String returns the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "own: %s: %s\n", strings.ToUpper(r.Kind.String()), r.Headline)
	if len(r.Cycle) > 0 {
		names := r.names()
		for i, s := range r.Cycle {
			l, arrow := s.Holds.Lock, ""
			if i > 0 {
				arrow = "-> "
			}
			fmt.Fprintf(&b, "  %s%s%s\n", arrow, names[l.ID], l.place())
		}
		fmt.Fprintf(&b, "  -> %s\n", names[r.Cycle[0].Holds.Lock.ID])
		for _, s := range r.Cycle {
			verb := "waits for"
			if r.Kind == PotentialDeadlock {
				verb = "took"
			}
			if s.Wants.Drains && len(r.Cycle) > 1 {
				verb = "keeps new readers out, and waits for the last ones of"
			}
			fmt.Fprintf(&b, "goroutine %d %s %s%s at\n", s.Goroutine, verb, names[s.Wants.Lock.ID], how(s.Wants.Mode, s.Wants.CanGiveUp))
			write(&b, s.Wants.At)
			if s.Wants.Drains && s.Holds.Mode == Write && s.Holds.Lock.ID == s.Wants.Lock.ID {
				continue // it keeps them out with that
			}
			fmt.Fprintf(&b, "  while it held %s%s, locked at\n", names[s.Holds.Lock.ID], how(s.Holds.Mode, false))
			write(&b, s.Holds.Locked)
		}
	}
	if r.Guard != nil {
		by := ""
		if r.Guard.Goroutine != 0 {
			by = fmt.Sprintf(" by goroutine %d", r.Guard.Goroutine)
		}
		fmt.Fprintf(&b, "%s%s was locked%s at\n", r.Guard.Lock, how(r.Guard.Mode, false), by)
		write(&b, r.Guard.Locked)
	}
	for _, o := range r.Owners {
		fmt.Fprintf(&b, "%s\n", o)
		write(&b, o.Made)
	}
	if len(r.Cycle) == 0 && len(r.At) > 0 {
		fmt.Fprintf(&b, "goroutine %d was at\n", r.Goroutine)
		write(&b, r.At)
	}
	b.WriteString(r.Advice)
	return b.String()
}

// Error makes a report that is panicked with print as a whole.
func (r *Report) Error() string { return r.String() }

// names returns a short name for each lock of the cycle: its type, with its number where two
// have the same.
func (r *Report) names() map[uint64]string {
	ids := map[string][]uint64{}
	for _, s := range r.Cycle {
		name, id := s.Holds.Lock.Type, s.Holds.Lock.ID
		if !slices.Contains(ids[name], id) {
			ids[name] = append(ids[name], id)
		}
	}
	names := map[uint64]string{}
	for name, ids := range ids {
		for _, id := range ids {
			names[id] = name
			if len(ids) > 1 {
				names[id] = fmt.Sprintf("%s #%d", name, id)
			}
		}
	}
	return names
}

// String returns the owners for a person, without the stack.
func (o Owned) String() string {
	if o.Count == 1 {
		return fmt.Sprintf("1 %s, %s at", o.Type, o.How)
	}
	return fmt.Sprintf("%d %s, each %s at", o.Count, o.Type, o.How)
}

// how says what is not usual in the way in which a lock is held or wanted.
func how(m Mode, canGiveUp bool) string {
	s := ""
	if m == Read {
		s += " for reading"
	}
	if canGiveUp {
		s += ", and can give up,"
	}
	return s
}

func write(b *strings.Builder, s Stack) {
	for i, f := range s {
		if i == maxShown {
			fmt.Fprintf(b, "      … and %d more\n", len(s)-i)
			break
		}
		fmt.Fprintf(b, "      %s\n          %s\n", f.Function, f)
	}
}

// String returns what was left behind, for a person; "" if nothing was.
func (l Leaks) String() string {
	var b strings.Builder
	for _, r := range l.Reports {
		fmt.Fprintf(&b, "%s\n", r)
		if r.Times > 1 {
			fmt.Fprintf(&b, "That was found %d times.\n", r.Times)
		}
	}
	for _, h := range l.Held {
		fmt.Fprintf(&b, "own: still locked%s: %s, locked at\n", how(h.Mode, false), h.Lock)
		write(&b, h.Locked)
	}
	for _, o := range l.Owners {
		fmt.Fprintf(&b, "own: still alive: %s\n", o)
		write(&b, o.Made)
	}
	return b.String()
}
