// Ownvet is go vet with the rules for programs that use github.com/go-own/own.
//
// With the command as a tool of the module,
//
//	go get -tool github.com/go-own/own/ownvet/cmd/ownvet
//	go vet -vettool=$(go tool -n ownvet) ./...
//
// or by itself:
//
//	go install github.com/go-own/own/ownvet/cmd/ownvet@latest
//	ownvet ./...
//
// It runs the standard suite, too, since -vettool replaces it.
package main

import (
	"slices"

	"golang.org/x/tools/go/analysis/multichecker"
	"golang.org/x/tools/go/analysis/suite/vet"

	"github.com/go-own/own/ownvet"
)

func main() {
	multichecker.Main(slices.Concat(vet.Suite, ownvet.Analyzers())...)
}
