package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// total adds up all lanes of the given vectors and leaves the sum in lane 0.
func (s isa) total(acc []reg.VecVirtual) reg.VecVirtual {
	for n := len(acc); n > 1; n /= 2 {
		for i := range n / 2 {
			VADDPS(acc[i+n/2], acc[i], acc[i])
		}
	}
	sum := acc[0]
	if s.width == 16 {
		half := YMM()
		VEXTRACTF64X4(U8(1), sum, half)
		VADDPS(half, sum.AsY(), half)
		sum = half
	}
	q, h := XMM(), XMM()
	VEXTRACTF128(U8(1), sum.AsY(), q)
	VADDPS(sum.AsX(), q, q)
	VMOVHLPS(q, q, h)
	VADDPS(h, q, q)
	VMOVSHDUP(q, h)
	VADDSS(h, q, q)
	return q
}

func dotDiff(s isa) {
	s.text("dotDiff", "func(p, a, b []float32) float32",
		"returns the dot product of p with a − b, len(p) values.")
	p, n := Load(Param("p").Base(), GP64()), Load(Param("p").Len(), GP64())
	a, b := Load(Param("a").Base(), GP64()), Load(Param("b").Base(), GP64())
	acc := s.zeros(chains)
	s.loopTail("loop", n, s.tail(n), func(v access) {
		pv, av, bv := v.load(p), v.load(a), v.load(b)
		VSUBPS(bv, av, av)
		VFMADD231PS(pv, av, acc[v.disp/s.bytes()])
	})
	sum := s.total(acc)
	VZEROUPPER()
	Store(sum.AsX(), ReturnIndex(0))
	RET()
}

func pairStep(s isa) {
	s.text("pairStep", "func(p, a, b []float32, step, sp, sa, sb float32)",
		"takes a step of pairwise ranking over len(p) values.")
	step := s.broadcastParam("step")
	sp, sa, sb := s.broadcastParam("sp"), s.broadcastParam("sa"), s.broadcastParam("sb")
	p, n := Load(Param("p").Base(), GP64()), Load(Param("p").Len(), GP64())
	a, b := Load(Param("a").Base(), GP64()), Load(Param("b").Base(), GP64())
	s.stream(n, func(v access) {
		pv, av, bv := v.load(p), v.load(a), v.load(b)
		push, pull := s.vec(), s.vec()
		VSUBPS(bv, av, pull)
		VMULPS(step, pull, pull)
		VMULPS(step, pv, push)
		VFMADD231PS(sp, pv, pull)
		v.store(pull, p)
		VFMADD213PS(push, sa, av)
		v.store(av, a)
		VFMSUB213PS(push, sb, bv)
		v.store(bv, b)
	})
}

func pairGradient(s isa) {
	s.text("pairGradient", "func(gp, ga, gb, p, a, b []float32, weight float32)",
		"writes the gradient of weight·⟨p, b − a⟩ by p, a and b, len(p) values.")
	weight := s.broadcastParam("weight")
	p, n := Load(Param("p").Base(), GP64()), Load(Param("p").Len(), GP64())
	a, b := Load(Param("a").Base(), GP64()), Load(Param("b").Base(), GP64())
	gp, ga, gb := Load(Param("gp").Base(), GP64()), Load(Param("ga").Base(), GP64()), Load(Param("gb").Base(), GP64())
	zero := s.zeros(1)[0]
	s.stream(n, func(v access) {
		pv, av, bv := v.load(p), v.load(a), v.load(b)
		VSUBPS(av, bv, bv)
		VMULPS(weight, bv, bv)
		v.store(bv, gp)
		VMULPS(weight, pv, pv)
		v.store(pv, gb)
		VSUBPS(pv, zero, pv)
		v.store(pv, ga)
	})
}
