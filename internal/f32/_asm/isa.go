package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set: the width of its vectors in floats is all that most
// kernels need to know.
type isa struct {
	name  string
	width int
}

var (
	avx2   = isa{"AVX2", 8}
	avx512 = isa{"AVX512", 16}
)

// vec returns a fresh vector register.
func (s isa) vec() reg.VecVirtual {
	if s.width == 16 {
		return ZMM()
	}
	return YMM()
}

// vecs returns n fresh vector registers.
func (s isa) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = s.vec()
	}
	return v
}

// zeros returns n fresh vector registers that hold zeros.
func (s isa) zeros(n int) []reg.VecVirtual {
	v := s.vecs(n)
	for _, r := range v {
		VXORPS(r, r, r)
	}
	return v
}

// bytes is the size of a vector.
func (s isa) bytes() int { return 4 * s.width }

// text starts a kernel.
func (s isa) text(name, signature string, doc ...string) {
	TEXT(name+s.name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(append([]string{name + s.name + " " + doc[0]}, doc[1:]...)...)
}

// broadcastParam loads a scalar parameter into every lane of a vector.
func (s isa) broadcastParam(name string) reg.VecVirtual {
	x := Load(Param(name), XMM())
	v := s.vec()
	VBROADCASTSS(x, v)
	return v
}

// constants already written to the data section, by their bits.
var constants = map[uint32]operand.Mem{}

// scalar returns a memory operand that holds a float32 constant.
func scalar(bits uint32) operand.Mem {
	m, ok := constants[bits]
	if !ok {
		m = GLOBL(fmt.Sprintf("const_%08x", bits), 24) // RODATA|NOPTR
		DATA(0, operand.U32(bits))
		constants[bits] = m
	}
	return m
}

// broadcast returns a register with a constant in every lane.
func (s isa) broadcast(bits uint32) reg.VecVirtual {
	v := s.vec()
	VBROADCASTSS(scalar(bits), v)
	return v
}

// tail is the mask for the last n mod width lanes: a K register, or a vector of
// sign bits where there are none.
type tail struct {
	s    isa
	k    reg.OpmaskVirtual
	v    reg.VecVirtual
	rest reg.GPVirtual
}

var maskTable operand.Mem

// tail makes the mask for the last n mod width lanes.
func (s isa) tail(n reg.Register) tail {
	t := tail{s: s, rest: GP64()}
	MOVQ(n, t.rest)
	ANDQ(operand.I32(int32(s.width-1)), t.rest)
	if s.width == 16 {
		all := GP64()
		MOVQ(operand.I64(-1), all)
		BZHIQ(t.rest, all, all)
		t.k = K()
		KMOVW(all.As32(), t.k)
		return t
	}
	if maskTable.Symbol.Name == "" {
		maskTable = GLOBL("maskTable", 24)
		for i := range 16 {
			if i < 8 {
				DATA(4*i, operand.U32(0xffffffff))
			} else {
				DATA(4*i, operand.U32(0))
			}
		}
	}
	base, end := GP64(), GP64()
	LEAQ(maskTable.Offset(32), base)
	XORQ(end, end)
	SUBQ(t.rest, end)
	t.v = YMM()
	VMOVUPS(operand.Mem{Base: base, Index: end, Scale: 4}, t.v)
	return t
}

// load reads the masked lanes; the others become zero and are not touched in memory.
func (t tail) load(m operand.Mem, v reg.VecVirtual) {
	if t.s.width == 16 {
		VMOVUPS_Z(m, t.k, v)
		return
	}
	VMASKMOVPS(m, t.v, v)
}

// store writes the masked lanes.
func (t tail) store(v reg.VecVirtual, m operand.Mem) {
	if t.s.width == 16 {
		VMOVUPS(v, t.k, m)
		return
	}
	VMASKMOVPS(v, t.v, m)
}

// ret ends a kernel.
func ret() {
	VZEROUPPER()
	RET()
}
