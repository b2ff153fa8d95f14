package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// chains is how many sums a dot product keeps apart, so that an addition need not wait for
// the one before it.
const chains = 4

// dots emits the dot products of rows with x over n values and leaves the sums in lane 0 of
// the returned registers, or, for four rows, in the lanes of one. The order of the additions is
// the same for any number of rows: Gemv and Dot agree to the last bit.
func (s isa) dots(label string, rows []reg.GPVirtual, x, n reg.GPVirtual, t tail) []reg.VecVirtual {
	acc := make([][]reg.VecVirtual, len(rows))
	for r := range acc {
		acc[r] = s.zeros(chains)
	}
	at, left := GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, left)
	mem := func(base reg.GPVirtual, disp int) Mem {
		return Mem{Base: base, Index: at, Scale: 1, Disp: disp}
	}
	step := func(c, disp int) {
		xv := s.vec()
		VMOVUPS(mem(x, disp), xv)
		for r, row := range rows {
			VFMADD231PS(mem(row, disp), xv, acc[r][c])
		}
	}

	Label(label + "4")
	CMPQ(left, I32(int32(chains*s.width)))
	JL(LabelRef(label + "1"))
	for c := range chains {
		step(c, c*s.bytes())
	}
	ADDQ(I32(int32(chains*s.bytes())), at)
	SUBQ(I32(int32(chains*s.width)), left)
	JMP(LabelRef(label + "4"))

	Label(label + "1")
	CMPQ(left, I32(int32(s.width)))
	JL(LabelRef(label + "tail"))
	step(0, 0)
	ADDQ(I32(int32(s.bytes())), at)
	SUBQ(I32(int32(s.width)), left)
	JMP(LabelRef(label + "1"))

	Label(label + "tail")
	TESTQ(t.rest, t.rest)
	JZ(LabelRef(label + "sum"))
	xv := s.vec()
	t.load(mem(x, 0), xv)
	for r, row := range rows {
		rv := s.vec()
		t.load(mem(row, 0), rv)
		VFMADD231PS(rv, xv, acc[r][0])
	}

	Label(label + "sum")
	quads := make([]reg.VecVirtual, len(rows))
	for r := range rows {
		VADDPS(acc[r][1], acc[r][0], acc[r][0])
		VADDPS(acc[r][3], acc[r][2], acc[r][2])
		VADDPS(acc[r][2], acc[r][0], acc[r][0])
		sum := acc[r][0]
		if s.width == 16 {
			half := YMM()
			VEXTRACTF64X4(U8(1), sum, half)
			VADDPS(half, sum.AsY(), half)
			sum = half
		}
		quads[r] = XMM()
		VEXTRACTF128(U8(1), sum.AsY(), quads[r])
		VADDPS(sum.AsX(), quads[r], quads[r])
	}
	// Lanes 0+2 and 1+3 of each row, then the sum of the two.
	if len(rows) == 1 {
		q, h := quads[0], XMM()
		VMOVHLPS(q, q, h)
		VADDPS(h, q, q)
		VMOVSHDUP(q, h)
		VADDSS(h, q, q)
		return quads
	}
	pair := make([]reg.VecVirtual, 0, 2)
	for r := 0; r < len(rows); r += 2 {
		lo, hi := XMM(), XMM()
		VUNPCKLPS(quads[r+1], quads[r], lo)
		VUNPCKHPS(quads[r+1], quads[r], hi)
		VADDPS(hi, lo, lo)
		pair = append(pair, lo)
	}
	if len(pair) == 1 {
		pair = append(pair, pair[0])
	}
	even, odd := XMM(), XMM()
	VMOVLHPS(pair[1], pair[0], even)
	VMOVHLPS(pair[0], pair[1], odd)
	VADDPS(odd, even, even)
	return []reg.VecVirtual{even}
}

func dot(s isa) {
	s.text("dot", "func(x, y []float32) float32",
		"returns the dot product of x and the first len(x) values of y.")
	x, n, y := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64()), Load(Param("y").Base(), GP64())
	sum := s.dots("dot", []reg.GPVirtual{y.(reg.GPVirtual)}, x.(reg.GPVirtual), n.(reg.GPVirtual), s.tail(n))
	VZEROUPPER()
	Store(sum[0].AsX(), ReturnIndex(0))
	RET()
}

// stream is a loop that ends the kernel.
func (s isa) stream(n reg.Register, body func(a access)) {
	s.loopTail("loop", n, s.tail(n), body)
	ret()
}

