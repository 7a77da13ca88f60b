package verify

import (
	"testing"

	"pgregory.net/rapid"
)

// The properties again, with the choices made by the fuzzer, which looks for inputs
// that reach code which none has reached before. The inputs in testdata/fuzz are
// part of each plain go test.

func FuzzMutex(f *testing.F)     { f.Fuzz(rapid.MakeFuzz(mutexProperties)) }
func FuzzRWMutex(f *testing.F)   { f.Fuzz(rapid.MakeFuzz(rwmutexProperties)) }
func FuzzArc(f *testing.F)       { f.Fuzz(rapid.MakeFuzz(arcProperties)) }
func FuzzAtomicArc(f *testing.F) { f.Fuzz(rapid.MakeFuzz(atomicArcProperties)) }
func FuzzRc(f *testing.F)        { f.Fuzz(rapid.MakeFuzz(rcProperties)) }
func FuzzRefCell(f *testing.F)   { f.Fuzz(rapid.MakeFuzz(refcellProperties)) }
