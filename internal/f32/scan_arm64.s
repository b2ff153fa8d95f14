//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define MAX4 \
	VLD1.P 16(R1), [V0.S4]         \
	FCMGT4(16, 0, 1)               \
	VBIT   V1.B16, V0.B16, V16.B16

// func maxNEON(x []float32) float32
//
//	m := -Inf
//	for _, v := range x {
//		if v > m {
//			m = v
//		}
//	}
TEXT ·maxNEON(SB), NOSPLIT, $0-28
	MOVD  x_base+0(FP), R1
	MOVD  x_len+8(FP), R0
	MOVD  $0xFF800000, R2 // -Inf
	VDUP  R2, V16.S4
	FOURS(MAX4)
	FMAXV4(16, 16)
	FMOVS F16, ret+24(FP)
	RET

// func findGreaterNEON(x []float32, t float32) int
//
//	i := 0
//	for ; i+16 <= len(x); i += 16 {
//		if any of x[i:i+16] > t {
//			break
//		}
//	}
//	return i
TEXT ·findGreaterNEON(SB), NOSPLIT, $0-40
	MOVD x_base+0(FP), R1
	MOVD x_len+8(FP), R0
	SPREAD(t+24(FP), F31, V31)
	MOVD $0, R3

block:
	SUBS   $16, R0, R0
	BLT    found
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FCMGT4(31, 0, 0)
	FCMGT4(31, 1, 1)
	FCMGT4(31, 2, 2)
	FCMGT4(31, 3, 3)
	VORR   V0.B16, V1.B16, V0.B16
	VORR   V2.B16, V3.B16, V2.B16
	VORR   V0.B16, V2.B16, V0.B16
	VADDV  V0.S4, V0 // each value is 0 or -1
	VMOV   V0.S[0], R4
	CBNZ   R4, found
	ADD    $16, R3, R3
	B      block

found:
	MOVD R3, ret+32(FP)
	RET

// BOUND stores at R1 the bounds of four vectors whose sums are V(s), t after their terms at R4.
#define BOUND(s, t0, t1, t2) \
	SCVTF4(s, s)                     \
	FMUL4(29, s, s)                  \
	FMUL4(t0, s, s)                  \
	FMLA4(0, 30, t1, s)              \
	FMLA4(0, 31, t2, s)

// func codeBoundsDotProd(dst []float32, codes *uint8, query []int8, start int32, terms, weights *float32)
//
// It is CodeBounds with start for -offset, of at least one step of bytes. Every byte of a vector is
// below 128, and so may be taken as signed.
TEXT ·codeBoundsDotProd(SB), NOSPLIT, $0-80
	MOVD  dst_base+0(FP), R1
	MOVD  dst_len+8(FP), R0
	MOVD  codes+24(FP), R2
	MOVD  query_base+32(FP), R3
	MOVD  query_len+40(FP), R5
	MOVW  start+56(FP), R6
	MOVD  terms+64(FP), R4
	MOVD  weights+72(FP), R7
	VDUP  R6, V28.S4
	VLD3R (R7), [V29.S4, V30.S4, V31.S4]
	CBZ   R0, end

block:
	VMOV V28.B16, V16.B16
	VMOV V28.B16, V17.B16
	VMOV V28.B16, V18.B16
	VMOV V28.B16, V19.B16
	MOVD R3, R6
	MOVD R5, R7

step:
	VLD1R.P 4(R6), [V0.S4]
	VLD1.P  64(R2), [V4.B16, V5.B16, V6.B16, V7.B16]
	SDOT4(0, 4, 16)
	SDOT4(0, 5, 17)
	SDOT4(0, 6, 18)
	SDOT4(0, 7, 19)
	SUBS    $4, R7, R7
	BNE     step

	VLD1.P 64(R4), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R4), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P 64(R4), [V20.S4, V21.S4, V22.S4, V23.S4]
	BOUND(16, 0, 4, 20)
	BOUND(17, 1, 5, 21)
	BOUND(18, 2, 6, 22)
	BOUND(19, 3, 7, 23)
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(R1)
	SUBS   $16, R0, R0
	BNE    block

end:
	RET
