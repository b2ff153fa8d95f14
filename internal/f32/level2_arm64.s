//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define SCORE16 \
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4] \
	ROW16(R4, V16, V17, V18, V19)               \
	ROW16(R5, V20, V21, V22, V23)               \
	ROW16(R6, V24, V25, V26, V27)               \
	ROW16(R7, V28, V29, V30, V31)

#define SCORE4 \
	VLD1.P 16(R1), [V0.S4] \
	ROW4(R4, V16)          \
	ROW4(R5, V20)          \
	ROW4(R6, V24)          \
	ROW4(R7, V28)

// SCORES stores at R8 the products of the rows at R4–R7 with the R12 values at R11. It adds up
// each row as dotNEON does.
#define SCORES \
	MOVD R11, R1            \
	MOVD R12, R0            \
	ZERO16                  \
	SIXTEENS(SCORE16, SCORE4) \
	TOTAL(16)               \
	TOTAL(20)               \
	TOTAL(24)               \
	TOTAL(28)               \
	FADDP4(20, 16, 16)      \
	FADDP4(28, 24, 24)      \
	FADDP4(24, 16, 16)      \
	VST1.P [V16.S4], 16(R8)

// func gemvNEON(dst, a []float32, lda int, x []float32)
//
//	for i := range dst { // a multiple of four
//		dst[i] = dot(x, a[i*lda:])
//	}
TEXT ·gemvNEON(SB), NOSPLIT, $0-80
	MOVD dst_base+0(FP), R8
	MOVD dst_len+8(FP), R9
	MOVD a_base+24(FP), R13
	MOVD lda+48(FP), R10
	MOVD x_base+56(FP), R11
	MOVD x_len+64(FP), R12
	LSL  $2, R10, R10
	CBZ  R9, end

rows:
	MOVD R13, R4
	ADD  R10, R4, R5
	ADD  R10, R5, R6
	ADD  R10, R6, R7
	ADD  R10, R7, R13
	SCORES
	SUBS $4, R9, R9
	BNE  rows

end:
	RET

// func gemvRowsNEON(dst, a []float32, lda int, idx []int32, x []float32)
//
//	for i, r := range idx { // a multiple of four
//		dst[i] = dot(x, a[r*lda:])
//	}
TEXT ·gemvRowsNEON(SB), NOSPLIT, $0-104
	MOVD dst_base+0(FP), R8
	MOVD a_base+24(FP), R13
	MOVD lda+48(FP), R10
	MOVD idx_base+56(FP), R14
	MOVD idx_len+64(FP), R9
	MOVD x_base+80(FP), R11
	MOVD x_len+88(FP), R12
	LSL  $2, R10, R10
	CBZ  R9, end

rows:
	MOVWU.P 4(R14), R4
	MOVWU.P 4(R14), R5
	MOVWU.P 4(R14), R6
	MOVWU.P 4(R14), R7
	MADD    R10, R13, R4, R4
	MADD    R10, R13, R5, R5
	MADD    R10, R13, R6, R6
	MADD    R10, R13, R7, R7
	SCORES
	SUBS    $4, R9, R9
	BNE     rows

end:
	RET

#define AXPY4X4 \
	VLD1   (R1), [V0.S4]        \
	VLD1.P 16(R2), [V4.S4]      \
	VLD1.P 16(R3), [V5.S4]      \
	VLD1.P 16(R4), [V6.S4]      \
	VLD1.P 16(R5), [V7.S4]      \
	VFMLA  V28.S4, V4.S4, V0.S4 \
	VFMLA  V29.S4, V5.S4, V0.S4 \
	VFMLA  V30.S4, V6.S4, V0.S4 \
	VFMLA  V31.S4, V7.S4, V0.S4 \
	VST1.P [V0.S4], 16(R1)

// func axpy4NEON(y []float32, x0, x1, x2, x3, w *float32)
//
//	for i := range y {
//		y[i] += w[0]*x0[i] + w[1]*x1[i] + w[2]*x2[i] + w[3]*x3[i]
//	}
TEXT ·axpy4NEON(SB), NOSPLIT, $0-64
	MOVD  y_base+0(FP), R1
	MOVD  y_len+8(FP), R0
	MOVD  x0+24(FP), R2
	MOVD  x1+32(FP), R3
	MOVD  x2+40(FP), R4
	MOVD  x3+48(FP), R5
	MOVD  w+56(FP), R6
	VLD4R (R6), [V28.S4, V29.S4, V30.S4, V31.S4]
	FOURS(AXPY4X4)
	RET
