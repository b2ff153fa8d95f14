package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowAt sets row to the address of row idx[i] of a matrix at a.
func rowAt(row reg.GPVirtual, idx reg.Register, i int, stride reg.GPVirtual, a reg.Register) {
	MOVLQSX(Mem{Base: idx, Disp: 4 * i}, row)
	IMULQ(stride, row)
	ADDQ(a, row)
}

// quadSums returns the sums of four vectors in the lanes of one.
func (s isa) quadSums(v []reg.VecVirtual) reg.VecVirtual {
	pair := func(a, b reg.VecVirtual) reg.VecVirtual {
		lo, hi := s.vec(), s.vec()
		VUNPCKLPS(b, a, lo)
		VUNPCKHPS(b, a, hi)
		VADDPS(hi, lo, lo)
		return lo
	}
	p, q := pair(v[0], v[1]), pair(v[2], v[3])
	even, odd := s.vec(), s.vec()
	VUNPCKLPD(q, p, even)
	VUNPCKHPD(q, p, odd)
	VADDPS(odd, even, even)
	if s.width == 16 {
		half := YMM()
		VEXTRACTF64X4(U8(1), even, half)
		VADDPS(even.AsY(), half, half)
		even = half
	}
	sum := XMM()
	VEXTRACTF128(U8(1), even.AsY(), sum)
	VADDPS(even.AsX(), sum, sum)
	return sum
}

// normalRows reads four rows from memory once: for the product with x, and again, now from the
// first-level cache, to add them to y.
func normalRows(s isa) {
	s.text("normalRows", "func(y, t, a []float32, idx []int32, x []float32, w *float32, alpha, beta float32)",
		"sets t to w·(alpha + beta·⟨row, x⟩) for the rows idx of a, and adds t times the row to y.",
		"The length of idx is a multiple of four.")
	alpha, beta := Load(Param("alpha"), XMM()), Load(Param("beta"), XMM())
	VBROADCASTSS(alpha, alpha)
	VBROADCASTSS(beta, beta)
	y, t := Load(Param("y").Base(), GP64()), Load(Param("t").Base(), GP64())
	a, w := Load(Param("a").Base(), GP64()), Load(Param("w"), GP64())
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	idx, m := Load(Param("idx").Base(), GP64()), Load(Param("idx").Len(), GP64())
	rest := s.tail(n)
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(2), stride)
	rows := []reg.GPVirtual{GP64(), GP64(), GP64(), GP64()}
	Label("rows")
	TESTQ(m, m)
	JZ(LabelRef("end"))
	for i, row := range rows {
		rowAt(row, idx, i, stride, a)
	}
	acc := s.zeros(4)
	s.loopTail("dots", n, rest, func(at access) {
		xv := at.load(x)
		for i, row := range rows {
			if at.tail == nil {
				VFMADD231PS(at.mem(row), xv, acc[i])
			} else {
				VFMADD231PS(at.load(row), xv, acc[i])
			}
		}
	})
	sum := s.quadSums(acc)
	VFMADD213PS(alpha, beta, sum)
	VMULPS(Mem{Base: w}, sum, sum)
	VMOVUPS(sum.AsX(), Mem{Base: t})
	by := s.vecs(4)
	for i := range by {
		lane := sum
		if i > 0 {
			lane = XMM()
			VPERMILPS(U8(uint8(i)*0b01010101), sum, lane)
		}
		VBROADCASTSS(lane.AsX(), by[i])
	}
	s.loopTail("add", n, rest, func(at access) {
		yv := at.load(y)
		for i, row := range rows {
			if at.tail == nil {
				VFMADD231PS(at.mem(row), by[i], yv)
			} else {
				VFMADD231PS(at.load(row), by[i], yv)
			}
		}
		at.store(yv, y)
	})
	for _, p := range []reg.Register{idx, w, t} {
		ADDQ(I8(16), p)
	}
	SUBQ(I8(4), m)
	JMP(LabelRef("rows"))
	Label("end")
	ret()
}
