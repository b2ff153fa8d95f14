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
		gemvParts(s)
		gemvRows(s)
		axpy(s)
		scale(s)
		add(s)
		mul(s)
		mulAdd(s)
		axpy4(s)
		normalRows(s)
		skipGram(s)
		packRows(s)
		cholTile(s)
		solveTiles(s)
		cholLanes(s)
		backLanes(s)
		exp(s)
		sigmoid(s)
		tanh(s)
		adagrad(s)
		dotDiff(s)
		pairStep(s)
		pairGradient(s)
		rankerSteps(s)
		conjugateStep(s)
		scaleAdd(s)
		maximum(s)
		sum(s)
		maxIndex(s)
		findGreater(s)
		atLeast(s)
	}
	codeBoundsAVX2()
	codeBoundsVNNI()
	transpose8()
	copyPanel(avx2, 6)
	copyPanel(avx2, 16)
	copyPanel(avx512, 12)
	copyPanel(avx512, 32)
	gemmTileAVX2()
	for _, rows := range []int{4, 8, 12} {
		for _, vectors := range []int{1, 2} {
			gemmTileAVX512(rows, vectors)
		}
	}
	syrkTileAVX512()
	updateTile(avx2)
	updateTile(avx512)
	overlapRows()
	Generate()
}
