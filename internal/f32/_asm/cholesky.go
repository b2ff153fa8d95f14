package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The factorization works on the upper factor u = lᵀ, whose rows are vectors, in bands of
// as many rows as a vector has lanes.

// subtractRow emits row -= u[at]·by, at being a scalar in memory.
func (s isa) subtractRow(at Mem, by, row reg.VecVirtual) {
	if s.width == 16 {
		VFNMADD231PS_BCST(at, by, row)
		return
	}
	v := s.vec()
	VBROADCASTSS(at, v)
	VFNMADD231PS(v, by, row)
}

// cholTile factors a diagonal tile in registers.
func cholTile(s isa) {
	w := s.width
	s.text("cholTile", "func(u *float32, ldu int, tile, inv *float32) bool",
		"factors the square tile at u, one vector wide, into uᵀ·u, in place",
		"and to tile without gaps between rows; what is left of the diagonal becomes garbage. It sets",
		"inv to the reciprocals of the diagonal, and returns false at a pivot that is not positive.")
	u, ldu := Load(Param("u"), GP64()), strideParam("ldu")
	tile, inv := Load(Param("tile"), GP64()), Load(Param("inv"), GP64())
	rows := s.vecs(w)
	at := GP64()
	MOVQ(u, at)
	for _, r := range rows {
		VMOVUPS(Mem{Base: at}, r)
		ADDQ(ldu, at)
	}
	one, zero := XMM(), XMM()
	VMOVSS(scalar(0x3f800000), one)
	VXORPS(zero, zero, zero)
	for k, row := range rows {
		here := Mem{Base: tile, Disp: 4 * w * k}
		VMOVUPS(row, here)
		pivot, recip, by := XMM(), XMM(), s.vec()
		VMOVSS(here.Offset(4*k), pivot)
		VUCOMISS(zero, pivot) // an unordered comparison sets the flags of "below" too
		JBE(LabelRef("fail"))
		// The rows below wait for one division only, not for the root: they take row·row[i]/pivot.
		VDIVSS(pivot, one, recip)
		VBROADCASTSS(recip, by)
		VMULPS(by, row, by)
		for i := k + 1; i < w; i++ {
			s.subtractRow(here.Offset(4*i), by, rows[i])
		}
		VSQRTSS(pivot, pivot, pivot)
		VDIVSS(pivot, one, recip)
		VMOVSS(recip, Mem{Base: inv, Disp: 4 * k})
		VBROADCASTSS(recip, by)
		VMULPS(by, row, row)
		VMOVUPS(row, here)
		VMOVUPS(row, Mem{Base: u})
		VMOVSS(pivot, Mem{Base: u, Disp: 4 * k})
		ADDQ(ldu, u)
	}
	ok := GP8()
	MOVB(U8(1), ok)
	VZEROUPPER()
	Store(ok, ReturnIndex(0))
	RET()
	Label("fail")
	MOVB(U8(0), ok)
	VZEROUPPER()
	Store(ok, ReturnIndex(0))
	RET()
}

// solveTiles solves for the rest of a band.
func solveTiles(s isa) {
	w := s.width
	s.text("solveTiles", "func(tile, inv, x *float32, ldx, n int)",
		"sets x, a band of n square tiles side by side, to tile⁻ᵀ·x",
		"for the tile and inv of cholTile.")
	tile, inv := Load(Param("tile"), GP64()), Load(Param("inv"), GP64())
	x, ldx, n := Load(Param("x"), GP64()), strideParam("ldx"), Load(Param("n"), GP64())
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	rows := s.vecs(w)
	at := GP64()
	MOVQ(x, at)
	for _, r := range rows {
		VMOVUPS(Mem{Base: at}, r)
		ADDQ(ldx, at)
	}
	MOVQ(x, at)
	for k, row := range rows {
		f := s.vec()
		VBROADCASTSS(Mem{Base: inv, Disp: 4 * k}, f)
		VMULPS(f, row, row)
		VMOVUPS(row, Mem{Base: at})
		ADDQ(ldx, at)
		for i := k + 1; i < w; i++ {
			s.subtractRow(Mem{Base: tile, Disp: 4 * (w*k + i)}, row, rows[i])
		}
	}
	ADDQ(I32(int32(s.bytes())), x)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	ret()
}
