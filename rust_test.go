package own_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Which test of Rust's own suites (std 1.95, library/std/tests/sync and
// library/alloctests/tests) is which test here. Where a case has no meaning in
// Go, or comes with a later part of this library, the right column says why.
//
// The cases are Rust's, the code is not.
const rustTests = `
std/tests/sync/mutex.rs
	smoke                               TestMutexZeroValue
	lots_and_lots                       TestMutexExcludes
	try_lock                            TestMutexTryLock
	test_into_inner                     TestMutexIntoInner
	test_into_inner_drop                - values have no destructor; TestMutexIntoInner pins that the mutex lets go
	test_get_mut                        - no exclusive borrow that would make locking needless
	test_get_cloned                     TestMutexLoadStoreSwap
	test_set                            TestMutexLoadStoreSwap
	test_set_drop                       - values have no destructor
	test_replace                        TestMutexLoadStoreSwap
	test_mutex_arc_nested               TestMutexNested
	test_mutex_unsized                  - no unsized types
	test_panics                         TestPoisonTwice
	test_mutex_arc_access_in_unwind     TestPoisonLockedWhilePanicking TestPoisonLockedByDeferredFunction
	test_needs_drop                     - a check of the suite's own helper
	test_into_inner_poison              TestMutexValueMethodsPoisoned
	test_get_cloned_poison              TestMutexValueMethodsPoisoned
	test_get_mut_poison                 - as test_get_mut
	test_set_poison                     TestMutexValueMethodsPoisoned
	test_replace_poison                 TestMutexValueMethodsPoisoned
	test_mutex_arc_poison               TestPoisonPanic
	test_mutex_with_mut                 TestMutexWith TestMutexWithErr
	mutexguard-sync.rs (must not build) - Go has no Sync; TestGuardHandedOver says what is allowed

poison: seen in std, not in its tests
	two locks held by one panic         TestPoisonTwoLocks
	locked while panicking, new panic   TestPoisonSecondPanicWhilePanicking
	panic caught while locked           TestPoisonRecoveredInside
	panic after the guard is gone       TestGuardEarlyUnlockThenPanic
	mem::forget(guard)                  - a guard that is not unlocked stays locked here as well; nothing to test
	into_inner of the error             TestLockIgnorePoison
	clear_poison, then a panic          TestPoisonTwice TestClearPoisonWhileLocked
	set drops after unlocking           - values have no destructor
	try_lock of a poisoned lock         TestMutexTryLockPoisoned
	relocking by the same thread        TestMutexTryLock
	Debug and Display texts             TestFormatMutex TestPoisonErrorText TestPoisonErrorLiteral
`

// Every test that the table names exists, and every line of it names one or says
// why not.
func TestRustTable(t *testing.T) {
	have := map[string]bool{}
	names, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				have[f.Name.Name] = true
			}
		}
	}

	lines := 0
	for line := range strings.Lines(rustTests) {
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		lines++
		line = strings.TrimSpace(line)
		if _, why, ok := strings.Cut(line, " - "); ok {
			require.NotEmpty(t, why, line)
			continue
		}
		var ours []string
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "Test") || strings.HasPrefix(word, "Example") {
				require.True(t, have[word], "%s is not there: %s", word, line)
				ours = append(ours, word)
			}
		}
		require.NotEmpty(t, ours, line)
	}
	require.NotZero(t, lines)
}
