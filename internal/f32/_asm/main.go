// Command asm writes the amd64 kernels of package f32 and their Go declarations.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64,!purego")
	for _, s := range []isa{avx2, avx512} {
		dot(s)
		gemv(s)
		gemvRows(s)
		axpy(s)
		scale(s)
		add(s)
		packRows(s)
		cholTile(s)
		solveTiles(s)
		exp(s)
		sigmoid(s)
		tanh(s)
		adagrad(s)
		dotDiff(s)
		pairStep(s)
		maximum(s)
		findGreater(s)
	}
	transpose8()
	gemmTileAVX2()
	gemmTileAVX512()
	syrkTileAVX512()
	updateTile(avx2)
	updateTile(avx512)
	Generate()
}
