//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define DOT16 \
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4] \
	ROW16(R2, V16, V17, V18, V19)

#define DOT4 \
	VLD1.P 16(R1), [V0.S4] \
	ROW4(R2, V16)

// func dotNEON(x, y []float32) float32
//
//	for i := range x {
//		sum += x[i] * y[i]
//	}
TEXT ·dotNEON(SB), NOSPLIT, $0-52
	MOVD x_base+0(FP), R1
	MOVD x_len+8(FP), R0
	MOVD y_base+24(FP), R2
	ZERO(V16)
	ZERO(V17)
	ZERO(V18)
	ZERO(V19)
	SIXTEENS(DOT16, DOT4)
	TOTAL(16)
	FADDP4(16, 16, 16)
	FADDP4(16, 16, 16)
	FMOVS F16, ret+48(FP)
	RET

#define SUM4 \
	VLD1.P 16(R1), [V0.S4] \
	FADD4(0, 16, 16)

#define SUM16 \
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4] \
	FADD4(0, 16, 16)                            \
	FADD4(1, 17, 17)                            \
	FADD4(2, 18, 18)                            \
	FADD4(3, 19, 19)

// func sumNEON(x []float32) float32
//
//	for _, v := range x {
//		sum += v
//	}
TEXT ·sumNEON(SB), NOSPLIT, $0-28
	MOVD x_base+0(FP), R1
	MOVD x_len+8(FP), R0
	ZERO(V16)
	ZERO(V17)
	ZERO(V18)
	ZERO(V19)
	SIXTEENS(SUM16, SUM4)
	TOTAL(16)
	FADDP4(16, 16, 16)
	FADDP4(16, 16, 16)
	FMOVS F16, ret+24(FP)
	RET

#define AXPY16 \
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4] \
	VLD1   (R2), [V4.S4, V5.S4, V6.S4, V7.S4]   \
	VFMLA  V31.S4, V0.S4, V4.S4                 \
	VFMLA  V31.S4, V1.S4, V5.S4                 \
	VFMLA  V31.S4, V2.S4, V6.S4                 \
	VFMLA  V31.S4, V3.S4, V7.S4                 \
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R2)

#define AXPY4 \
	VLD1.P 16(R1), [V0.S4]      \
	VLD1   (R2), [V4.S4]        \
	VFMLA  V31.S4, V0.S4, V4.S4 \
	VST1.P [V4.S4], 16(R2)

// func axpyNEON(alpha float32, x, y []float32)
//
//	for i := range x {
//		y[i] += alpha * x[i]
//	}
TEXT ·axpyNEON(SB), NOSPLIT, $0-56
	SPREAD(alpha+0(FP), F31, V31)
	MOVD x_base+8(FP), R1
	MOVD x_len+16(FP), R0
	MOVD y_base+32(FP), R2
	SIXTEENS(AXPY16, AXPY4)
	RET

#define SCALE4 \
	VLD1   (R1), [V0.S4]   \
	FMUL4(31, 0, 0)        \
	VST1.P [V0.S4], 16(R1)

// func scaleNEON(alpha float32, x []float32)
//
//	for i := range x {
//		x[i] *= alpha
//	}
TEXT ·scaleNEON(SB), NOSPLIT, $0-32
	SPREAD(alpha+0(FP), F31, V31)
	MOVD x_base+8(FP), R1
	MOVD x_len+16(FP), R0
	FOURS(SCALE4)
	RET

#define ADD4 \
	VLD1   (R1), [V0.S4]   \
	VLD1.P 16(R2), [V1.S4] \
	FADD4(1, 0, 0)         \
	VST1.P [V0.S4], 16(R1)

// func addNEON(dst, x []float32)
//
//	for i := range dst {
//		dst[i] += x[i]
//	}
TEXT ·addNEON(SB), NOSPLIT, $0-48
	MOVD dst_base+0(FP), R1
	MOVD dst_len+8(FP), R0
	MOVD x_base+24(FP), R2
	FOURS(ADD4)
	RET

#define MUL4 \
	VLD1   (R1), [V0.S4]   \
	VLD1.P 16(R2), [V1.S4] \
	FMUL4(1, 0, 0)         \
	VST1.P [V0.S4], 16(R1)

// func mulNEON(dst, x []float32)
//
//	for i := range dst {
//		dst[i] *= x[i]
//	}
TEXT ·mulNEON(SB), NOSPLIT, $0-48
	MOVD dst_base+0(FP), R1
	MOVD dst_len+8(FP), R0
	MOVD x_base+24(FP), R2
	FOURS(MUL4)
	RET

#define MULADD4 \
	VLD1   (R1), [V0.S4]       \
	VLD1.P 16(R2), [V1.S4]     \
	VLD1.P 16(R3), [V2.S4]     \
	VFMLA  V2.S4, V1.S4, V0.S4 \
	VST1.P [V0.S4], 16(R1)

// func mulAddNEON(dst, x, y []float32)
//
//	for i := range dst {
//		dst[i] += x[i] * y[i]
//	}
TEXT ·mulAddNEON(SB), NOSPLIT, $0-72
	MOVD dst_base+0(FP), R1
	MOVD dst_len+8(FP), R0
	MOVD x_base+24(FP), R2
	MOVD y_base+48(FP), R3
	FOURS(MULADD4)
	RET

#define SCALEADD4 \
	VLD1   (R1), [V0.S4]        \
	VLD1.P 16(R2), [V1.S4]      \
	VFMLA  V31.S4, V0.S4, V1.S4 \
	VST1.P [V1.S4], 16(R1)

// func scaleAddNEON(alpha float32, y, x []float32)
//
//	for i := range y {
//		y[i] = alpha*y[i] + x[i]
//	}
TEXT ·scaleAddNEON(SB), NOSPLIT, $0-56
	SPREAD(alpha+0(FP), F31, V31)
	MOVD y_base+8(FP), R1
	MOVD y_len+16(FP), R0
	MOVD x_base+32(FP), R2
	FOURS(SCALEADD4)
	RET
