package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func maximum(s isa) {
	s.text("max", "func(x []float32) float32",
		"returns the greatest of the whole vectors of x, or -Inf; it passes over NaN.")
	// As the second source of max the old value survives a NaN.
	m := s.reduce(float32(math.Inf(-1)), func(v, acc reg.VecVirtual) { VMAXPS(acc, v, acc) })
	Store(m, ReturnIndex(0))
	RET()
}

func sum(s isa) {
	s.text("sum", "func(x []float32) float32", "returns the sum of the whole vectors of x.")
	m := s.reduce(0, func(v, acc reg.VecVirtual) { VADDPS(acc, v, acc) })
	Store(m, ReturnIndex(0))
	RET()
}

func maxIndex(s isa) {
	s.text("maxIndex", "func(x []int32) uint32",
		"returns the greatest of the whole vectors of x, taken as unsigned numbers, or 0.")
	q, m := s.reduce(0, func(v, acc reg.VecVirtual) { VPMAXUD(v, acc, acc) }), GP32()
	VMOVD(q, m)
	Store(m, ReturnIndex(0))
	RET()
}

// reduce emits the reduction of the whole vectors of x by combine, which
// combines its first argument into the second, and returns where the result is.
func (s isa) reduce(start float32, combine func(v, acc reg.VecVirtual)) reg.VecVirtual {
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	acc := s.vecs(chains)
	for i := range acc {
		VBROADCASTSS(scalar(math.Float32bits(start)), acc[i])
	}
	take := func(c, disp int) {
		v := s.vec()
		VMOVUPS(Mem{Base: x, Disp: disp}, v)
		combine(v, acc[c])
	}
	Label("loop4")
	CMPQ(n, I32(int32(chains*s.width)))
	JL(LabelRef("loop1"))
	for c := range chains {
		take(c, c*s.bytes())
	}
	ADDQ(I32(int32(chains*s.bytes())), x)
	SUBQ(I32(int32(chains*s.width)), n)
	JMP(LabelRef("loop4"))
	Label("loop1")
	CMPQ(n, I32(int32(s.width)))
	JL(LabelRef("done"))
	take(0, 0)
	ADDQ(I32(int32(s.bytes())), x)
	SUBQ(I32(int32(s.width)), n)
	JMP(LabelRef("loop1"))
	Label("done")
	combine(acc[1], acc[0])
	combine(acc[3], acc[2])
	combine(acc[2], acc[0])
	m := acc[0]
	if s.width == 16 {
		half := YMM()
		VEXTRACTF64X4(U8(1), m, half)
		combine(m.AsY().(reg.VecVirtual), half)
		m = half
	}
	q, h := XMM(), XMM()
	VEXTRACTF128(U8(1), m.AsY(), q)
	combine(m.AsX().(reg.VecVirtual), q)
	VMOVHLPS(q, q, h)
	combine(h, q)
	VMOVSHDUP(q, h)
	combine(h, q)
	VZEROUPPER()
	return q
}

func findGreater(s isa) {
	s.text("findGreater", "func(x []float32, t float32) int",
		"returns the start of the first block of four whole vectors of x that", "holds a value above t, or the end of the last block.")
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	t := s.broadcastParam("t")
	at := GP64()
	XORQ(at, at)
	block := chains * s.width
	ANDQ(I32(int32(-block)), n)
	Label("loop")
	CMPQ(at, n)
	JGE(LabelRef("done"))
	mem := func(c int) Mem { return Mem{Base: x, Index: at, Scale: 4, Disp: c * s.bytes()} }
	const lessOrdered = 17 // t < x, false for a NaN
	if s.width == 16 {
		ks := []reg.OpmaskVirtual{K(), K(), K(), K()}
		for c, k := range ks {
			VCMPPS(U8(lessOrdered), mem(c), t, k)
		}
		KORW(ks[0], ks[1], ks[0])
		KORW(ks[2], ks[3], ks[2])
		KORTESTW(ks[0], ks[2])
	} else {
		vs := s.vecs(chains)
		for c, v := range vs {
			VCMPPS(U8(lessOrdered), mem(c), t, v)
		}
		VORPS(vs[0], vs[1], vs[0])
		VORPS(vs[2], vs[3], vs[2])
		VORPS(vs[0], vs[2], vs[0])
		VTESTPS(vs[0], vs[0])
	}
	JNZ(LabelRef("done"))
	ADDQ(I32(int32(block)), at)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	Store(at, ReturnIndex(0))
	RET()
}

func atLeast(s isa) {
	s.text("atLeast", "func(dst []uint64, x *float32, t float32)", "sets the bits of dst where 64 values of x each are t or more.")
	const lessEqualOrdered = 18 // t ≤ x, false for a NaN
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	x, t := Load(Param("x"), GP64()), s.broadcastParam("t")
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	if s.width == 16 {
		ks := []reg.OpmaskVirtual{K(), K(), K(), K()}
		for c, k := range ks {
			VCMPPS(U8(lessEqualOrdered), Mem{Base: x, Disp: c * s.bytes()}, t, k)
		}
		KUNPCKWD(ks[0], ks[1], ks[0])
		KUNPCKWD(ks[2], ks[3], ks[2])
		KUNPCKDQ(ks[0], ks[2], ks[0])
		KMOVQ(ks[0], Mem{Base: dst})
	} else {
		word := GP64()
		XORQ(word, word)
		for c := 7; c >= 0; c-- {
			v, bits := s.vec(), GP32()
			VCMPPS(U8(lessEqualOrdered), Mem{Base: x, Disp: c * s.bytes()}, t, v)
			VMOVMSKPS(v, bits)
			SHLQ(U8(8), word)
			ORQ(bits.As64(), word)
		}
		MOVQ(word, Mem{Base: dst})
	}
	ADDQ(I8(8), dst)
	ADDQ(I32(256), x)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	ret()
}
