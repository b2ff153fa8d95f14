package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Kernels for a batch of systems, one in each lane: a value is a vector of that of all systems. The
// factor lies in panels of four rows. Panel i has 4·i+4 columns, one after the other, of four values
// each. The diagonal holds reciprocals.

// value addresses row r of column k from the start of a panel's column.
func (s isa) value(column reg.Register, k, r int) Mem {
	return Mem{Base: column, Disp: s.bytes() * (4*k + r)}
}

// columnsAtOnce is how many columns of a 4×4 block fit the registers.
func (s isa) columnsAtOnce() int { return s.width / 4 }

// subtractColumns emits acc[r][c] -= row[k][r]·by[k][from+c] for the rows r from first on, over the
// columns k of row up to end.
func (s isa) subtractColumns(label string, row, by, end reg.Register, first, from int, acc [4][]reg.VecVirtual) {
	a, b := GP64(), GP64()
	MOVQ(row, a)
	MOVQ(by, b)
	CMPQ(a, end)
	JE(LabelRef(label + "Done"))
	Label(label)
	factors := s.vecs(s.columnsAtOnce())
	for c, f := range factors {
		VMOVUPS(s.value(b, 0, from+c), f)
	}
	for r := first; r < 4; r++ {
		v := s.vec()
		VMOVUPS(s.value(a, 0, r), v)
		for c, x := range acc[r] {
			VFNMADD231PS(factors[c], v, x)
		}
	}
	ADDQ(I32(int32(4*s.bytes())), a)
	ADDQ(I32(int32(4*s.bytes())), b)
	CMPQ(a, end)
	JNE(LabelRef(label))
	Label(label + "Done")
}

