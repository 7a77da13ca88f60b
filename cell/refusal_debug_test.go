//go:build owndebug

package cell_test

// refusal is what a borrow that err refuses says: also where the borrow in its way
// began.
func refusal(err error, at string) string {
	return err.Error() + "; a previous borrow was at " + at
}
