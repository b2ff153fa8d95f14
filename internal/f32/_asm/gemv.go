package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowsAtOnce is how many rows of a matrix share the loads of the vector; each has its own
// chains, so the registers set the limit.
func (s isa) rowsAtOnce() int {
	if s.width == 16 {
		return 4
	}
	return 2
}

// storeSums writes the sums of rowsAtOnce rows.
func (s isa) storeSums(sums []reg.VecVirtual, dst reg.Register) {
	if s.rowsAtOnce() == 4 {
		VMOVUPS(sums[0].AsX(), Mem{Base: dst})
	} else {
		VMOVLPS(sums[0].AsX(), Mem{Base: dst})
	}
	ADDQ(I8(int8(4*s.rowsAtOnce())), dst)
}

func gemv(s isa) {
	r := s.rowsAtOnce()
	s.text("gemv", "func(dst, a []float32, lda int, x []float32)",
		"multiplies the rows of a, lda apart, by x.", "The length of dst is a multiple of four.")
	dst, m := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	a, x, n := Load(Param("a").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	t := s.tail(n)
	stride := strideParam("lda")
	rows := make([]reg.GPVirtual, r)
	for i := range rows {
		rows[i] = GP64()
	}
	MOVQ(a, rows[0])
	Label("rows")
	CMPQ(m, I32(int32(r)))
	JL(LabelRef("done"))
	for i := 1; i < r; i++ {
		LEAQ(Mem{Base: rows[i-1], Index: stride, Scale: 1}, rows[i])
	}
	s.storeSums(s.dots("dots", rows, x.(reg.GPVirtual), n.(reg.GPVirtual), t), dst)
	LEAQ(Mem{Base: rows[r-1], Index: stride, Scale: 1}, rows[0])
	SUBQ(I32(int32(r)), m)
	JMP(LabelRef("rows"))
	Label("done")
	ret()
}

// gemvParts reads a matrix in several places at once: from memory they come faster than one.
func gemvParts(s isa) {
	r := s.rowsAtOnce()
	s.text("gemvParts", "func(dst, a *float32, m, lda int, x []float32)",
		fmt.Sprintf("multiplies a matrix of %d·m rows, lda apart, by x, one of each m rows at a time.", r))
	dst, a, m := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("m"), GP64())
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	t := s.tail(n)
	stride, apart := strideParam("lda"), GP64()
	MOVQ(m, apart)
	IMULQ(stride, apart)
	rows, to := make([]reg.GPVirtual, r), make([]reg.GPVirtual, r)
	for i := range rows {
		rows[i], to[i] = GP64(), GP64()
		if i == 0 {
			MOVQ(a, rows[0])
			MOVQ(dst, to[0])
			continue
		}
		LEAQ(Mem{Base: rows[i-1], Index: apart, Scale: 1}, rows[i])
		LEAQ(Mem{Base: to[i-1], Index: m, Scale: 4}, to[i])
	}
	Label("rows")
	TESTQ(m, m)
	JZ(LabelRef("done"))
	sums := s.dots("dots", rows, x.(reg.GPVirtual), n.(reg.GPVirtual), t)
	for i := range rows {
		VEXTRACTPS(U8(uint8(i)), sums[0].AsX(), Mem{Base: to[i]})
		ADDQ(I8(4), to[i])
		ADDQ(stride, rows[i])
	}
	DECQ(m)
	JMP(LabelRef("rows"))
	Label("done")
	ret()
}

func gemvRows(s isa) {
	r := s.rowsAtOnce()
	s.text("gemvRows", "func(dst, a []float32, idx []int32, x []float32)",
		"multiplies the rows idx of a by x.", "The length of idx is a multiple of four.")
	dst := Load(Param("dst").Base(), GP64())
	a, x, n := Load(Param("a").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	idx, m := Load(Param("idx").Base(), GP64()), Load(Param("idx").Len(), GP64())
	t := s.tail(n)
	stride := GP64()
	MOVQ(n, stride)
	SHLQ(U8(2), stride)
	rows := make([]reg.GPVirtual, r)
	for i := range rows {
		rows[i] = GP64()
	}
	Label("rows")
	CMPQ(m, I32(int32(r)))
	JL(LabelRef("done"))
	for i := range r {
		MOVLQSX(Mem{Base: idx, Disp: 4 * i}, rows[i])
		IMULQ(stride, rows[i])
		ADDQ(a, rows[i])
	}
	s.storeSums(s.dots("dots", rows, x.(reg.GPVirtual), n.(reg.GPVirtual), t), dst)
	ADDQ(I8(int8(4*r)), idx)
	SUBQ(I32(int32(r)), m)
	JMP(LabelRef("rows"))
	Label("done")
	ret()
}
