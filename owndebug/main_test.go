package owndebug_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No test may leave a goroutine behind. They leave reports behind, on purpose, so that
// TestMain of this package is not here.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
