//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// More instructions that the assembler has no name for.
//
//	FMAX    Vd.4S, Vn.4S, Vm.4S  NaN if one is
//	FMIN    Vd.4S, Vn.4S, Vm.4S
//	FNEG    Vd.4S, Vn.4S
//	FABS    Vd.4S, Vn.4S
//	FRINTN  Vd.4S, Vn.4S         to the nearest whole number
//	FCVTNS  Vd.4S, Vn.4S         the same, as int32
#define FMAX4(m, n, d) WORD $(0x4E20F400 | (m)<<16 | (n)<<5 | (d))
#define FMIN4(m, n, d) WORD $(0x4EA0F400 | (m)<<16 | (n)<<5 | (d))
#define FNEG4(n, d) WORD $(0x6EA0F800 | (n)<<5 | (d))
#define FABS4(n, d) WORD $(0x4EA0F800 | (n)<<5 | (d))
#define FRINTN4(n, d) WORD $(0x4E218800 | (n)<<5 | (d))
#define FCVTNS4(n, d) WORD $(0x4E21A800 | (n)<<5 | (d))

// STREAM sets the R0 values at R2 to body of those at R1: body replaces V0, and may use V1–V7.
#define STREAM(body) \
	SUBS   $4, R0, R0      \
	BLT    rest            \
four:                      \
	VLD1.P 16(R1), [V0.S4] \
	body                   \
	VST1.P [V0.S4], 16(R2) \
	SUBS   $4, R0, R0      \
	BGE    four            \
rest:                      \
	ADDS   $4, R0, R0      \
	BEQ    done            \
one:                       \
	VLD1.P 4(R1), V0.S[0]  \
	body                   \
	VST1.P V0.S[0], 4(R2)  \
	SUBS   $1, R0, R0      \
	BNE    one             \
done:

// CONSTANTS loads the arguments and what EXP needs: the first twelve values of expTable, and 254 as
// an integer.
#define CONSTANTS \
	MOVD    dst_base+0(FP), R2                            \
	MOVD    x_base+24(FP), R1                             \
	MOVD    x_len+32(FP), R0                              \
	MOVD    table+48(FP), R3                              \
	VLD4R.P 16(R3), [V16.S4, V17.S4, V18.S4, V19.S4]      \
	VLD4R.P 16(R3), [V20.S4, V21.S4, V22.S4, V23.S4]      \
	VLD4R.P 16(R3), [V24.S4, V25.S4, V26.S4, V27.S4]      \
	MOVD    $254, R4                                      \
	VDUP    R4, V28.S4

// HORNER sets p to p·x + term, by way of a copy in to.
#define HORNER(p, x, term, to) \
	VMOV  term.B16, to.B16     \
	VFMLA p.S4, x.S4, to.S4

// EXP replaces V0 by its exponentials.
//
//	x = max(min(x, 89), -104) // past these the result is +Inf or 0
//	n := round(x * log2(e))
//	r := x - n*hi - n*lo      // ln 2 in two parts: n·hi is exact
//	x = 1 + r + r*r*p(r)
//	e := n + 2*127            // 2ⁿ as two factors, since n reaches past the exponents
//	x *= 2^(e/2) * 2^(e-e/2)  // of a normal number
#define EXP \
	FMIN4(16, 0, 0)             \
	FMAX4(17, 0, 0)             \
	FMUL4(18, 0, 1)             \
	FRINTN4(1, 1)               \
	VFMLS V19.S4, V1.S4, V0.S4  \
	VFMLS V20.S4, V1.S4, V0.S4  \
	FCVTNS4(1, 1)               \
	HORNER(V21, V0, V22, V2)    \
	HORNER(V2, V0, V23, V3)     \
	HORNER(V3, V0, V24, V2)     \
	HORNER(V2, V0, V25, V3)     \
	HORNER(V3, V0, V26, V2)     \
	FMUL4(0, 0, 3)              \
	VFMLA V3.S4, V2.S4, V0.S4   \
	FADD4(27, 0, 0)             \
	VADD  V28.S4, V1.S4, V1.S4  \
	VUSHR $1, V1.S4, V2.S4      \
	VSUB  V2.S4, V1.S4, V1.S4   \
	VSHL  $23, V2.S4, V2.S4     \
	VSHL  $23, V1.S4, V1.S4     \
	FMUL4(2, 0, 0)              \
	FMUL4(1, 0, 0)

// func expNEON(dst, x []float32, table *[18]float32)
TEXT ·expNEON(SB), NOSPLIT, $0-56
	CONSTANTS
	STREAM(EXP)
	RET

#define SIGMOID \
	FNEG4(0, 0)     \
	EXP             \
	FADD4(27, 0, 0) \
	FDIV4(0, 27, 0)

// func sigmoidNEON(dst, x []float32, table *[18]float32)
//
//	dst[i] = 1 / (1 + exp(-x[i]))
TEXT ·sigmoidNEON(SB), NOSPLIT, $0-56
	CONSTANTS
	STREAM(SIGMOID)
	RET

// TANH replaces V0, with the rest of expTable in V8–V13 and a sign bit in V14. What V4 has of the sign
// comes last, for that of zero.
#define TANH \
	VMOV  V0.B16, V4.B16           \
	FABS4(0, 5)                    \
	FADD4(5, 5, 0)                 \
	EXP                            \
	FADD4(27, 0, 0)                \
	FADD4(27, 27, 1)               \
	FDIV4(0, 1, 0)                 \
	FSUB4(0, 27, 0)                \
	FMUL4(4, 4, 1)                 \
	HORNER(V8, V1, V9, V2)         \
	HORNER(V2, V1, V10, V3)        \
	HORNER(V3, V1, V11, V2)        \
	HORNER(V2, V1, V12, V3)        \
	FMUL4(4, 1, 1)                 \
	HORNER(V3, V1, V4, V2)         \
	FCMGT4(5, 13, 5)               \
	VBIT  V5.B16, V2.B16, V0.B16   \
	VBIT  V14.B16, V4.B16, V0.B16

// func tanhNEON(dst, x []float32, table *[18]float32)
//
//	dst[i] = 1 - 2/(1+exp(2*|x[i]|))
//	if |x[i]| < small {
//		dst[i] = x[i] + x[i]*x[i]*x[i]*p(x[i]*x[i])
//	}
//	dst[i] = copysign(dst[i], x[i])
TEXT ·tanhNEON(SB), NOSPLIT, $0-56
	CONSTANTS
	VLD4R.P 16(R3), [V8.S4, V9.S4, V10.S4, V11.S4]
	VLD2R   (R3), [V12.S4, V13.S4]
	MOVD    $0x80000000, R4
	VDUP    R4, V14.S4
	STREAM(TANH)
	RET
