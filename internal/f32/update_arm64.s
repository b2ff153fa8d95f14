//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define DIFF16 \
	VLD1.P 64(R2), [V0.S4, V1.S4, V2.S4, V3.S4] \
	VLD1.P 64(R3), [V4.S4, V5.S4, V6.S4, V7.S4] \
	FSUB4(4, 0, 0)                              \
	FSUB4(5, 1, 1)                              \
	FSUB4(6, 2, 2)                              \
	FSUB4(7, 3, 3)                              \
	ROW16(R1, V16, V17, V18, V19)

#define DIFF4 \
	VLD1.P 16(R2), [V0.S4] \
	VLD1.P 16(R3), [V4.S4] \
	FSUB4(4, 0, 0)         \
	ROW4(R1, V16)

// func dotDiffNEON(p, a, b []float32) float32
//
//	for i := range p {
//		sum += p[i] * (a[i] - b[i])
//	}
TEXT ·dotDiffNEON(SB), NOSPLIT, $0-76
	MOVD p_base+0(FP), R1
	MOVD p_len+8(FP), R0
	MOVD a_base+24(FP), R2
	MOVD b_base+48(FP), R3
	ZERO(V16)
	ZERO(V17)
	ZERO(V18)
	ZERO(V19)
	SIXTEENS(DIFF16, DIFF4)
	TOTAL(16)
	FADDP4(16, 16, 16)
	FADDP4(16, 16, 16)
	FMOVS F16, ret+72(FP)
	RET

#define PAIR4 \
	VLD1   (R1), [V0.S4]        \
	VLD1   (R2), [V1.S4]        \
	VLD1   (R3), [V2.S4]        \
	FSUB4(2, 1, 3)              \
	FMUL4(29, 0, 4)             \
	FMUL4(30, 1, 5)             \
	FMUL4(31, 2, 6)             \
	VFMLA  V28.S4, V3.S4, V4.S4 \
	VFMLA  V28.S4, V0.S4, V5.S4 \
	VFMLS  V28.S4, V0.S4, V6.S4 \
	VST1.P [V4.S4], 16(R1)      \
	VST1.P [V5.S4], 16(R2)      \
	VST1.P [V6.S4], 16(R3)

// func pairStepNEON(p, a, b []float32, step, sp, sa, sb float32)
//
//	for i := range p {
//		pi, ai, bi := p[i], a[i], b[i]
//		p[i] = sp*pi + step*(ai-bi)
//		a[i] = sa*ai + step*pi
//		b[i] = sb*bi - step*pi
//	}
TEXT ·pairStepNEON(SB), NOSPLIT, $0-88
	MOVD p_base+0(FP), R1
	MOVD p_len+8(FP), R0
	MOVD a_base+24(FP), R2
	MOVD b_base+48(FP), R3
	SPREAD(step+72(FP), F28, V28)
	SPREAD(sp+76(FP), F29, V29)
	SPREAD(sa+80(FP), F30, V30)
	SPREAD(sb+84(FP), F31, V31)
	FOURS(PAIR4)
	RET

#define GRADIENT4 \
	VLD1.P 16(R4), [V0.S4] \
	VLD1.P 16(R5), [V1.S4] \
	VLD1.P 16(R6), [V2.S4] \
	FSUB4(1, 2, 3)         \
	FMUL4(30, 3, 3)        \
	FMUL4(31, 0, 4)        \
	FMUL4(30, 0, 5)        \
	VST1.P [V3.S4], 16(R1) \
	VST1.P [V4.S4], 16(R2) \
	VST1.P [V5.S4], 16(R3)

// func pairGradientNEON(gp, ga, gb, p, a, b []float32, weight float32)
//
//	for i := range p {
//		gp[i] = weight * (b[i] - a[i])
//		ga[i] = -weight * p[i]
//		gb[i] = weight * p[i]
//	}
TEXT ·pairGradientNEON(SB), NOSPLIT, $0-148
	MOVD  gp_base+0(FP), R1
	MOVD  ga_base+24(FP), R2
	MOVD  gb_base+48(FP), R3
	MOVD  p_base+72(FP), R4
	MOVD  p_len+80(FP), R0
	MOVD  a_base+96(FP), R5
	MOVD  b_base+120(FP), R6
	SPREAD(weight+144(FP), F30, V30)
	FNEGS F30, F31
	VDUP  V31.S[0], V31.S4
	FOURS(GRADIENT4)
	RET

#define CONJUGATE4 \
	VLD1   (R1), [V0.S4]        \
	VLD1   (R2), [V1.S4]        \
	VLD1.P 16(R4), [V2.S4]      \
	VLD1.P 16(R5), [V3.S4]      \
	VLD1.P 16(R6), [V4.S4]      \
	VFMLA  V31.S4, V2.S4, V0.S4 \
	VFMLS  V31.S4, V3.S4, V1.S4 \
	FMUL4(4, 1, 4)              \
	VFMLA  V4.S4, V1.S4, V16.S4 \
	VST1.P [V0.S4], 16(R1)      \
	VST1.P [V1.S4], 16(R2)      \
	VST1.P [V4.S4], 16(R3)

// func conjugateStepNEON(x, r, z, p, q, inv []float32, step float32) float32
//
//	for i := range x {
//		x[i] += step * p[i]
//		r[i] -= step * q[i]
//		z[i] = r[i] * inv[i]
//		sum += r[i] * z[i]
//	}
TEXT ·conjugateStepNEON(SB), NOSPLIT, $0-156
	MOVD x_base+0(FP), R1
	MOVD x_len+8(FP), R0
	MOVD r_base+24(FP), R2
	MOVD z_base+48(FP), R3
	MOVD p_base+72(FP), R4
	MOVD q_base+96(FP), R5
	MOVD inv_base+120(FP), R6
	SPREAD(step+144(FP), F31, V31)
	ZERO(V16)
	FOURS(CONJUGATE4)
	FADDP4(16, 16, 16)
	FADDP4(16, 16, 16)
	FMOVS F16, ret+152(FP)
	RET

#define ADAGRAD4 \
	VLD1   (R1), [V0.S4]       \
	VLD1   (R2), [V1.S4]       \
	VLD1.P 16(R3), [V2.S4]     \
	VFMLA  V2.S4, V2.S4, V1.S4 \
	FADD4(31, 1, 3)            \
	FSQRT4(3, 3)               \
	FMUL4(30, 2, 2)            \
	FDIV4(3, 2, 2)             \
	FSUB4(2, 0, 0)             \
	VST1.P [V0.S4], 16(R1)     \
	VST1.P [V1.S4], 16(R2)

// func adagradNEON(w, acc, g []float32, lr, eps float32)
//
//	for i := range w {
//		acc[i] += g[i] * g[i]
//		w[i] -= lr * g[i] / sqrt(acc[i]+eps)
//	}
TEXT ·adagradNEON(SB), NOSPLIT, $0-80
	MOVD w_base+0(FP), R1
	MOVD w_len+8(FP), R0
	MOVD acc_base+24(FP), R2
	MOVD g_base+48(FP), R3
	SPREAD(lr+72(FP), F30, V30)
	SPREAD(eps+76(FP), F31, V31)
	FOURS(ADAGRAD4)
	RET
