//go:build !purego

package f32

import (
	"math"

	"golang.org/x/sys/cpu"
)

// Every arm64 has NEON; most since ARMv8.2 have instructions for products of bytes too.
const (
	levelNEON = levelGo + 1 + iota
	levelDotProd
)

var levelNames = [...]string{levelGo: "go", levelNEON: "neon", levelDotProd: "neon+dotprod"}

func detect() level {
	if cpu.ARM64.HasASIMDDP {
		return levelDotProd
	}
	return levelNEON
}

// FastCodes reports whether CodeBounds is faster than Gemv.
func FastCodes() bool { return impl == levelDotProd }

// fours returns how many of n values the kernels take: whole fours or, in plain Go, none. The plain Go
// forms take the rest.
func fours(n int) int {
	if impl == levelGo {
		return 0
	}
	return n &^ 3
}

func dot(x, y []float32) float32 {
	n := fours(len(x))
	s := dotNEON(x[:n], y)
	if n < len(x) {
		s += dotGo(x[n:], y[n:])
	}
	return s
}

func sum(x []float32) float32 {
	n := fours(len(x))
	return sumNEON(x[:n]) + sumGo(x[n:])
}

func axpy(alpha float32, x, y []float32) {
	n := fours(len(x))
	axpyNEON(alpha, x[:n], y)
	axpyGo(alpha, x[n:], y[n:])
}

func scale(alpha float32, x []float32) {
	n := fours(len(x))
	scaleNEON(alpha, x[:n])
	scaleGo(alpha, x[n:])
}

func add(dst, x []float32) {
	n := fours(len(x))
	addNEON(dst[:n], x)
	addGo(dst[n:], x[n:])
}

func mul(dst, x []float32) {
	n := fours(len(x))
	mulNEON(dst[:n], x)
	mulGo(dst[n:], x[n:])
}

func mulAdd(dst, x, y []float32) {
	n := fours(len(x))
	mulAddNEON(dst[:n], x, y)
	mulAddGo(dst[n:], x[n:], y[n:])
}

func scaleAdd(alpha float32, y, x []float32) {
	n := fours(len(y))
	scaleAddNEON(alpha, y[:n], x)
	scaleAddGo(alpha, y[n:], x[n:])
}

// gemv multiplies rows that lie lda apart: four at a time by the kernel, which adds up each as
// dot does, the rest by dot.
func gemv(dst, a []float32, lda int, x []float32) {
	if impl == levelGo {
		gemvGo(dst, a, lda, x)
		return
	}
	n, whole := fours(len(x)), fours(len(dst))
	gemvNEON(dst[:whole], a, lda, x[:n])
	for i := 0; i < whole && n < len(x); i++ {
		dst[i] += dotGo(x[n:], a[i*lda+n:])
	}
	for i := whole; i < len(dst); i++ {
		dst[i] = dot(x, a[i*lda:])
	}
}

func gemvRows(dst, a []float32, idx []int32, x []float32) {
	if impl == levelGo {
		gemvRowsGo(dst, a, idx, x)
		return
	}
	n, whole := fours(len(x)), fours(len(idx))
	gemvRowsNEON(dst, a, len(x), idx[:whole], x[:n])
	for i := 0; i < whole && n < len(x); i++ {
		dst[i] += dotGo(x[n:], a[int(idx[i])*len(x)+n:])
	}
	for i := whole; i < len(idx); i++ {
		dst[i] = dot(x, a[int(idx[i])*len(x):])
	}
}

// axpy4 adds to y four vectors times the values of w.
func axpy4(y, x0, x1, x2, x3, w []float32) {
	n := fours(len(y))
	axpy4NEON(y[:n], &x0[0], &x1[0], &x2[0], &x3[0], &w[0])
	axpy4Go(y[n:], x0[n:], x1[n:], x2[n:], x3[n:], w)
}

// normalRows goes twice over rows that are few enough to stay in the first-level cache.
func normalRows(y, t, a []float32, idx []int32, x, w []float32, alpha, beta float32) {
	if impl == levelGo {
		normalRowsGo(y, t, a, idx, x, w, alpha, beta)
		return
	}
	const rows = 16
	for from := 0; from < len(idx); from += rows {
		to := min(from+rows, len(idx))
		gemvRows(t[from:to], a, idx[from:to], x)
		for i := from; i < to; i++ {
			t[i] = w[i] * (alpha + beta*t[i])
		}
		addRows(y, a, idx[from:to], t[from:to])
	}
}

func maximum(x []float32) float32 {
	n := fours(len(x))
	return max(maxNEON(x[:n]), maximumGo(x[n:]))
}

func findGreater(x []float32, t float32) int {
	from := findGreaterNEON(x[:fours(len(x))], t)
	if i := findGreaterGo(x[from:], t); i >= 0 {
		return from + i
	}
	return -1
}

