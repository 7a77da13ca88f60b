package own

import (
	"fmt"
	"io"

	"github.com/go-own/own/internal/show"
)

// formatLock prints a lock as Rust prints its Mutex. If locked is true, the caller
// has locked it, and unlocks it also if a formatting method of T panics or calls
// Goexit.
func formatLock[T any](s fmt.State, verb rune, name string, v *T, locked, poisoned bool) {
	fmt.Fprintf(s, "%s { data: ", name)
	if locked {
		show.Value(s, verb, v)
	} else {
		io.WriteString(s, "<locked>")
	}
	fmt.Fprintf(s, ", poisoned: %t, .. }", poisoned)
}
