package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// skipGramAhead is how many steps ahead rows are fetched.
const skipGramAhead = 2

// skipGram goes over the rows of a step twice: for the products, four at a time, and, now from the
// first-level cache, to move them. Meanwhile the rows of a later step are on their way.
func skipGram(s isa) {
	s.text("skipGram", "func(input, output *float32, d int, inputs, targets *int32, n, t int, scratch *float32, rate float32, product *float32, exponents *int32)",
		"takes n steps of a SkipGram with t targets each. It needs t values of scratch, rounded up to a",
		"multiple of four.")
	input, target := Load(Param("inputs"), GP64()).(reg.GPVirtual), Load(Param("targets"), GP64()).(reg.GPVirtual)
	d, g := Load(Param("d"), GP64()), Load(Param("scratch"), GP64())
	stride, rest := GP64(), s.tail(d)
	MOVQ(d, stride)
	SHLQ(U8(2), stride)
	row := func(to reg.GPVirtual, idx Mem, matrix string) {
		MOVLQSX(idx, to)
		IMULQ(stride, to)
		ADDQ(param(matrix), to)
	}

	Label("step")
	v := GP64()
	row(v, Mem{Base: input}, "input")
	context, first, i := XMM(), XMM(), GP64()
	VPBROADCASTD(Mem{Base: target}, context)
	VMOVDQU(firstLane(), first)
	XORQ(i, i)
	Label("products")
	left := GP64()
	MOVQ(param("t"), left)
	SUBQ(i, left)
	for _, count := range []int{4, 3, 2, 1} {
		// What is less than four comes last.
		next := fmt.Sprintf("below%d", count)
		CMPQ(left, I8(int8(count)))
		JL(LabelRef(next))
		rows, idx := make([]reg.GPVirtual, count), XMM()
		for r := range rows {
			rows[r] = GP64()
			row(rows[r], Mem{Base: target, Index: i, Scale: 4, Disp: 4 * r}, "output")
		}
		x := s.fewDots(fmt.Sprintf("dots%d", count), rows, v, d, rest)
		// Lanes without a target hold the context, which is no negative.
		if count == 4 {
			VMOVDQU(Mem{Base: target, Index: i, Scale: 4}, idx)
		} else {
			VMOVDQA(context, idx)
			for r := range rows {
				VPINSRD(U8(uint8(r)), Mem{Base: target, Index: i, Scale: 4, Disp: 4 * r}, idx, idx)
			}
		}
		gradient(x, idx, context, first, Mem{Base: g, Index: i, Scale: 4})
		if count == 4 {
			VPXOR(first, first, first)
			ADDQ(I8(4), i)
			JMP(LabelRef("products"))
		} else {
			JMP(LabelRef("move"))
		}
		Label(next)
	}

	Label("move")
	// The last step stands in for those behind it.
	later, laterTarget, steps := GP64(), GP64(), GP64()
	MOVQ(param("n"), steps)
	DECQ(steps)
	MOVQ(I32(skipGramAhead), later)
	CMPQ(steps, later)
	CMOVQLE(steps, later)
	MOVQ(param("t"), laterTarget)
	IMULQ(later, laterTarget)
	LEAQ(Mem{Base: target, Index: laterTarget, Scale: 4}, laterTarget)
	row(later, Mem{Base: input, Index: later, Scale: 4}, "input")
	at, todo := GP64(), GP64()
	XORQ(at, at)
	MOVQ(d, todo)
	strips := []int{8, 7, 4, 2, 1}
	if s.width < 16 {
		strips = []int{8, 4, 2, 1}
	}
	for _, count := range strips {
		Label(fmt.Sprintf("strip%d", count))
		CMPQ(todo, I32(int32(count*s.width)))
		JL(LabelRef(fmt.Sprintf("after%d", count)))
		parts := make([]access, count)
		for p := range parts {
			parts[p] = access{s: s, at: at, disp: p * s.bytes()}
		}
		s.moveStrip(fmt.Sprint(count), parts, v, later, target, laterTarget, g, row)
		ADDQ(I32(int32(count*s.bytes())), at)
		SUBQ(I32(int32(count*s.width)), todo)
		JMP(LabelRef(fmt.Sprintf("strip%d", count)))
		Label(fmt.Sprintf("after%d", count))
	}
	TESTQ(todo, todo)
	JZ(LabelRef("moved"))
	s.moveStrip("tail", []access{{s: s, at: at, tail: &rest}}, v, later, target, laterTarget, g, row)
	Label("moved")
	t := GP64()
	MOVQ(param("t"), t)
	LEAQ(Mem{Base: target, Index: t, Scale: 4}, target)
	ADDQ(I8(4), input)
	DECQ(param("n"))
	JNZ(LabelRef("step"))
	ret()
}

