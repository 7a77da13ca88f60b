package rc_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"
)

// The library starts no goroutine, and no test or example may leave one.
func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }
