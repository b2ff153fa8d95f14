package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packRows gathers rows, and a second copy times their weights.
func packRows(s isa) {
	s.text("packRows", "func(plain, weighted *float32, ld int, a *float32, d int, idx []int32, w *float32)",
		"copies the rows idx of a (d values each) to plain, and to weighted",
		"times the values of w, padding each with zeros to a multiple of the vector.")
	plain, weighted := Load(Param("plain"), GP64()), Load(Param("weighted"), GP64())
	ld := strideParam("ld")
	a, d := Load(Param("a"), GP64()), Load(Param("d"), GP64())
	idx, m := Load(Param("idx").Base(), GP64()), Load(Param("idx").Len(), GP64())
	w := Load(Param("w"), GP64())
	t := s.tail(d)
	row, at, left, ahead := GP64(), GP64(), GP64(), GP64()
	f := s.vec()

	Label("rows")
	TESTQ(m, m)
	JZ(LabelRef("done"))
	MOVLQSX(Mem{Base: idx}, row)
	IMULQ(d, row)
	LEAQ(Mem{Base: a, Index: row, Scale: 4}, row)
	VBROADCASTSS(Mem{Base: w}, f)
	// Ask for a row some steps before its turn: the gathered rows are rarely in the cache.
	const steps = 8
	LEAQ(Mem{Base: idx, Disp: 4 * steps}, ahead)
	CMPQ(m, I8(steps))
	CMOVQLE(idx, ahead)
	MOVLQSX(Mem{Base: ahead}, ahead)
	IMULQ(d, ahead)
	LEAQ(Mem{Base: a, Index: ahead, Scale: 4}, ahead)
	XORQ(at, at)
	MOVQ(d, left)

	move := func(load func(m Mem, v reg.VecVirtual)) {
		v, x := s.vec(), s.vec()
		load(Mem{Base: row, Index: at, Scale: 1}, v)
		PREFETCHT0(Mem{Base: ahead, Index: at, Scale: 1})
		VMULPS(f, v, x)
		VMOVUPS(v, Mem{Base: plain, Index: at, Scale: 1})
		VMOVUPS(x, Mem{Base: weighted, Index: at, Scale: 1})
	}
	Label("loop")
	CMPQ(left, I32(int32(s.width)))
	JL(LabelRef("tail"))
	move(func(m Mem, v reg.VecVirtual) { VMOVUPS(m, v) })
	ADDQ(I32(int32(s.bytes())), at)
	SUBQ(I32(int32(s.width)), left)
	JMP(LabelRef("loop"))
	Label("tail")
	TESTQ(left, left)
	JZ(LabelRef("next"))
	move(t.load)

	Label("next")
	ADDQ(ld, plain)
	ADDQ(ld, weighted)
	ADDQ(I8(4), idx)
	ADDQ(I8(4), w)
	DECQ(m)
	JMP(LabelRef("rows"))
	Label("done")
	ret()
}

// transpose8 works with AVX2: the shuffles of AVX-512 gain nothing here.
func transpose8() {
	s := avx2
	s.text("transpose8", "func(dst *float32, ldd int, src *float32, lds int, blocks int)",
		"sets dst[j*ldd+i] = src[i*lds+j] for i < 8 and j < 8·blocks,", "j in rising order.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ldd, lds := strideParam("ldd"), strideParam("lds")
	blocks := Load(Param("blocks"), GP64())
	src4, lds3, ldd3 := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: src, Index: lds, Scale: 4}, src4)
	LEAQ(Mem{Base: lds, Index: lds, Scale: 2}, lds3)
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)

	Label("loop")
	TESTQ(blocks, blocks)
	JZ(LabelRef("done"))
	v := s.vecs(8)
	for i := range v {
		VMOVUPS(quadRow(src, src4, lds, lds3, i), v[i])
	}
	// Pairs of rows, then fours, then eights.
	u := s.vecs(8)
	for i := 0; i < 8; i += 2 {
		VUNPCKLPS(v[i+1], v[i], u[i])
		VUNPCKHPS(v[i+1], v[i], u[i+1])
	}
	q := s.vecs(8)
	for i := 0; i < 8; i += 4 {
		VSHUFPS(U8(0x44), u[i+2], u[i], q[i])
		VSHUFPS(U8(0xee), u[i+2], u[i], q[i+1])
		VSHUFPS(U8(0x44), u[i+3], u[i+1], q[i+2])
		VSHUFPS(U8(0xee), u[i+3], u[i+1], q[i+3])
	}
	o := s.vecs(8)
	for i := range 4 {
		VPERM2F128(U8(0x20), q[i+4], q[i], o[i])
		VPERM2F128(U8(0x31), q[i+4], q[i], o[i+4])
	}
	dst4 := GP64()
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst4)
	for i := range o {
		VMOVUPS(o[i], quadRow(dst, dst4, ldd, ldd3, i))
	}
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 8}, dst)
	ADDQ(I8(32), src)
	ADDQ(I8(32), src4)
	DECQ(blocks)
	JMP(LabelRef("loop"))
	Label("done")
	ret()
}

// quadRow addresses row i of eight from the rows 0 and 4 and one and three strides.
func quadRow(base0, base4, ld, ld3 reg.Register, i int) Mem {
	base := base0
	if i >= 4 {
		base = base4
	}
	switch i % 4 {
	case 0:
		return Mem{Base: base}
	case 1:
		return Mem{Base: base, Index: ld, Scale: 1}
	case 2:
		return Mem{Base: base, Index: ld, Scale: 2}
	default:
		return Mem{Base: base, Index: ld3, Scale: 1}
	}
}

// copyPanel copies a strip of a matrix; a call of memmove per row would cost more than the copying.
func copyPanel(s isa, width int) {
	s.text(fmt.Sprintf("copyPanel%d", width), "func(dst, src *float32, lds, k int)",
		fmt.Sprintf("copies k rows of %d values, lds apart, to dst without gaps.", width))
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	lds, k := strideParam("lds"), Load(Param("k"), GP64())
	Label("loop")
	TESTQ(k, k)
	JZ(LabelRef("done"))
	for at := 0; at < width; {
		from, to := Mem{Base: src, Disp: 4 * at}, Mem{Base: dst, Disp: 4 * at}
		switch left := width - at; {
		case left >= s.width:
			v := s.vec()
			VMOVUPS(from, v)
			VMOVUPS(v, to)
			at += s.width
		case left >= 8:
			v := YMM()
			VMOVUPS(from, v)
			VMOVUPS(v, to)
			at += 8
		case left >= 4:
			v := XMM()
			VMOVUPS(from, v)
			VMOVUPS(v, to)
			at += 4
		default:
			v := XMM()
			VMOVSD(from, v)
			VMOVSD(v, to)
			at += 2
		}
	}
	ADDQ(lds, src)
	ADDQ(I32(int32(4*width)), dst)
	DECQ(k)
	JMP(LabelRef("loop"))
	Label("done")
	ret()
}
