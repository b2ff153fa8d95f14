//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// TILEROW adds to a row of the tile, V(d) and V(d+1), the row of b in V2 and V3 times value lane of V(m).
#define TILEROW(lane, m, d) \
	FMLA4(lane, m, 2, d)   \
	FMLA4(lane, m, 3, d+1)

// PRODUCT sets V16–V31, two to a row of eight, to the product of a panel of a and one of b.
#define PRODUCT \
	MOVD k+0(FP), R0            \
	MOVD a+8(FP), R1            \
	MOVD lda+16(FP), R2         \
	MOVD b+24(FP), R3           \
	MOVD ldb+32(FP), R4         \
	MOVD c+40(FP), R5           \
	MOVD ldc+48(FP), R6         \
	LSL  $2, R2, R2             \
	LSL  $2, R4, R4             \
	LSL  $2, R6, R6             \
	ZERO16                      \
	CBZ  R0, done               \
outer:                          \
	VLD1 (R1), [V0.S4, V1.S4]   \
	VLD1 (R3), [V2.S4, V3.S4]   \
	ADD  R2, R1, R1             \
	ADD  R4, R3, R3             \
	TILEROW(0, 0, 16)           \
	TILEROW(1, 0, 18)           \
	TILEROW(2, 0, 20)           \
	TILEROW(3, 0, 22)           \
	TILEROW(0, 1, 24)           \
	TILEROW(1, 1, 26)           \
	TILEROW(2, 1, 28)           \
	TILEROW(3, 1, 30)           \
	SUBS $1, R0, R0             \
	BNE  outer                  \
done:

// INTO adds a row of the tile to the next row of c, or subtracts it.
#define INTO(op, d) \
	VLD1 (R5), [V0.S4, V1.S4] \
	op(d, 0, 0)               \
	op(d+1, 1, 1)             \
	VST1 [V0.S4, V1.S4], (R5) \
	ADD  R6, R5, R5

// func gemmTileNEON(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int)
//
//	for l := range k {
//		for i := range 8 {
//			for j := range 8 {
//				c[i*ldc+j] += a[l*lda+i] * b[l*ldb+j]
//			}
//		}
//	}
TEXT ·gemmTileNEON(SB), NOSPLIT, $0-56
	PRODUCT
	INTO(FADD4, 16)
	INTO(FADD4, 18)
	INTO(FADD4, 20)
	INTO(FADD4, 22)
	INTO(FADD4, 24)
	INTO(FADD4, 26)
	INTO(FADD4, 28)
	INTO(FADD4, 30)
	RET

// func updateTileNEON(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int)
//
// It is gemmTileNEON with -= for +=.
TEXT ·updateTileNEON(SB), NOSPLIT, $0-56
	PRODUCT
	INTO(FSUB4, 16)
	INTO(FSUB4, 18)
	INTO(FSUB4, 20)
	INTO(FSUB4, 22)
	INTO(FSUB4, 24)
	INTO(FSUB4, 26)
	INTO(FSUB4, 28)
	INTO(FSUB4, 30)
	RET

#define COLUMN(v) \
	VST1 [v.S4], (R5) \
	ADD  R6, R5, R5

#define TRANSPOSE4 \
	VLD1.P 16(R1), [V0.S4]    \
	VLD1.P 16(R2), [V1.S4]    \
	VLD1.P 16(R3), [V2.S4]    \
	VLD1.P 16(R4), [V3.S4]    \
	VTRN1  V1.S4, V0.S4, V4.S4 \
	VTRN2  V1.S4, V0.S4, V5.S4 \
	VTRN1  V3.S4, V2.S4, V6.S4 \
	VTRN2  V3.S4, V2.S4, V7.S4 \
	VTRN1  V6.D2, V4.D2, V0.D2 \
	VTRN1  V7.D2, V5.D2, V1.D2 \
	VTRN2  V6.D2, V4.D2, V2.D2 \
	VTRN2  V7.D2, V5.D2, V3.D2 \
	COLUMN(V0)                \
	COLUMN(V1)                \
	COLUMN(V2)                \
	COLUMN(V3)

// func transpose4NEON(dst *float32, ldd int, src *float32, lds int, cols int)
//
//	for i := range 4 {
//		for j := range cols { // a multiple of four
//			dst[j*ldd+i] = src[i*lds+j]
//		}
//	}
TEXT ·transpose4NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R5
	MOVD ldd+8(FP), R6
	MOVD src+16(FP), R1
	MOVD lds+24(FP), R7
	MOVD cols+32(FP), R0
	LSL  $2, R6, R6
	LSL  $2, R7, R7
	ADD  R7, R1, R2
	ADD  R7, R2, R3
	ADD  R7, R3, R4
	FOURS(TRANSPOSE4)
	RET
