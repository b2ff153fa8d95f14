//go:build (!amd64 && !arm64) || purego

package f32

var levelNames = [...]string{levelGo: "go"}

func detect() level { return levelGo }

// FastCodes reports whether CodeBounds is faster than Gemv.
func FastCodes() bool { return false }

func dot(x, y []float32) float32         { return dotGo(x, y) }
func axpy(alpha float32, x, y []float32) { axpyGo(alpha, x, y) }
func scale(alpha float32, x []float32)   { scaleGo(alpha, x) }
func mul(dst, x []float32)               { mulGo(dst, x) }
func mulAdd(dst, x, y []float32)         { mulAddGo(dst, x, y) }
func sum(x []float32) float32            { return sumGo(x) }
func add(dst, x []float32)               { addGo(dst, x) }
func exp(dst, x []float32)               { expGo(dst, x) }
func sigmoid(dst, x []float32)           { sigmoidGo(dst, x) }
func tanh(dst, x []float32)              { tanhGo(dst, x) }
func maximum(x []float32) float32        { return maximumGo(x) }

func gemv(dst, a []float32, lda int, x []float32)         { gemvGo(dst, a, lda, x) }
func axpy4(y, x0, x1, x2, x3, w []float32)                { axpy4Go(y, x0, x1, x2, x3, w) }
func gemvRows(dst, a []float32, idx []int32, x []float32) { gemvRowsGo(dst, a, idx, x) }
func adagrad(w, acc, g []float32, lr, eps float32)        { adagradGo(w, acc, g, lr, eps) }
func findGreater(x []float32, t float32) int              { return findGreaterGo(x, t) }
func atLeast(dst []uint64, x []float32, t float32)        { atLeastGo(dst, x, t) }

func normalRows(y, t, a []float32, idx []int32, x, w []float32, alpha, beta float32) {
	normalRowsGo(y, t, a, idx, x, w, alpha, beta)
}

func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeGo(dst, ldd, src, lds, rows, cols)
}

func gemmShape() shape { return shapeGo }
func syrkShape() shape { return shapeGo }

func gemmTile(k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc, m, n int) {
	gemmTileGo(k, a, lda, b, ldb, c, ldc, m, n)
}

func syrkTile(k int, a, b []float32, ld int, c []float32, ldc, below, m, n int) {
	syrkTileGo(k, a, b, ld, c, ldc, below, m, n)
}

func bandWidth() int { return bandWidthGo }

func updateTile(k int, a, b, c []float32, ld int) { updateTileGo(k, a, b, c, ld) }

func dotDiff(p, a, b []float32) float32 { return dotDiffGo(p, a, b) }

func pairStep(p, a, b []float32, step, sp, sa, sb float32) { pairStepGo(p, a, b, step, sp, sa, sb) }

func pairGradient(gp, ga, gb, p, a, b []float32, weight float32) {
	pairGradientGo(gp, ga, gb, p, a, b, weight)
}

func conjugateStep(x, r, z, p, q, inv []float32, step float32) float32 {
	return conjugateStepGo(x, r, z, p, q, inv, step)
}
func scaleAdd(alpha float32, y, x []float32) { scaleAddGo(alpha, y, x) }

func codeBounds(dst []float32, codes []uint8, query []int8, offset int32, terms []float32, weights *[3]float32) {
	codeBoundsGo(dst, codes, query, offset, terms, weights)
}
