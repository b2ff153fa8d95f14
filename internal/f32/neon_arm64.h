// What the kernels share. All but those of exp_arm64.s work on whole fours of values; stubs_arm64.go
// finishes in Go what is left.
// Comments give the loop in Go terms.

// Instructions that the assembler has no name for, on four values: d = n op m, the order in which it
// takes the operands of those that it knows.
//
//	FADD   Vd.4S, Vn.4S, Vm.4S
//	FSUB   Vd.4S, Vn.4S, Vm.4S
//	FMUL   Vd.4S, Vn.4S, Vm.4S
//	FDIV   Vd.4S, Vn.4S, Vm.4S
//	FADDP  Vd.4S, Vn.4S, Vm.4S       sums of neighbours, first those of n
//	FCMGT  Vd.4S, Vn.4S, Vm.4S       all ones where n > m
//	FMLA   Vd.4S, Vn.4S, Vm.S[lane]  d += n·m[lane]
//	SDOT   Vd.4S, Vn.16B, Vm.16B     d += four products of signed bytes
//	FSQRT  Vd.4S, Vn.4S
//	SCVTF  Vd.4S, Vn.4S              from int32
//	FMAXV  Sd, Vn.4S                 the greatest of n
#define FADD4(m, n, d) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))
#define FSUB4(m, n, d) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define FMUL4(m, n, d) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))
#define FDIV4(m, n, d) WORD $(0x6E20FC00 | (m)<<16 | (n)<<5 | (d))
#define FADDP4(m, n, d) WORD $(0x6E20D400 | (m)<<16 | (n)<<5 | (d))
#define FCMGT4(m, n, d) WORD $(0x6EA0E400 | (m)<<16 | (n)<<5 | (d))
#define FMLA4(lane, m, n, d) WORD $(0x4F801000 | ((lane)&1)<<21 | ((lane)>>1)<<11 | (m)<<16 | (n)<<5 | (d))
#define SDOT4(m, n, d) WORD $(0x4E809400 | (m)<<16 | (n)<<5 | (d))
#define FSQRT4(n, d) WORD $(0x6EA1F800 | (n)<<5 | (d))
#define SCVTF4(n, d) WORD $(0x4E21D800 | (n)<<5 | (d))
#define FMAXV4(n, d) WORD $(0x6E30F800 | (n)<<5 | (d))

#define ZERO(v) VEOR v.B16, v.B16, v.B16

// ZERO16 clears V16 to V31, in which tiles and scores add up.
#define ZERO16 \
	ZERO(V16) \
	ZERO(V17) \
	ZERO(V18) \
	ZERO(V19) \
	ZERO(V20) \
	ZERO(V21) \
	ZERO(V22) \
	ZERO(V23) \
	ZERO(V24) \
	ZERO(V25) \
	ZERO(V26) \
	ZERO(V27) \
	ZERO(V28) \
	ZERO(V29) \
	ZERO(V30) \
	ZERO(V31)

// SPREAD sets the four values of a vector to an argument.
#define SPREAD(arg, f, v) \
	FMOVS arg, f           \
	VDUP  v.S[0], v.S4

// FOURS runs by4 over the R0 values of a vector, four at a time.
#define FOURS(by4) \
	SUBS $4, R0, R0 \
	BLT  done       \
four:               \
	by4             \
	SUBS $4, R0, R0 \
	BGE  four       \
done:

// SIXTEENS runs by16 over the R0 values of a vector, and by4 over what is left.
#define SIXTEENS(by16, by4) \
	SUBS $16, R0, R0 \
	BLT  rest        \
sixteen:             \
	by16             \
	SUBS $16, R0, R0 \
	BGE  sixteen     \
rest:                \
	ADD  $16, R0, R0 \
	FOURS(by4)

// ROW16 and ROW4 add to sums the products of a row's next values with those of x in V0–V3.
#define ROW16(row, a, b, c, d) \
	VLD1.P 64(row), [V4.S4, V5.S4, V6.S4, V7.S4] \
	VFMLA  V0.S4, V4.S4, a.S4                    \
	VFMLA  V1.S4, V5.S4, b.S4                    \
	VFMLA  V2.S4, V6.S4, c.S4                    \
	VFMLA  V3.S4, V7.S4, d.S4

#define ROW4(row, a) \
	VLD1.P 16(row), [V4.S4]   \
	VFMLA  V0.S4, V4.S4, a.S4

// TOTAL adds up the four sums of a row, from V(v) on, into the first; it still holds four values.
#define TOTAL(v) \
	FADD4(v+1, v, v)     \
	FADD4(v+3, v+2, v+2) \
	FADD4(v+2, v, v)
