package rc_test

import (
	"testing"

	"go.uber.org/goleak"
)

// The library starts no goroutine, and no test or example may leave one.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
