//go:build owndebug

#include "textflag.h"

// func Address() uintptr
TEXT ·Address(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET
