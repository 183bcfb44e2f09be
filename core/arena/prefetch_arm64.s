// prefetch on arm64.

#include "textflag.h"

// func prefetch(p unsafe.Pointer)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVD p+0(FP), R0
	PRFM (R0), PLDL1KEEP
	RET

// func prefetchAll(base unsafe.Pointer, refs *Ref, n int)
TEXT ·prefetchAll(SB), NOSPLIT, $0-24
	MOVD base+0(FP), R0
	MOVD refs+8(FP), R1
	MOVD n+16(FP), R2
next:
	MOVD.P 8(R1), R3
	ADD  R0, R3, R3
	PRFM (R3), PLDL1KEEP
	SUBS $1, R2, R2
	BNE  next
	RET
