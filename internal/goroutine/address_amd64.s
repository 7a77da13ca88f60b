//go:build owndebug

#include "textflag.h"

// func Address() uintptr
TEXT ·Address(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

// func frames(pcs *uintptr, n int) int
//
// BP points to where the caller has saved the BP of its own caller, and above it is the
// address to which it returns. A frame lies above the one it calls. What is far away is
// not a frame of this stack: code in C does not keep the chain.
TEXT ·frames(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ pcs+0(FP), DI
	MOVQ n+8(FP), CX
	MOVQ BP, SI
	XORQ AX, AX
next:
	CMPQ AX, CX
	JGE  done
	TESTQ SI, SI
	JEQ  done
	MOVQ 8(SI), DX
	MOVQ DX, (DI)(AX*8)
	INCQ AX
	MOVQ (SI), BX
	MOVQ BX, R8
	SUBQ SI, R8
	JLS  done
	CMPQ R8, $0x100000
	JHI  done
	MOVQ BX, SI
	JMP  next
done:
	MOVQ AX, ret+16(FP)
	RET
