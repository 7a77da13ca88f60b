package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-own/own/owndebug"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(owndebug.TestMain(m)) }

func Example() {
	main()
	// Output: Result: 10
}
