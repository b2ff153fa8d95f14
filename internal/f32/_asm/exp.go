package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// expConsts are the registers that exp needs throughout a stream.
type expConsts struct {
	s                       isa
	min, max, log2e, hi, lo reg.VecVirtual
}

func (s isa) expConsts() expConsts {
	f := func(v float64) reg.VecVirtual { return s.broadcast(math.Float32bits(float32(v))) }
	return expConsts{
		s: s,
		// Past these the result is 0 or +Inf, and 2ⁿ still fits two factors.
		min: f(-104), max: f(89),
		log2e: f(math.Log2E),
		// ln 2 in two parts: n·hi is exact.
		hi: f(0.693359375), lo: f(-2.12194440e-4),
	}
}

// expTerms are the coefficients of (eʳ-1-r)/r² for |r| ≤ ln(2)/2, highest first (Cephes, expf).
var expTerms = []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

// exp emits x = eˣ.
func (c expConsts) exp(x reg.VecVirtual) {
	s := c.s
	// As the second source of min and max a NaN comes through.
	VMINPS(x, c.max, x)
	VMAXPS(x, c.min, x)
	n, p := s.vec(), s.vec()
	VMULPS(c.log2e, x, n)
	if s.width == 16 {
		VRNDSCALEPS(U8(0), n, n)
	} else {
		VROUNDPS(U8(0), n, n)
	}
	VFNMADD231PS(c.hi, n, x)
	VFNMADD231PS(c.lo, n, x)
	s.poly(p, x, expTerms)
	// eʳ = 1 + (r + r²·p)
	sq := s.vec()
	VMULPS(x, x, sq)
	VFMADD231PS(sq, p, x)
	one := s.broadcast(math.Float32bits(1))
	VADDPS(one, x, x)
	if s.width == 16 {
		VSCALEFPS(n, x, x)
		return
	}
	// 2ⁿ as two factors, since n reaches past the exponents of a normal number.
	half, bias := s.vec(), s.broadcast(127)
	VCVTPS2DQ(n, n)
	VPSRAD(U8(1), n, half)
	VPSUBD(half, n, n)
	for _, e := range []reg.VecVirtual{half, n} {
		VPADDD(bias, e, e)
		VPSLLD(U8(23), e, e)
		VMULPS(e, x, x)
	}
}

// poly emits p = terms[0]·xⁿ + …, by Horner's rule.
func (s isa) poly(p, x reg.VecVirtual, terms []float64) {
	for i, t := range terms {
		bits := math.Float32bits(float32(t))
		if i == 0 {
			VBROADCASTSS(scalar(bits), p)
			continue
		}
		if s.width == 16 {
			VFMADD213PS_BCST(scalar(bits), x, p)
		} else {
			VFMADD213PS(s.broadcast(bits), x, p)
		}
	}
}

func exp(s isa) {
	s.text("exp", "func(dst, x []float32)", "sets dst to eˣ, len(x) values.")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	c := s.expConsts()
	s.stream(n, func(a access) {
		v := a.load(x)
		c.exp(v)
		a.store(v, dst)
	})
}

func sigmoid(s isa) {
	s.text("sigmoid", "func(dst, x []float32)", "sets dst to 1/(1+e⁻ˣ), len(x) values.")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	c := s.expConsts()
	sign := s.broadcast(0x80000000)
	s.stream(n, func(a access) {
		v := a.load(x)
		VXORPS(sign, v, v)
		c.exp(v)
		one := s.broadcast(math.Float32bits(1))
		VADDPS(one, v, v)
		VDIVPS(v, one, v)
		a.store(v, dst)
	})
}

// tanhTerms are the coefficients of (tanh(x)-x)/x³ in x² for |x| < tanhSmall (Cephes, tanhf).
var tanhTerms = []float64{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}

const tanhSmall = 0.625

func tanh(s isa) {
	s.text("tanh", "func(dst, x []float32)", "sets dst to tanh x, len(x) values.")
	dst, x, n := Load(Param("dst").Base(), GP64()), Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	c := s.expConsts()
	s.stream(n, func(a access) {
		v := a.load(x)
		sign := s.broadcast(0x80000000)
		abs := s.vec()
		VANDNPS(v, sign, abs)
		VANDPS(v, sign, sign)
		// Large: 1 - 2/(1+e²ˣ) of the absolute value.
		large := s.vec()
		VADDPS(abs, abs, large)
		c.exp(large)
		one := s.broadcast(math.Float32bits(1))
		two := s.vec()
		VADDPS(one, one, two)
		VADDPS(one, large, large)
		VDIVPS(large, two, large)
		VSUBPS(large, one, large)
		// Small: x + x³·p(x²).
		sq, p := s.vec(), s.vec()
		VMULPS(v, v, sq)
		s.poly(p, sq, tanhTerms)
		VMULPS(v, sq, sq)
		VFMADD213PS(v, sq, p)
		limit := s.broadcast(math.Float32bits(tanhSmall))
		if s.width == 16 {
			k := K()
			VCMPPS(U8(1), limit, abs, k) // abs < limit
			VMOVAPS(p, k, large)
		} else {
			VCMPPS(U8(1), limit, abs, limit)
			VBLENDVPS(limit, p, large, large)
		}
		// Also on the small side: x + x³·p turns -0 into +0.
		VORPS(sign, large, large)
		a.store(large, dst)
	})
}