// loopTail emits a loop over n values in blocks of four vectors, then single vectors, then a
// tail. body is given the vectors of one round and reads and writes through the
// access it is handed.
func (s isa) loopTail(label string, n reg.Register, t tail, body func(a access)) {
	at, left := GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, left)
	for _, unroll := range []int{4, 1} {
		Label(fmt.Sprintf("%s%d", label, unroll))
		CMPQ(left, I32(int32(unroll*s.width)))
		if unroll == 4 {
			JL(LabelRef(label + "1"))
		} else {
			JL(LabelRef(label + "tail"))
		}
		for u := range unroll {
			body(access{s: s, at: at, disp: u * s.bytes()})
		}
		ADDQ(I32(int32(unroll*s.bytes())), at)
		SUBQ(I32(int32(unroll*s.width)), left)
		JMP(LabelRef(fmt.Sprintf("%s%d", label, unroll)))
	}
	Label(label + "tail")
	TESTQ(left, left)
	JZ(LabelRef(label + "done"))
	body(access{s: s, at: at, tail: &t})
	Label(label + "done")
}

// access is one vector's place in a stream.
type access struct {
	s    isa
	at   reg.GPVirtual
	disp int
	tail *tail
}

func (a access) mem(base reg.Register) Mem {
	return Mem{Base: base, Index: a.at, Scale: 1, Disp: a.disp}
}

func (a access) load(base reg.Register) reg.VecVirtual {
	v := a.s.vec()
	if a.tail != nil {
		a.tail.load(a.mem(base), v)
	} else {
		VMOVUPS(a.mem(base), v)
	}
	return v
}

func (a access) store(v reg.VecVirtual, base reg.Register) {
	if a.tail != nil {
		a.tail.store(v, a.mem(base))
	} else {
		VMOVUPS(v, a.mem(base))
	}
}

func axpy(s isa) {
	s.text("axpy", "func(alpha float32, x, y []float32)", "adds alpha·x to y, len(x) values.")
	alpha := s.broadcastParam("alpha")
	x, n, y := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64()), Load(Param("y").Base(), GP64())
	s.stream(n, func(a access) {
		xv, yv := a.load(x), a.load(y)
		VFMADD231PS(xv, alpha, yv)
		a.store(yv, y)
	})
}

func scale(s isa) {
	s.text("scale", "func(alpha float32, x []float32)", "multiplies x by alpha.")
	alpha := s.broadcastParam("alpha")
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	s.stream(n, func(a access) {
		xv := a.load(x)
		VMULPS(alpha, xv, xv)
		a.store(xv, x)
	})
}

func add(s isa) {
	s.text("add", "func(dst, x []float32)", "adds x to dst, len(x) values.")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	s.stream(n, func(a access) {
		xv, dv := a.load(x), a.load(dst)
		VADDPS(xv, dv, dv)
		a.store(dv, dst)
	})
}

func mul(s isa) {
	s.text("mul", "func(dst, x []float32)", "multiplies dst by x, len(x) values.")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	s.stream(n, func(a access) {
		xv, dv := a.load(x), a.load(dst)
		VMULPS(xv, dv, dv)
		a.store(dv, dst)
	})
}

func mulAdd(s isa) {
	s.text("mulAdd", "func(dst, x, y []float32)", "adds x times y to dst, len(x) values.")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	y := Load(Param("y").Base(), GP64())
	s.stream(n, func(a access) {
		xv, yv, dv := a.load(x), a.load(y), a.load(dst)
		VFMADD231PS(yv, xv, dv)
		a.store(dv, dst)
	})
}

// axpy4 reads and writes y once for four vectors.
func axpy4(s isa) {
	s.text("axpy4", "func(y []float32, x0, x1, x2, x3, w *float32)",
		"adds to y the vectors x0 to x3 times the four values at w.")
	y, n := Load(Param("y").Base(), GP64()), Load(Param("y").Len(), GP64())
	var x [4]reg.Register
	w, by := Load(Param("w"), GP64()), s.vecs(4)
	for i := range x {
		x[i] = Load(Param(fmt.Sprintf("x%d", i)), GP64())
		VBROADCASTSS(Mem{Base: w, Disp: 4 * i}, by[i])
	}
	s.stream(n, func(a access) {
		yv := a.load(y)
		for i := range x {
			VFMADD231PS(a.load(x[i]), by[i], yv)
		}
		a.store(yv, y)
	})
}
