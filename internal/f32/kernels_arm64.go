//go:build !purego

package f32

// Each of these kernels works on the whole fours of its vectors, whose length is that of the first
// slice.

//go:noescape
func dotNEON(x, y []float32) float32

//go:noescape
func sumNEON(x []float32) float32

//go:noescape
func axpyNEON(alpha float32, x, y []float32)

//go:noescape
func scaleNEON(alpha float32, x []float32)

//go:noescape
func addNEON(dst, x []float32)

//go:noescape
func mulNEON(dst, x []float32)

//go:noescape
func mulAddNEON(dst, x, y []float32)

//go:noescape
func scaleAddNEON(alpha float32, y, x []float32)

// gemvNEON multiplies the rows of a, lda apart, by x. The length of dst is a multiple of four.
//
//go:noescape
func gemvNEON(dst, a []float32, lda int, x []float32)

// gemvRowsNEON multiplies the rows idx of a, lda apart, by x. The length of idx is a multiple of four.
//
//go:noescape
func gemvRowsNEON(dst, a []float32, lda int, idx []int32, x []float32)

//go:noescape
func axpy4NEON(y []float32, x0, x1, x2, x3, w *float32)

//go:noescape
func dotDiffNEON(p, a, b []float32) float32

//go:noescape
func pairStepNEON(p, a, b []float32, step, sp, sa, sb float32)

//go:noescape
func pairGradientNEON(gp, ga, gb, p, a, b []float32, weight float32)

//go:noescape
func conjugateStepNEON(x, r, z, p, q, inv []float32, step float32) float32

//go:noescape
func adagradNEON(w, acc, g []float32, lr, eps float32)

// maxNEON returns the greatest of x, or -Inf; it passes over NaN.
//
//go:noescape
func maxNEON(x []float32) float32

// findGreaterNEON returns the start of the first sixteen values of x among which one is above t,
// or the end of the last whole sixteen.
//
//go:noescape
func findGreaterNEON(x []float32, t float32) int

// codeBoundsDotProd is CodeBounds with start for −offset, for processors that multiply bytes.
//
//go:noescape
func codeBoundsDotProd(dst []float32, codes *uint8, query []int8, start int32, terms, weights *float32)

// gemmTileNEON adds a product of panels to an 8 by 8 tile of c.
//
//go:noescape
func gemmTileNEON(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int)

// updateTileNEON subtracts a product of panels from an 8 by 8 tile of c.
//
//go:noescape
func updateTileNEON(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int)

// transpose4NEON transposes four rows; cols is a multiple of four.
//
//go:noescape
func transpose4NEON(dst *float32, ldd int, src *float32, lds int, cols int)
