package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// codeBounds takes 16 vectors at a time, a lane each, and four bytes of them in a step.
type codeBounds struct {
	isa
	dst, n, codes, terms, query, d, weights reg.Register
	start                                   Mem
}

// text starts the kernel.
func (k *codeBounds) text(name string) {
	TEXT(name, NOSPLIT, "func(dst []float32, codes *uint8, query []int8, start int32, terms, weights *float32)")
	Pragma("noescape")
	Doc(name+" is CodeBounds with start for −offset.", "The length of dst is a multiple of 16, that of query of 4.")
	k.dst, k.n = Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	k.codes, k.terms = Load(Param("codes"), GP64()), Load(Param("terms"), GP64())
	k.query, k.d = Load(Param("query").Base(), GP64()), Load(Param("query").Len(), GP64())
	k.weights = Load(Param("weights"), GP64())
	start, err := Param("start").Resolve()
	if err != nil {
		panic(err)
	}
	k.start = start.Addr
}

// blocks emits the loop; sum returns what it has emitted the sums of a block in.
func (k *codeBounds) blocks(sum func() []reg.VecVirtual) {
	w := k.vecs(3)
	for i, v := range w {
		VBROADCASTSS(Mem{Base: k.weights, Disp: 4 * i}, v)
	}
	Label("block")
	TESTQ(k.n, k.n)
	JZ(LabelRef("done"))
	for i, v := range sum() {
		at := i * k.bytes()
		VCVTDQ2PS(v, v)
		VMULPS(w[0], v, v)
		VMULPS(Mem{Base: k.terms, Disp: at}, v, v)
		VFMADD231PS(Mem{Base: k.terms, Disp: 64 + at}, w[1], v)
		VFMADD231PS(Mem{Base: k.terms, Disp: 128 + at}, w[2], v)
		VMOVUPS(v, Mem{Base: k.dst, Disp: at})
	}
	ADDQ(I8(64), k.dst)
	ADDQ(I32(192), k.terms)
	SUBQ(I8(16), k.n)
	JMP(LabelRef("block"))
	Label("done")
	ret()
}

// codeBoundsAVX2 adds pairs of products up to 16 bits, and two of those to 32.
func codeBoundsAVX2() {
	k := &codeBounds{isa: avx2}
	k.text("codeBoundsAVX2")
	first, ones, at := k.vec(), k.broadcast(0x00010001), GP64()
	VBROADCASTSS(k.start, first)
	k.blocks(func() []reg.VecVirtual {
		sums := k.vecs(2)
		for _, v := range sums {
			VMOVAPS(first, v)
		}
		XORQ(at, at)
		Label("step")
		CMPQ(at, k.d)
		JGE(LabelRef("bounds"))
		q := k.vec()
		VBROADCASTSS(Mem{Base: k.query, Index: at, Scale: 1}, q)
		for i, sum := range sums {
			v := k.vec()
			VMOVUPS(Mem{Base: k.codes, Disp: i * k.bytes()}, v)
			VPMADDUBSW(q, v, v)
			VPMADDWD(ones, v, v)
			VPADDD(v, sum, sum)
		}
		ADDQ(I8(64), k.codes)
		ADDQ(I8(4), at)
		JMP(LabelRef("step"))
		Label("bounds")
		return sums
	})
}

// codeBoundsVNNI has one instruction for the products and both additions. Its sums are chains, as
// it takes four cycles.
func codeBoundsVNNI() {
	k := &codeBounds{isa: avx512}
	k.text("codeBoundsVNNI")
	first, at, left := k.vec(), GP64(), GP64()
	VBROADCASTSS(k.start, first)
	k.blocks(func() []reg.VecVirtual {
		sums := k.vecs(chains)
		VMOVAPS(first, sums[0])
		for _, v := range sums[1:] {
			VXORPS(v, v, v)
		}
		step := func(c int) {
			v := k.vec()
			VMOVUPS(Mem{Base: k.codes, Disp: c * k.bytes()}, v)
			VPDPBUSD_BCST(Mem{Base: k.query, Index: at, Scale: 1, Disp: 4 * c}, v, sums[c])
		}
		XORQ(at, at)
		MOVQ(k.d, left)
		Label("step4")
		SUBQ(I8(4*chains), left)
		JL(LabelRef("rest"))
		for c := range chains {
			step(c)
		}
		ADDQ(I32(int32(chains*k.bytes())), k.codes)
		ADDQ(I8(4*chains), at)
		JMP(LabelRef("step4"))
		Label("rest")
		ADDQ(I8(4*chains), left)
		Label("step1")
		SUBQ(I8(4), left)
		JL(LabelRef("bounds"))
		step(0)
		ADDQ(I8(64), k.codes)
		ADDQ(I8(4), at)
		JMP(LabelRef("step1"))
		Label("bounds")
		VPADDD(sums[1], sums[0], sums[0])
		VPADDD(sums[3], sums[2], sums[2])
		VPADDD(sums[2], sums[0], sums[0])
		return sums[:1]
	})
}
