package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// codeBounds takes 16 vectors at a time, a lane each, four bytes of them in a step: pairs of
// products add up to 16 bits, two of those to 32.
func codeBounds(s isa) {
	s.text("codeBounds", "func(dst []float32, codes *uint8, query []int8, start int32, terms, weights *float32)",
		"is CodeBounds with start for −offset.", "The length of dst is a multiple of 16, that of query of 4.")
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	codes, terms := Load(Param("codes"), GP64()), Load(Param("terms"), GP64())
	query, d := Load(Param("query").Base(), GP64()), Load(Param("query").Len(), GP64())
	weights := Load(Param("weights"), GP64())
	first, ones, w := s.vec(), s.broadcast(0x00010001), s.vecs(3)
	start, err := Param("start").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(start.Addr, first)
	for i, v := range w {
		VBROADCASTSS(Mem{Base: weights, Disp: 4 * i}, v)
	}
	at := GP64()
	Label("block")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	sums := s.vecs(16 / s.width)
	for _, v := range sums {
		VMOVAPS(first, v)
	}
	XORQ(at, at)
	Label("step")
	CMPQ(at, d)
	JGE(LabelRef("bounds"))
	q := s.vec()
	VBROADCASTSS(Mem{Base: query, Index: at, Scale: 1}, q)
	for i, sum := range sums {
		v := s.vec()
		VMOVUPS(Mem{Base: codes, Disp: i * s.bytes()}, v)
		VPMADDUBSW(q, v, v)
		VPMADDWD(ones, v, v)
		VPADDD(v, sum, sum)
	}
	ADDQ(I8(64), codes)
	ADDQ(I8(4), at)
	JMP(LabelRef("step"))
	Label("bounds")
	for i, v := range sums {
		VCVTDQ2PS(v, v)
		VMULPS(w[0], v, v)
		VMULPS(Mem{Base: terms, Disp: i * s.bytes()}, v, v)
		VFMADD231PS(Mem{Base: terms, Disp: 64 + i*s.bytes()}, w[1], v)
		VFMADD231PS(Mem{Base: terms, Disp: 128 + i*s.bytes()}, w[2], v)
		VMOVUPS(v, Mem{Base: dst, Disp: i * s.bytes()})
	}
	ADDQ(I8(64), dst)
	ADDQ(I32(192), terms)
	SUBQ(I8(16), n)
	JMP(LabelRef("block"))
	Label("done")
	ret()
}
