package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func adagrad(s isa) {
	s.text("adagrad", "func(w, acc, g []float32, lr, eps float32)", "takes a step of Adagrad over len(w) values.")
	lr, eps := s.broadcastParam("lr"), s.broadcastParam("eps")
	w, n := Load(Param("w").Base(), GP64()), Load(Param("w").Len(), GP64())
	acc, g := Load(Param("acc").Base(), GP64()), Load(Param("g").Base(), GP64())
	s.stream(n, func(a access) {
		gv, av, wv, root := a.load(g), a.load(acc), a.load(w), s.vec()
		VFMADD231PS(gv, gv, av)
		a.store(av, acc)
		VADDPS(eps, av, root)
		VSQRTPS(root, root)
		VMULPS(lr, gv, gv)
		VDIVPS(root, gv, gv)
		VSUBPS(gv, wv, wv)
		a.store(wv, w)
	})
}