// cholLanes factors one panel.
func cholLanes(s isa) {
	s.text("cholLanes", "func(panels *float32, i int, y, pivots *float32)",
		"factors panel i after those before it, takes the forward substitution of y",
		"as far, and keeps the least and the greatest pivot in the two vectors at pivots.")
	by, left := Load(Param("panels"), GP64()), Load(Param("i"), GP64())
	y := Load(Param("y"), GP64())
	// The panels before have 4·i·(i+1)·2 values.
	row, at, size := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: left, Disp: 1}, row)
	IMULQ(left, row)
	IMUL3Q(I32(int32(8*s.bytes())), row, row)
	ADDQ(by, row)
	MOVQ(row, at)
	MOVQ(I32(int32(16*s.bytes())), size)
	wide := s.columnsAtOnce()

	// Block after block left of the diagonal: at is the block, by the panel of as many columns.
	Label("blocks")
	TESTQ(left, left)
	JZ(LabelRef("diagonal"))
	end, tile := GP64(), GP64()
	LEAQ(Mem{Base: by, Index: size, Scale: 1, Disp: -16 * s.bytes()}, tile)
	MOVQ(at, end)
	for from := 0; from < 4; from += wide {
		var acc [4][]reg.VecVirtual
		for r := range acc {
			acc[r] = s.vecs(wide)
			for c, v := range acc[r] {
				VMOVUPS(s.value(at, from+c, r), v)
			}
		}
		s.subtractColumns([]string{"first", "", "second"}[from], row, by, end, 0, from, acc)
		for c := range wide {
			inv := s.vec()
			VMOVUPS(s.value(tile, from+c, from+c), inv)
			for r := range acc {
				VMULPS(inv, acc[r][c], acc[r][c])
				VMOVUPS(acc[r][c], s.value(at, from+c, r))
			}
			for t := c + 1; t < wide; t++ {
				l := s.vec()
				VMOVUPS(s.value(tile, from+c, from+t), l)
				for r := range acc {
					VFNMADD231PS(l, acc[r][c], acc[r][t])
				}
			}
		}
		ADDQ(I32(int32(4*wide*s.bytes())), end)
	}
	ADDQ(size, by)
	ADDQ(I32(int32(16*s.bytes())), size)
	ADDQ(I32(int32(16*s.bytes())), at)
	DECQ(left)
	JMP(LabelRef("blocks"))

	Label("diagonal")
	pivots := Load(Param("pivots"), GP64())
	least, greatest, one := s.vec(), s.vec(), s.broadcast(0x3f800000)
	VMOVUPS(Mem{Base: pivots}, least)
	VMOVUPS(Mem{Base: pivots, Disp: s.bytes()}, greatest)
	MOVQ(at, end)
	for from := 0; from < 4; from += wide {
		var acc [4][]reg.VecVirtual
		for r := from; r < 4; r++ {
			acc[r] = s.vecs(min(wide, r-from+1))
			for c, v := range acc[r] {
				VMOVUPS(s.value(at, from+c, r), v)
			}
		}
		s.subtractColumns([]string{"upper", "", "lower"}[from], row, row, end, from, from, acc)
		for c := range wide {
			pivot := acc[from+c][c]
			VMINPS(pivot, least, least) // the pivot if one of the two is no number
			VMAXPS(pivot, greatest, greatest)
			VSQRTPS(pivot, pivot)
			VDIVPS(pivot, one, pivot)
			VMOVUPS(pivot, s.value(at, from+c, from+c))
			for r := from + c + 1; r < 4; r++ {
				VMULPS(pivot, acc[r][c], acc[r][c])
				VMOVUPS(acc[r][c], s.value(at, from+c, r))
			}
			for r := from + c + 1; r < 4; r++ {
				for t := c + 1; t < len(acc[r]); t++ {
					VFNMADD231PS(acc[from+t][c], acc[r][c], acc[r][t])
				}
			}
		}
		ADDQ(I32(int32(4*wide*s.bytes())), end)
	}
	VMOVUPS(least, Mem{Base: pivots})
	VMOVUPS(greatest, Mem{Base: pivots, Disp: s.bytes()})

	// The right-hand side: from here on at is its four values.
	tile = GP64()
	MOVQ(at, tile)
	SUBQ(row, at)
	SHRQ(U8(2), at)
	ADDQ(y, at)
	x := s.vecs(4)
	for r, v := range x {
		VMOVUPS(Mem{Base: at, Disp: r * s.bytes()}, v)
	}
	CMPQ(y, at)
	JE(LabelRef("solve"))
	Label("forward")
	v := s.vec()
	VMOVUPS(Mem{Base: y}, v)
	for r := range x {
		VFNMADD231PS(s.value(row, 0, r), v, x[r])
	}
	ADDQ(I32(int32(4*s.bytes())), row)
	ADDQ(I32(int32(s.bytes())), y)
	CMPQ(y, at)
	JNE(LabelRef("forward"))
	Label("solve")
	for c := range x {
		VMULPS(s.value(tile, c, c), x[c], x[c])
		VMOVUPS(x[c], Mem{Base: at, Disp: c * s.bytes()})
		for r := c + 1; r < 4; r++ {
			VFNMADD231PS(s.value(tile, c, r), x[c], x[r])
		}
	}
	ret()
}

// backLanes substitutes back one panel.
func backLanes(s isa) {
	s.text("backLanes", "func(panel *float32, i int, y *float32)",
		"turns the four values of y that belong to panel i into those of the solution,",
		"and takes them out of the values before.")
	row, y, at := Load(Param("panel"), GP64()), Load(Param("y"), GP64()), Load(Param("i"), GP64())
	tile := GP64()
	IMUL3Q(I32(int32(4*s.bytes())), at, at)
	LEAQ(Mem{Base: row, Index: at, Scale: 4}, tile)
	ADDQ(y, at)
	x := s.vecs(4)
	for r, v := range x {
		VMOVUPS(Mem{Base: at, Disp: r * s.bytes()}, v)
	}
	for c := 3; c >= 0; c-- {
		VMULPS(s.value(tile, c, c), x[c], x[c])
		VMOVUPS(x[c], Mem{Base: at, Disp: c * s.bytes()})
		for r := range c {
			VFNMADD231PS(s.value(tile, r, c), x[c], x[r])
		}
	}
	Label("loop")
	CMPQ(y, at)
	JE(LabelRef("done"))
	v := s.vec()
	VMOVUPS(Mem{Base: y}, v)
	for r := range x {
		VFNMADD231PS(s.value(row, 0, r), x[r], v)
	}
	VMOVUPS(v, Mem{Base: y})
	ADDQ(I32(int32(4*s.bytes())), row)
	ADDQ(I32(int32(s.bytes())), y)
	JMP(LabelRef("loop"))
	Label("done")
	ret()
}
