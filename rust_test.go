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

// Which test of Rust's own suites (1.95: library/std/tests/sync,
// library/alloctests/tests and library/coretests/tests) is which test here. Where
// a case has no meaning in Go, or comes with a later part of this library, the
// right column says why.
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

std/tests/sync/rwlock.rs
	smoke                               TestRWMutexZeroValue
	frob                                TestRWMutexFrob
	test_rw_arc                         TestRWMutexExcludes
	test_rw_arc_access_in_unwind        TestRWMutexLockedWhilePanicking
	test_rwlock_unsized                 - no unsized types
	test_into_inner                     TestRWMutexIntoInner
	test_into_inner_drop                - values have no destructor
	test_get_cloned                     TestRWMutexLoadStoreSwap TestRWMutexLoadWhileRead
	test_get_mut                        - no exclusive borrow that would make locking needless
	test_set                            TestRWMutexLoadStoreSwap
	test_replace                        TestRWMutexLoadStoreSwap
	test_read_guard_covariance          - about lifetimes
	test_mapped_read_guard_covariance   - about lifetimes
	test_downgrade_basic                TestRWMutexDowngrade
	test_downgrade_observe              TestRWMutexDowngradeObserve
	test_downgrade_atomic               TestRWMutexDowngradeAtomic
	test_mapping_mapped_guard           - no mapped guards for an RWMutex; TestMapGuard has the case for a Mutex
	test_needs_drop                     - a check of the suite's own helper
	test_rwlock_try_write               TestRWMutexTry
	test_rwlock_with                    TestRWMutexWith TestRWMutexWithErr
	test_rwlock_with_mut                TestRWMutexWith TestRWMutexWithErr
	test_into_inner_poison              TestRWMutexMethodsPoisoned
	test_get_cloned_poison              TestRWMutexMethodsPoisoned
	test_get_mut_poison                 - as test_get_mut
	test_set_poison                     TestRWMutexMethodsPoisoned
	test_replace_poison                 TestRWMutexMethodsPoisoned
	test_rw_arc_poison_wr               TestRWMutexPoisonPanic TestRWMutexMethodsPoisoned
	test_rw_arc_poison_ww               TestRWMutexPoisonPanic TestRWMutexMethodsPoisoned
	test_rw_arc_poison_mapped_w_r       - no mapped guards for an RWMutex; TestPoisonPanic has a MappedGuard of a Mutex
	test_rw_arc_poison_mapped_w_w       - as the one before
	test_rw_arc_no_poison_rr            TestRWMutexReaderDoesNotPoison
	test_rw_arc_no_poison_rw            TestRWMutexReaderDoesNotPoison
	test_rw_arc_no_poison_mapped_r_r    - no mapped guards for an RWMutex
	test_rw_arc_no_poison_mapped_r_w    - no mapped guards for an RWMutex
	panic_while_mapping_read_unlocked_no_poison - no mapped guards for an RWMutex
	panic_while_mapping_write_unlocked_poison   TestMapGuardPanics TestPoisonPanic
	test_read_guard_unlocked (unmerged)  - no unlocked: TestAwait gives up the lock for a condition
	test_write_guard_unlocked (unmerged) - no unlocked: TestAwait gives up the lock for a condition

