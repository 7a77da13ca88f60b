//go:build !owndebug

package cell_test

// refusal is what a borrow that err refuses says. Where the borrow in its way
// began is known in the debug build only.
func refusal(err error, at string) string { return err.Error() }
