//go:build owndebug

#include "textflag.h"

// func Address() uintptr
TEXT ·Address(SB), NOSPLIT, $0-8
	MOVD g, R0
	MOVD R0, ret+0(FP)
	RET

// func frames(pcs *uintptr, n int) int
//
// R29 points to where the caller has saved the R29 of its own caller, and above it is the
// address to which it returns. A frame lies above the one it calls. What is far away is
// not a frame of this stack: code in C does not keep the chain.
TEXT ·frames(SB), NOSPLIT|NOFRAME, $0-24
	MOVD pcs+0(FP), R0
	MOVD n+8(FP), R1
	MOVD R29, R2
	MOVD $0, R3
	MOVD $0x100000, R7
next:
	CMP  R1, R3
	BGE  done
	CBZ  R2, done
	MOVD 8(R2), R4
	MOVD R4, (R0)(R3<<3)
	ADD  $1, R3
	MOVD (R2), R5
	CMP  R2, R5
	BLS  done
	SUB  R2, R5, R6
	CMP  R7, R6
	BHI  done
	MOVD R5, R2
	B    next
done:
	MOVD R3, ret+16(FP)
	RET
