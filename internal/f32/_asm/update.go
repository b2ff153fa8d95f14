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

func sgdPair(s isa) {
	s.text("sgdPair", "func(u, i, j []float32, step, keepU, keepI, keepJ float32)",
		"takes a step of pairwise SGD over len(u) values.")
	step, keepU, keepI, keepJ := s.broadcastParam("step"), s.broadcastParam("keepU"), s.broadcastParam("keepI"), s.broadcastParam("keepJ")
	u, n := Load(Param("u").Base(), GP64()), Load(Param("u").Len(), GP64())
	i, j := Load(Param("i").Base(), GP64()), Load(Param("j").Base(), GP64())
	s.stream(n, func(a access) {
		uv, iv, jv := a.load(u), a.load(i), a.load(j)
		diff, move := s.vec(), s.vec()
		VSUBPS(jv, iv, diff)
		VMULPS(step, uv, move)
		VMULPS(keepU, uv, uv)
		VFMADD231PS(diff, step, uv)
		VFMADD213PS(move, keepI, iv)
		VFMSUB213PS(move, keepJ, jv)
		a.store(uv, u)
		a.store(iv, i)
		a.store(jv, j)
	})
}

func sgnsUpdate(s isa) {
	s.text("sgnsUpdate", "func(acc, u, v []float32, step float32)",
		"adds step·u to acc, then step·v to u, len(u) values.")
	step := s.broadcastParam("step")
	u, n := Load(Param("u").Base(), GP64()), Load(Param("u").Len(), GP64())
	acc, v := Load(Param("acc").Base(), GP64()), Load(Param("v").Base(), GP64())
	s.stream(n, func(a access) {
		uv, vv, av := a.load(u), a.load(v), a.load(acc)
		VFMADD231PS(uv, step, av)
		VFMADD231PS(vv, step, uv)
		a.store(av, acc)
		a.store(uv, u)
	})
}
