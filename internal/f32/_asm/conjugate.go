package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func conjugateStep(s isa) {
	s.text("conjugateStep", "func(x, r, z, p, q, inv []float32, step float32) float32",
		"takes a step of preconditioned conjugate gradients over len(x) values and returns r·z.")
	step := s.broadcastParam("step")
	x, n := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64())
	r, z := Load(Param("r").Base(), GP64()), Load(Param("z").Base(), GP64())
	p, q := Load(Param("p").Base(), GP64()), Load(Param("q").Base(), GP64())
	inv := Load(Param("inv").Base(), GP64())
	acc := s.zeros(chains)
	s.loopTail("loop", n, s.tail(n), func(v access) {
		xv, rv, zv := v.load(x), v.load(r), s.vec()
		VFMADD231PS(v.load(p), step, xv)
		v.store(xv, x)
		VFNMADD231PS(v.load(q), step, rv)
		v.store(rv, r)
		VMULPS(v.load(inv), rv, zv)
		v.store(zv, z)
		VFMADD231PS(zv, rv, acc[v.disp/s.bytes()])
	})
	sum := s.total(acc)
	VZEROUPPER()
	Store(sum.AsX(), ReturnIndex(0))
	RET()
}

func scaleAdd(s isa) {
	s.text("scaleAdd", "func(alpha float32, y, x []float32)", "sets y to alpha·y + x, len(y) values.")
	alpha := s.broadcastParam("alpha")
	y, n, x := Load(Param("y").Base(), GP64()), Load(Param("y").Len(), GP64()), Load(Param("x").Base(), GP64())
	s.stream(n, func(a access) {
		yv := a.load(y)
		VFMADD213PS(a.load(x), alpha, yv)
		a.store(yv, y)
	})
}
