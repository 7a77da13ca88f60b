// Package bench compares own with what needs a dependency to be compared with. It
// is a module of its own, so that no user of own downloads that. Comparisons with
// the standard library are beside the code, in own's bench_test.go.
package bench
