package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stepSize is the size of a Preference, and ahead how many steps ahead rows are fetched.
const stepSize, ahead = 12, 4

// rankerSteps asks for the rows of a later step while it works on those of one.
func rankerSteps(s isa) {
	s.text("rankerSteps", "func(users, items, bias *float32, d int, steps *int32, n int, rates *float32) float32",
		"takes n steps of a Ranker. rates are Rate, KeepUser, KeepBetter, KeepWorse and KeepBias.")
	step, d := Load(Param("steps"), GP64()), Load(Param("d"), GP64())
	rest := s.tail(d)
	rates := Load(Param("rates"), GP64())
	keep := s.vecs(3)
	for i, v := range keep {
		VBROADCASTSS(Mem{Base: rates, Disp: 4 * (i + 1)}, v)
	}
	sum := XMM()
	VXORPS(sum, sum, sum)
	// The last step stands in for those behind it.
	last := Load(Param("n"), GP64())
	LEAQ(Mem{Base: last, Index: last, Scale: 2}, last)
	LEAQ(Mem{Base: step, Index: last, Scale: 4, Disp: -stepSize}, last)
	row := func(step reg.Register, which int) reg.GPVirtual {
		row, base := GP64(), Load(Param([]string{"users", "items", "items"}[which]), GP64())
		MOVLQSX(Mem{Base: step, Disp: 4 * which}, row)
		IMULQ(d, row)
		LEAQ(Mem{Base: base, Index: row, Scale: 4}, row)
		return row
	}

	Label("step")
	later := GP64()
	LEAQ(Mem{Base: step, Disp: ahead * stepSize}, later)
	CMPQ(later, last)
	CMOVQHI(last, later)
	for which := range 3 {
		at, end, label := row(later, which), GP64(), fmt.Sprintf("fetch%d", which)
		LEAQ(Mem{Base: at, Index: d, Scale: 4}, end)
		Label(label)
		for line := range 4 {
			PREFETCHT0(Mem{Base: at, Disp: 64 * line})
		}
		ADDQ(I32(4*64), at)
		CMPQ(at, end)
		JCS(LabelRef(label))
	}

	p, a, b := row(step, 0), row(step, 1), row(step, 2)
	acc := s.zeros(chains)
	s.loopTail("dot", d, rest, func(v access) {
		pv, av, bv := v.load(p), v.load(a), v.load(b)
		VSUBPS(bv, av, av)
		VFMADD231PS(pv, av, acc[v.disp/s.bytes()])
	})
	x := s.total(acc).AsX()
	better, worse, bias := GP64(), GP64(), Load(Param("bias"), GP64())
	MOVLQSX(Mem{Base: step, Disp: 4}, better)
	MOVLQSX(Mem{Base: step, Disp: 8}, worse)
	biasA, biasB, kept := XMM(), XMM(), XMM()
	VMOVSS(Mem{Base: bias, Index: better, Scale: 4}, biasA)
	VMOVSS(Mem{Base: bias, Index: worse, Scale: 4}, biasB)
	VADDSS(biasA, x, x)
	VSUBSS(biasB, x, x)
	z := logistic(x)
	VADDSS(z, sum, sum)
	VMULSS(Mem{Base: rates}, z, z)
	VMOVSS(Mem{Base: rates, Disp: 16}, kept)
	VFMADD213SS(z, kept, biasA)
	VFMSUB213SS(z, kept, biasB)
	VMOVSS(biasA, Mem{Base: bias, Index: better, Scale: 4})
	VMOVSS(biasB, Mem{Base: bias, Index: worse, Scale: 4})

	by := s.vec()
	VBROADCASTSS(z, by)
	s.loopTail("move", d, rest, func(v access) {
		pv, av, bv := v.load(p), v.load(a), v.load(b)
		push, pull := s.vec(), s.vec()
		VSUBPS(bv, av, pull)
		VMULPS(by, pull, pull)
		VMULPS(by, pv, push)
		VFMADD231PS(keep[0], pv, pull)
		v.store(pull, p)
		VFMADD213PS(push, keep[1], av)
		v.store(av, a)
		VFMSUB213PS(push, keep[2], bv)
		v.store(bv, b)
	})
	ADDQ(I8(stepSize), step)
	CMPQ(step, last)
	JLS(LabelRef("step"))
	VZEROUPPER()
	Store(sum, ReturnIndex(0))
	RET()
}

// pow2Terms are the coefficients of 2ᶠ for |f| ≤ ½, highest first.
var pow2Terms = []float64{0.00015404, 0.00133336, 0.00961813, 0.05550411, 0.24022651, 0.69314718, 1}

// logistic emits z = 1/(1+eˣ) in lane 0.
func logistic(x reg.Register) (z reg.VecVirtual) {
	constant := func(v float64) Mem { return scalar(math.Float32bits(float32(v))) }
	n, p, bound := XMM(), XMM(), XMM()
	z = XMM()
	VMULSS(constant(math.Log2E), x, x)
	// As the second source of min and max a NaN comes through.
	VMOVSS(constant(-126), bound)
	VMAXSS(x, bound, x)
	VMOVSS(constant(126), bound)
	VMINSS(x, bound, x)
	VROUNDSS(U8(0), x, x, n)
	VSUBSS(n, x, x)
	VMOVSS(constant(pow2Terms[0]), p)
	for _, c := range pow2Terms[1:] {
		VFMADD213SS(constant(c), x, p)
	}
	VCVTPS2DQ(n, n)
	VPSLLD(U8(23), n, n)
	VPADDD(n, p, p)
	VMOVSS(constant(1), z)
	VADDSS(z, p, p)
	VDIVSS(p, z, z)
	return z
}