// atLeast skips words without a bit, as most are.
func atLeast(dst []uint64, x []float32, t float32) {
	if impl == levelGo {
		atLeastGo(dst, x, t)
		return
	}
	below := math.Nextafter32(t, float32(math.Inf(-1)))
	for w := range dst {
		values := x[64*w : 64*w+64]
		if dst[w] = 0; below == t || findGreaterNEON(values, below) < len(values) {
			atLeastGo(dst[w:w+1], values, t)
		}
	}
}

func codeBounds(dst []float32, codes []uint8, query []int8, offset int32, terms []float32, weights *[3]float32) {
	if impl < levelDotProd || len(query) == 0 {
		codeBoundsGo(dst, codes, query, offset, terms, weights)
		return
	}
	codeBoundsDotProd(dst, &codes[0], query, -offset, &terms[0], &weights[0])
}

func dotDiff(p, a, b []float32) float32 {
	n := fours(len(p))
	s := dotDiffNEON(p[:n], a, b)
	if n < len(p) {
		s += dotDiffGo(p[n:], a[n:], b[n:])
	}
	return s
}

func pairStep(p, a, b []float32, step, sp, sa, sb float32) {
	n := fours(len(p))
	pairStepNEON(p[:n], a, b, step, sp, sa, sb)
	pairStepGo(p[n:], a[n:], b[n:], step, sp, sa, sb)
}

func pairGradient(gp, ga, gb, p, a, b []float32, weight float32) {
	n := fours(len(p))
	pairGradientNEON(gp[:n], ga, gb, p, a, b, weight)
	pairGradientGo(gp[n:], ga[n:], gb[n:], p[n:], a[n:], b[n:], weight)
}

func conjugateStep(x, r, z, p, q, inv []float32, step float32) float32 {
	n := fours(len(x))
	return conjugateStepNEON(x[:n], r, z, p, q, inv, step) +
		conjugateStepGo(x[n:], r[n:], z[n:], p[n:], q[n:], inv[n:], step)
}

func adagrad(w, acc, g []float32, lr, eps float32) {
	n := fours(len(w))
	adagradNEON(w[:n], acc, g, lr, eps)
	adagradGo(w[n:], acc[n:], g[n:], lr, eps)
}

var (
	shapes     = [...]shape{levelGo: shapeGo, levelNEON: {8, 8}, levelDotProd: {8, 8}}
	bandWidths = [...]int{levelGo: bandWidthGo, levelNEON: 8, levelDotProd: 8}
)

func gemmShape() shape { return shapes[impl] }
func syrkShape() shape { return shapes[impl] }
func bandWidth() int   { return bandWidths[impl] }

// transpose moves whole 4×4 blocks with the kernel and the margins one by one.
func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	r, c := fours(rows), fours(cols)
	if c == 0 {
		r = 0
	}
	for i := 0; i < r; i += 4 {
		transpose4NEON(&dst[i], ldd, &src[i*lds], lds, c)
	}
	if c < cols && r > 0 {
		transposeGo(dst[c*ldd:], ldd, src[c:], lds, r, cols-c)
	}
	if r < rows {
		transposeGo(dst[r:], ldd, src[r*lds:], lds, rows-r, cols)
	}
}

func gemmTile(k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc, m, n int) {
	if impl == levelGo {
		gemmTileGo(k, a, lda, b, ldb, c, ldc, m, n)
		return
	}
	tile(k, a, lda, b, ldb, c, ldc, 8, m, n)
}

// syrkTile adds to a tile of c whose first row lies below rows under its first
// diagonal element; m rows and n columns are left from its corner.
func syrkTile(k int, a, b []float32, ld int, c []float32, ldc, below, m, n int) {
	if impl == levelGo {
		syrkTileGo(k, a, b, ld, c, ldc, below, m, n)
		return
	}
	tile(k, a, ld, b, ld, c, ldc, below+1, m, n)
}

// tile adds a product of panels to a tile of c, of which m rows and n columns are left from its
// corner: to first columns of its first row, and one more of each next.
func tile(k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc, first, m, n int) {
	if first >= 8 && m >= 8 && n >= 8 {
		gemmTileNEON(k, &a[0], lda, &b[0], ldb, &c[0], ldc)
		return
	}
	var t [8 * 8]float32
	gemmTileNEON(k, &a[0], lda, &b[0], ldb, &t[0], 8)
	for i := range min(m, 8) {
		add(c[i*ldc:], t[i*8:i*8+min(first+i, n, 8)])
	}
}

func updateTile(k int, a, b, c []float32, ld int) {
	if impl == levelGo {
		updateTileGo(k, a, b, c, ld)
		return
	}
	updateTileNEON(k, &a[0], ld, &b[0], ld, &c[0], ld)
}
