package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// overlapRows counts in tiles of 4 by 4 sets: what it loads serves four times, and the sums stay in
// registers until a tile is done.
func overlapRows() {
	s := avx512
	s.text("overlapRows", "func(c *float32, ldc int, a, b *uint64, words, tiles int)",
		"is AddOverlaps for four sets a and four times tiles sets b.", "It needs VPOPCNTDQ; words is a multiple of 8.")
	c, ldc := Load(Param("c"), GP64()), strideParam("ldc")
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	size, tiles := Load(Param("words"), GP64()), Load(Param("tiles"), GP64())
	SHLQ(U8(3), size)
	size3, ldc3, at := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: size, Index: size, Scale: 2}, size3)
	LEAQ(Mem{Base: ldc, Index: ldc, Scale: 2}, ldc3)

	Label("tile")
	TESTQ(tiles, tiles)
	JZ(LabelRef("done"))
	counts := make([][]reg.VecVirtual, 4)
	for r := range counts {
		counts[r] = s.zeros(4)
	}
	XORQ(at, at)
	Label("words")
	CMPQ(at, size)
	JGE(LabelRef("sum"))
	av := s.vecs(4)
	for r, v := range av {
		VMOVDQU64(quadRow(a, nil, size, size3, r), v)
	}
	for j := range 4 {
		bv := s.vec()
		VMOVDQU64(quadRow(b, nil, size, size3, j), bv)
		for r := range av {
			v := s.vec()
			VPANDQ(av[r], bv, v)
			VPOPCNTQ(v, v)
			VPADDQ(v, counts[r][j], counts[r][j])
		}
	}
	ADDQ(I8(64), a)
	ADDQ(I8(64), b)
	ADDQ(I8(64), at)
	JMP(LabelRef("words"))

	Label("sum")
	SUBQ(size, a)
	ADDQ(size3, b) // the first set of the next tile
	for r := 0; r < 4; r += 2 {
		sums := halfSums(quarterSums(counts[r]), quarterSums(counts[r+1]))
		both, second := YMM(), XMM()
		VCVTQQ2PS(sums, both)
		VEXTRACTF128(U8(1), both, second)
		for i, v := range []reg.Register{both.AsX(), second} {
			row := quadRow(c, nil, ldc, ldc3, r+i)
			VADDPS(row, v, v)
			VMOVUPS(v, row)
		}
	}
	ADDQ(I8(16), c)
	DECQ(tiles)
	JMP(LabelRef("tile"))
	Label("done")
	ret()
}

// quarterSums adds up four vectors of 8 integers: the sums of the first two, in two parts, are the
// integers of the lower half of the result, those of the others of the upper half.
func quarterSums(v []reg.VecVirtual) reg.VecVirtual {
	add := func(x, y reg.VecVirtual) reg.VecVirtual {
		lo, hi := ZMM(), ZMM()
		VPUNPCKLQDQ(y, x, lo)
		VPUNPCKHQDQ(y, x, hi)
		VPADDQ(hi, lo, lo)
		return lo
	}
	return addLanes(0x44, 0xee, add(v[0], v[1]), add(v[2], v[3]))
}

// halfSums adds up the parts of two results of quarterSums, which gives eight sums in their order.
func halfSums(x, y reg.VecVirtual) reg.VecVirtual { return addLanes(0x88, 0xdd, x, y) }

// addLanes adds two choices of 128-bit lanes, each two of x and then two of y.
func addLanes(one, other uint8, x, y reg.VecVirtual) reg.VecVirtual {
	a, b := ZMM(), ZMM()
	VSHUFI64X2(U8(one), y, x, a)
	VSHUFI64X2(U8(other), y, x, b)
	VPADDQ(b, a, a)
	return a
}
