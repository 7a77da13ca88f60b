package owndebug

// A Kind is a kind of report.
type Kind int

// The kinds of reports. The package comment says what each is.
const (
	Deadlock Kind = iota + 1
	PotentialDeadlock
	LeakedGuard
	LeakedOwner
	PoisonBlind
	NotSend
)

// String returns "deadlock", "potential deadlock", "leaked guard", "leaked owner",
// "poison-blind unlock" or "not send".
func (k Kind) String() string {
	switch k {
	case Deadlock:
		return "deadlock"
	case PotentialDeadlock:
		return "potential deadlock"
	case LeakedGuard:
		return "leaked guard"
	case LeakedOwner:
		return "leaked owner"
	case PoisonBlind:
		return "poison-blind unlock"
	case NotSend:
		return "not send"
	default:
		return "unknown"
	}
}

// A Report says what has been found. It does not change, and may be kept.
type Report struct {
	Kind     Kind
	Headline string // what is wrong, in one line
	Times    int    // that it has been found by now, at the same places

	text func() string
	json func() ([]byte, error)
}

// String returns the whole report, for a person: the headline, the locks in question by
// their types and the places where they were made, who holds and who wants them where,
// and what to do. It has several lines; the text may change.
func (r Report) String() string {
	if r.text == nil {
		return r.Headline
	}
	return r.text()
}

// MarshalJSON implements [encoding/json.Marshaler]. The object has the fields kind,
// headline, time, times and advice, and, where they apply, goroutine, at, cycle, guard and
// owners. Stacks are arrays of function, file and line, the innermost call first.
func (r Report) MarshalJSON() ([]byte, error) {
	if r.json == nil {
		return []byte("null"), nil
	}
	return r.json()
}

// A TestingT is a [testing.T], or anything that reports errors like one.
type TestingT interface {
	Helper()
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(f func())
}

// A TestingM is a [testing.M], or what wraps one.
type TestingM interface{ Run() int }
