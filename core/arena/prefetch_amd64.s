// prefetch on amd64.

#include "textflag.h"

// func prefetch(p unsafe.Pointer)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVQ p+0(FP), AX
	PREFETCHT0 (AX)
	RET

// func prefetchAll(base unsafe.Pointer, refs *Ref, n int)
TEXT ·prefetchAll(SB), NOSPLIT, $0-24
	MOVQ base+0(FP), AX
	MOVQ refs+8(FP), BX
	MOVQ n+16(FP), CX
next:
	MOVQ (BX), DX
	PREFETCHT0 (AX)(DX*1)
	ADDQ $8, BX
	DECQ CX
	JNZ  next
	RET