std/tests/sync/condvar.rs
	smoke                               TestConditionCalls
	notify_one                          TestConditionAfterEachKindOfRelease
	notify_all                          TestConditionOrder
	test_mutex_arc_condvar              TestConditionAfterEachKindOfRelease
	wait_while                          TestConditionAfterEachKindOfRelease TestConditionAtOnce
	wait_timeout_wait                   TestWaitCancelled
	wait_timeout_while_wait             TestConditionCancelled
	wait_timeout_while_instant_satisfy  - the other way round here, on purpose: TestAwaitErrorReleases; with time left it is TestConditionAtOnce
	wait_timeout_while_wake             TestConditionFarTimeout
	wait_timeout_wake                   TestConditionFarTimeout
	timeout_nanoseconds (#37440)        TestConditionFarTimeout
	test_arc_condvar_poison             TestWaitPoisoned TestConditionPoisoned
	wait with ignored poison            TestAwaitIgnoredPoison

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

alloctests/tests/sync.rs
	manually_share_arc                  TestArcShare
	test_arc_get_mut                    TestArcGetMut
	weak_counts                         TestWeakCounts TestWeakOfNothing
	try_unwrap                          TestArcTryUnwrap
	into_inner                          TestArcIntoInner TestArcIntoInnerRace
	into_from_raw                       - no raw pointers to owners
	test_into_from_raw_unsized          - no raw pointers to owners
	into_from_weak_raw                  - no raw pointers to owners
	test_into_from_weak_raw_unsized     TestWeakPtrEq
	test_cowarc_clone_make_mut          TestArcMakeMutAll
	test_cowarc_clone_unique2           TestArcMakeMutOne
	test_cowarc_clone_weak              TestArcMakeMutCutsWeaksOff
	test_live                           TestWeakUpgrade
	test_dead                           TestWeakUpgradeDead
	weak_self_cyclic                    TestWeakInsideItsValue
	drop_arc                            TestArcDropRunsHookOnce
	drop_arc_weak                       TestWeakDoesNotOwn
	test_strong_count                   TestArcStrongCount
	test_weak_count                     TestArcWeakCount
	show_arc                            TestArcFormat
	test_unsized                        TestArcAnyType
	test_maybe_thin_unsized             TestArcAnyType
	test_from_owned                     TestArcValue
	test_new_weak                       TestWeakOfNothing
	test_ptr_eq                         TestArcPtrEq
	test_weak_count_locked              TestArcWeakCountVersusGetMut
	test_from_str                       - no conversions: NewArc takes any value
	test_copy_from_slice                - as test_from_str
	test_clone_from_slice               - as test_from_str
	test_clone_from_slice_panic         - as test_from_str
	test_from_box                       TestArcValue
	test_from_box_str                   - as test_from_str
	test_from_box_slice                 - as test_from_str
	test_from_box_trait                 TestArcAnyType
	test_from_box_trait_zero_sized      TestArcAnyType
	test_from_vec                       - as test_from_str
	test_downcast                       - a type assertion on *a.Value() does it
	test_array_from_slice               - a conversion of Go does it
	test_arc_cyclic_with_zero_refs      TestNewCyclicArc
	test_arc_new_cyclic_one_ref         TestNewCyclicArc
	test_arc_cyclic_two_refs            TestNewCyclicArc
	arc_drop_dereferenceable_race       TestArcDropRace
	arc_doesnt_leak_allocator           - no allocators

alloctests/tests/arc.rs
	uninhabited                         TestArcAnyType
	slice                               TestArcAnyType
	trait_object                        TestArcAnyType
	float_nan_ne                        - an Arc is compared by identity only, with PtrEq
	partial_eq                          - as float_nan_ne
	eq                                  - as float_nan_ne
	eq_unsized                          - as float_nan_ne
	eq_unsized_slice                    - as float_nan_ne
	shared_from_iter (four tests)       - no collecting into an Arc
	weak_may_dangle                     - about the borrow checker
	panic_no_leak                       TestArcHookPanics
	make_mut_unsized                    TestArcMakeMutAll
	test_unique_arc_weak                TestNewCyclicArc
	pin_coerce_unsized                  - about the type system

Arc: seen in std and in its bug reports, not in its tests
	upgrade and counts in a destructor  TestArcInsideHook
	new_cyclic that panics              TestNewCyclicArcFails
	make_mut whose clone panics         TestArcMakeMutClonePanics
	overflow of clone, downgrade, upgrade (#27174, #30031, #108706) TestArcOverflow
	get_mut against upgrade (#24880)    TestArcGetMutVersusUpgrade
	get_mut acquires (#51780)           TestArcDropSynchronizes
	use by a Weak while dropping (#72533) TestWeakUpgradeVersusLastDrop
	panic in the destructor (#132231)   TestArcHookPanics
	try_unwrap().ok() by all (#75911)   TestArcTryUnwrapRace

alloctests/tests/rc.rs
	uninhabited                         TestRcAnyType
	slice                               TestRcAnyType
	trait_object                        TestRcAnyType
	float_nan_ne                        - an Rc is compared by identity only, with PtrEq
	partial_eq                          - as float_nan_ne
	eq                                  - as float_nan_ne
	shared_from_iter (four tests)       - no collecting into an Rc
	weak_may_dangle                     - about the borrow checker
	panic_no_leak                       TestRcHookPanics
	pin_coerce_unsized                  - about the type system
	test_live                           TestRcWeakUpgrade
	test_dead                           TestRcWeakUpgradeDead
	weak_self_cyclic                    TestRcWeakInsideItsValue
	test_strong_count                   TestRcStrongCount
	test_weak_count                     TestRcWeakCount
	weak_counts                         TestRcWeakCounts TestRcWeakOfNothing
	try_unwrap                          TestRcTryUnwrap
	into_inner                          TestRcIntoInner
	into_from_raw                       - no raw pointers to owners
	test_into_from_raw_unsized          - no raw pointers to owners
	into_from_weak_raw                  - no raw pointers to owners
	test_into_from_weak_raw_unsized     TestRcWeakPtrEq
	test_maybe_thin_unsized             TestRcAnyType
	test_from_owned                     TestRcValue
	test_new_weak                       TestRcWeakOfNothing
	test_ptr_eq                         TestRcPtrEq
	test_from_str                       - no conversions: New takes any value
	test_copy_from_slice                - as test_from_str
	test_clone_from_slice               - as test_from_str
	test_clone_from_slice_panic         - as test_from_str
	test_from_box                       TestRcValue
	test_from_box_str                   - as test_from_str
	test_from_box_slice                 - as test_from_str
	test_from_box_trait                 TestRcAnyType
	test_from_box_trait_zero_sized      TestRcAnyType
	test_from_vec                       - as test_from_str
	test_downcast                       - a type assertion on *r.Value() does it
	test_array_from_slice               - a conversion of Go does it
	test_clone                          TestRcShare
	test_simple                         TestRcShare
	test_simple_clone                   TestRcShare
	test_destructor                     TestRcValue TestRcDropRunsHookOnce
	get_mut                             TestRcGetMut
	test_cowrc_clone_make_unique        TestRcMakeMutAll
	test_cowrc_clone_unique2            TestRcMakeMutOne
	test_cowrc_clone_weak               TestRcMakeMutCutsWeaksOff
	test_cowrc_unsized                  TestRcMakeMutSlice
	test_show                           TestRcFormat
	test_unsized                        TestRcAnyType TestRcFormat
	test_rc_cyclic_with_zero_refs       TestRcNewCyclic
	test_rc_cyclic_with_one_ref         TestRcNewCyclic TestRcNewCyclicKeepsSelf
	test_rc_cyclic_with_two_ref         TestRcNewCyclic
	test_unique_rc_weak                 TestRcNewCyclic
	test_unique_rc_drop_weak            TestRcNewCyclic
	test_unique_rc_drops_contents       - no UniqueRc: before build returns there is no value to drop
	test_unique_rc_with_alloc_drops_contents - no UniqueRc, no allocators
	test_unique_rc_weak_clone_holding_ref TestRcNewCyclic
	test_unique_rc_unsizing_coercion    - about the type system

Rc: seen in std, not in its tests
	upgrade and counts in a destructor  TestRcInsideHook
	new_cyclic that panics              TestRcNewCyclicFails
	make_mut whose clone panics         TestRcMakeMutClonePanics
	overflow of clone, downgrade, upgrade TestRcOverflow
	a long list dropped                 TestRcLongListNests TestRcLongListLoops

coretests/tests/cell.rs
	smoketest_unsafe_cell               - no UnsafeCell: a variable of Go is one
	unsafe_cell_raw_get                 - as smoketest_unsafe_cell
	unsafe_cell_unsized                 - as smoketest_unsafe_cell
	smoketest_cell                      - no Cell: a variable of Go is one
	cell_update                         - no Cell
	cell_default                        - no Cell
	cell_set                            - no Cell
	cell_replace                        - no Cell; TestRefCellReplaceTakeIntoInner has the case for a RefCell
	cell_into_inner                     - no Cell; TestRefCellReplaceTakeIntoInner has the case for a RefCell
	cell_exterior                       - no Cell
	cell_does_not_clone                 - no Cell, and no Clone that a read could call
	cell_has_sensible_show              - no Cell; TestRefCellFormat has the case for a RefCell
	ref_and_refmut_have_sensible_show   TestRefCellFormatHandles
	double_imm_borrow                   TestRefCellReaders
	no_mut_then_imm_borrow              TestRefCellBorrowWhileWritten
	no_imm_then_borrow_mut              TestRefCellBorrowMutWhileRead
	no_double_borrow_mut                TestRefCellBorrowMutWhileWritten
	imm_release_borrow_mut              TestRefCellAfterDrop
	mut_release_borrow_mut              TestRefCellAfterDrop
	double_borrow_single_release_no_borrow_mut TestRefCellOneOfTwoReadersDone
	discard_doesnt_unborrow             TestRefCellDiscardedHandle
	ref_clone_updates_flag              TestRefCellRefClone
	ref_map_does_not_update_flag        - no map: a pointer into *b.Value(), used before b.Drop()
	ref_map_split_updates_flag          - no map_split
	ref_map_split                       - no map_split
	ref_mut_map_split                   TestRefCellRefMutValue
	ref_map_accessor                    - no map
	ref_mut_map_accessor                TestRefCellRefMutValue
	as_ptr                              - no way in without a borrow
	refcell_default                     TestRefCellZeroValue
	refcell_unsized                     TestRefCellAnyType
	refcell_ref_coercion                TestRefCellAnyType
	refcell_swap_borrows                TestRefCellChangeWhileBorrowed
	refcell_replace_borrows             TestRefCellChangeWhileBorrowed
	refcell_format                      TestRefCellFormatHandles
	const_cells                         TestRefCellZeroValue

RefCell: seen in core and in its bug reports, not in its tests
	texts of BorrowError, BorrowMutError TestRefCellErrors
	swap with itself                    TestRefCellSwapMisuse
	borrow inside replace_with          TestRefCellReentrantBorrow TestRefCellReentrant
	RefMut held by a panic              TestRefCellPanicWhileBorrowed TestRefCellGoexitWhileBorrowed
	mem::forget(RefMut)                 TestRefCellPanicWithoutDefer TestRefCellDiscardedHandle
	overflow of the readers (#25841)    TestRefCellOverflow
	Debug, also while borrowed          TestRefCellFormat TestRefCellFormatReentrant TestRefCellFormatNested
	debug_refcell                       TestRefCellWhereEarliestActive TestRefCellWhereRefused TestRefCellWhereCallSite
	Send and not Sync                   TestRefCellHandedOver TestRefCellRaceIsReported
`

// Every test that the table names exists, and every line of it names one or says
// why not.
func TestRustTable(t *testing.T) {
	have := map[string]bool{}
	for _, dir := range packages {
		names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
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
