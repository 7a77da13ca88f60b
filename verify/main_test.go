package verify

import (
	"testing"

	"go.uber.org/goleak"
)

// What waits must end, and what was started must be over when a test is.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
