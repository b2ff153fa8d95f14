package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tile kernel keeps a tile of c in registers and adds to it k outer products, row l of
// the a panel by row l of the b panel.

const tileSignature = "func(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int"

// strideParam loads a stride and turns it into bytes.
func strideParam(name string) reg.GPVirtual {
	r := Load(Param(name), GP64()).(reg.GPVirtual)
	SHLQ(U8(2), r)
	return r
}

// product emits the sum of the outer products for a tile of rows × (nv vectors).
func (s isa) product(rows, nv int) [][]reg.VecVirtual {
	k := Load(Param("k"), GP64())
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	lda, ldb := strideParam("lda"), strideParam("ldb")
	acc := make([][]reg.VecVirtual, rows)
	for r := range acc {
		acc[r] = s.zeros(nv)
	}
	TESTQ(k, k)
	JZ(LabelRef("sum"))
	Label("loop")
	bv := s.vecs(nv)
	for j := range bv {
		VMOVUPS(Mem{Base: b, Disp: j * s.bytes()}, bv[j])
	}
	for r := range acc {
		at := Mem{Base: a, Disp: 4 * r}
		if s.width == 16 && nv == 1 {
			VFMADD231PS_BCST(at, bv[0], acc[r][0])
			continue
		}
		av := s.vec()
		VBROADCASTSS(at, av)
		for j := range bv {
			VFMADD231PS(bv[j], av, acc[r][j])
		}
	}
	ADDQ(lda, a)
	ADDQ(ldb, b)
	DECQ(k)
	JNZ(LabelRef("loop"))
	Label("sum")
	return acc
}

func gemmTileAVX2() {
	s := avx2
	s.text("gemmTile", tileSignature+")",
		"adds a product of packed panels to a full tile of c:", "6 rows by 16 columns.")
	acc := s.product(6, 2)
	c, ldc := Load(Param("c"), GP64()), strideParam("ldc")
	for _, row := range acc {
		for j, v := range row {
			at := Mem{Base: c, Disp: j * s.bytes()}
			VADDPS(at, v, v)
			VMOVUPS(v, at)
		}
		ADDQ(ldc, c)
	}
	ret()
}

// gemmTileAVX512 has smaller forms for the margins, which leave out the rows and columns of
// the packed panels that are padding.
func gemmTileAVX512(rows, vectors int) {
	s := avx512
	cols := vectors * s.width
	s.text(fmt.Sprintf("gemmTile%dx%d", rows, cols), tileSignature+", m, n int)",
		"adds a product of packed panels to the first m rows and n columns", fmt.Sprintf("of a tile of c, at most %d by %d.", rows, cols))
	s.prefetchTile(rows, vectors)
	acc := s.product(rows, vectors)
	c, ldc := Load(Param("c"), GP64()), strideParam("ldc")
	m, n := Load(Param("m"), GP64()), Load(Param("n"), GP64())
	bits := GP64()
	MOVQ(I64(-1), bits)
	BZHIQ(n, bits, bits)
	masks := make([]reg.OpmaskVirtual, vectors)
	for j := range masks {
		masks[j] = K()
		KMOVW(bits.As32(), masks[j])
		SHRQ(U8(16), bits)
	}
	for r, row := range acc {
		if r > 0 {
			CMPQ(m, I8(int8(r)))
			JE(LabelRef("done"))
		}
		for j, v := range row {
			at := Mem{Base: c, Disp: j * s.bytes()}
			VADDPS(at, v, masks[j], v)
			VMOVUPS(v, masks[j], at)
		}
		ADDQ(ldc, c)
	}
	Label("done")
	ret()
}

// prefetchTile asks for the tile of c before the product: at its end the tile would be waited for.
// To ask for what lies beyond the end of c does no harm.
func (s isa) prefetchTile(rows, vectors int) {
	c, ldc := Load(Param("c"), GP64()), strideParam("ldc")
	for range rows {
		for j := range vectors {
			PREFETCHT0(Mem{Base: c, Disp: j * s.bytes()})
		}
		ADDQ(ldc, c)
	}
}

func syrkTileAVX512() {
	s := avx512
	s.text("syrkTile", tileSignature+", masks *uint16)",
		"adds a product of panels to a 16 by 16 tile of c,", "of whose row r it touches the columns in the set masks[r].")
	acc := s.product(16, 1)
	c, ldc := Load(Param("c"), GP64()), strideParam("ldc")
	masks := Load(Param("masks"), GP64())
	for r, row := range acc {
		k, at := K(), Mem{Base: c}
		KMOVW(Mem{Base: masks, Disp: 2 * r}, k)
		VADDPS(at, row[0], k, row[0])
		VMOVUPS(row[0], k, at)
		ADDQ(ldc, c)
	}
	ret()
}

// updateTile is the tile kernel of the Cholesky factorization: it subtracts.
func updateTile(s isa) {
	s.text("updateTile", tileSignature+")",
		"subtracts a product of panels from a square tile of c,", "one vector wide.")
	acc := s.product(s.width, 1)
	c, ldc := Load(Param("c"), GP64()), strideParam("ldc")
	for _, row := range acc {
		v := s.vec()
		VMOVUPS(Mem{Base: c}, v)
		VSUBPS(row[0], v, v)
		VMOVUPS(v, Mem{Base: c})
		ADDQ(ldc, c)
	}
	ret()
}