// param is a parameter where it lies, for kernels that need more of them than there are registers.
func param(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

var firstLaneTable Mem

// firstLane holds ones in the first of four lanes.
func firstLane() Mem {
	if firstLaneTable.Symbol.Name == "" {
		firstLaneTable = GLOBL("firstLane", 24)
		for i := range 4 {
			DATA(4*i, U32(map[bool]uint32{true: 0xffffffff}[i == 0]))
		}
	}
	return firstLaneTable
}

// fewDots returns the dot products of one to four rows with x in the lanes of one register, the
// other lanes zero.
func (s isa) fewDots(label string, rows []reg.GPVirtual, x, n reg.Register, rest tail) reg.VecVirtual {
	// Eight sums are enough that no addition waits for the one before it.
	each := map[int]int{1: 4, 2: 4, 3: 2, 4: 2}[len(rows)]
	acc := make([][]reg.VecVirtual, len(rows))
	for r := range acc {
		acc[r] = s.zeros(each)
	}
	s.loopTail(label, n, rest, func(a access) {
		xv := a.load(x)
		for r, row := range rows {
			sum := acc[r][a.disp/s.bytes()%each]
			if a.tail == nil {
				VFMADD231PS(a.mem(row), xv, sum)
			} else {
				VFMADD231PS(a.load(row), xv, sum)
			}
		}
	})
	sums := s.vecs(4)
	for r := range sums {
		if r >= len(rows) {
			VXORPS(sums[r], sums[r], sums[r])
			continue
		}
		for n := each; n > 1; n /= 2 {
			for i := range n / 2 {
				VADDPS(acc[r][i+n/2], acc[r][i], acc[r][i])
			}
		}
		sums[r] = acc[r][0]
	}
	return s.quadSums(sums)
}

// quads are constants already written to the data section, by their bits.
var quads = map[uint32]Mem{}

// quad returns a memory operand that holds a constant four times.
func quad(bits uint32) Mem {
	m, ok := quads[bits]
	if !ok {
		m = GLOBL(fmt.Sprintf("quad_%08x", bits), 24) // RODATA|NOPTR
		for i := range 4 {
			DATA(4*i, U32(bits))
		}
		quads[bits] = m
	}
	return m
}

// oddsBits bounds the odds by 2^±oddsBits, so that their product with a number below 2 is one of a
// float32's exponents.
const oddsBits = 125

// gradient turns the products of four targets idx with the input row into by how much each moves
// along that row, stores it, and multiplies the odds against what was observed into their product.
// first marks the lane of the context.
func gradient(products, idx, context, first reg.VecVirtual, to Mem) {
	constant := func(v float64) Mem { return quad(math.Float32bits(float32(v))) }
	const sign, infinity = 0x80000000, 0x7f800000
	x, flip, n, odds := products.AsX(), XMM(), XMM(), XMM()
	VPAND(quad(sign), first, flip)
	VPXOR(flip, x, x)
	// The odds eˣ as 2ⁿ·2ᶠ, |f| ≤ ½. As the second source of min and max a NaN comes through.
	VMULPS(constant(math.Log2E), x, x)
	VMOVUPS(constant(-oddsBits), n)
	VMAXPS(x, n, x)
	VMOVUPS(constant(oddsBits), n)
	VMINPS(x, n, x)
	VROUNDPS(U8(0), x, n)
	VSUBPS(n, x, x)
	VMOVUPS(constant(pow2Terms[0]), odds)
	for _, c := range pow2Terms[1:] {
		VFMADD213PS(constant(c), x, odds)
	}
	VCVTPS2DQ(n, n)
	VPSLLD(U8(23), n, n)
	VPADDD(n, odds, odds)
	// No odds for a negative that is the context: it does not move.
	VPCMPEQD(context, idx, idx)
	VPANDN(idx, first, idx)
	VPANDN(odds, idx, odds)
	// By ±rate · p, where p = odds/(1+odds) is the probability of the opposite.
	against, by := XMM(), XMM()
	VADDPS(constant(1), odds, against)
	VDIVPS(against, odds, odds)
	VBROADCASTSS(param("rate"), by)
	VXORPS(quad(sign), flip, flip)
	VXORPS(flip, by, by)
	VMULPS(by, odds, odds)
	VMOVUPS(odds, to)
	// The product of 1 + odds = 1/(1-p), as a number in [1, 2) and its exponent.
	at, product, exponent, back := Load(Param("product"), GP64()), XMM(), XMM(), XMM()
	VMULPS(Mem{Base: at}, against, product)
	VPAND(quad(infinity), product, exponent)
	VMOVDQU(quad(infinity-1<<23), back)
	VPSUBD(exponent, back, back)
	VMULPS(back, product, product)
	VMOVUPS(product, Mem{Base: at})
	VPSRLD(U8(23), exponent, exponent)
	Load(Param("exponents"), at)
	VPADDD(Mem{Base: at}, exponent, exponent)
	VMOVDQU(exponent, Mem{Base: at})
}

// moveStrip moves a strip of the targets and, by what they were before, the same strip of v, which
// stays in registers. It fetches that strip of a later step's rows.
func (s isa) moveStrip(label string, parts []access, v, later, target, laterTarget, g reg.Register, row func(to reg.GPVirtual, idx Mem, matrix string)) {
	old, next := make([]reg.VecVirtual, len(parts)), make([]reg.VecVirtual, len(parts))
	for p, a := range parts {
		next[p] = a.load(v)
		// Where registers are few, v stays in memory.
		if s.width == 16 {
			old[p] = s.vec()
			VMOVAPS(next[p], old[p])
		}
	}
	fetch := func(row reg.Register) {
		for p := 0; p < len(parts); p += max(1, 16/s.width) {
			PREFETCHT0(parts[p].mem(row))
		}
	}
	fetch(later)
	r := GP64()
	XORQ(r, r)
	Label("rows" + label)
	at, by := GP64(), s.vec()
	row(at, Mem{Base: laterTarget, Index: r, Scale: 4}, "output")
	fetch(at)
	row(at, Mem{Base: target, Index: r, Scale: 4}, "output")
	VBROADCASTSS(Mem{Base: g, Index: r, Scale: 4}, by)
	for p, a := range parts {
		uv := a.load(at)
		VFMADD231PS(uv, by, next[p])
		switch {
		case s.width == 16:
			VFMADD231PS(old[p], by, uv)
		case a.tail == nil:
			VFMADD231PS(a.mem(v), by, uv)
		default:
			VFMADD231PS(a.load(v), by, uv)
		}
		a.store(uv, at)
	}
	INCQ(r)
	CMPQ(r, param("t"))
	JL(LabelRef("rows" + label))
	for p, a := range parts {
		a.store(next[p], v)
	}
}
