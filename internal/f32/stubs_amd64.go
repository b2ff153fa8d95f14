//go:build amd64 && !purego

package f32

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd _asm && go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg f32"

const (
	levelAVX2 = levelGo + 1 + iota
	levelAVX512
)

var levelNames = [...]string{levelGo: "go", levelAVX2: "avx2", levelAVX512: "avx512"}

// FastCodes reports whether CodeBounds is faster than Gemv.
func FastCodes() bool { return impl != levelGo }

func detect() level {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasBMI2:
		return levelGo
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL:
		return levelAVX512
	default:
		return levelAVX2
	}
}

func dot(x, y []float32) float32 {
	switch impl {
	case levelAVX512:
		return dotAVX512(x, y)
	case levelAVX2:
		return dotAVX2(x, y)
	default:
		return dotGo(x, y)
	}
}

func axpy(alpha float32, x, y []float32) {
	switch impl {
	case levelAVX512:
		axpyAVX512(alpha, x, y)
	case levelAVX2:
		axpyAVX2(alpha, x, y)
	default:
		axpyGo(alpha, x, y)
	}
}

func scale(alpha float32, x []float32) {
	switch impl {
	case levelAVX512:
		scaleAVX512(alpha, x)
	case levelAVX2:
		scaleAVX2(alpha, x)
	default:
		scaleGo(alpha, x)
	}
}

func add(dst, x []float32) {
	switch impl {
	case levelAVX512:
		addAVX512(dst, x)
	case levelAVX2:
		addAVX2(dst, x)
	default:
		addGo(dst, x)
	}
}

func mul(dst, x []float32) {
	switch impl {
	case levelAVX512:
		mulAVX512(dst, x)
	case levelAVX2:
		mulAVX2(dst, x)
	default:
		mulGo(dst, x)
	}
}

func mulAdd(dst, x, y []float32) {
	switch impl {
	case levelAVX512:
		mulAddAVX512(dst, x, y)
	case levelAVX2:
		mulAddAVX2(dst, x, y)
	default:
		mulAddGo(dst, x, y)
	}
}

// gemv multiplies rows that lie lda apart. It leaves those past the last whole group of four to
// dot, which adds in the same order.
func gemv(dst, a []float32, lda int, x []float32) {
	whole := len(dst) &^ 3
	large := whole > 0 && len(dst)*lda >= largeMatrix
	switch {
	case impl == levelAVX512 && large:
		gemvPartsAVX512(&dst[0], &a[0], whole/4, lda, x)
	case impl == levelAVX512:
		gemvAVX512(dst[:whole], a, lda, x)
	case impl == levelAVX2 && large:
		gemvPartsAVX2(&dst[0], &a[0], whole/2, lda, x)
	case impl == levelAVX2:
		gemvAVX2(dst[:whole], a, lda, x)
	default:
		gemvGo(dst, a, lda, x)
		return
	}
	for i := whole; i < len(dst); i++ {
		dst[i] = dot(x, a[i*lda:])
	}
}

func gemvRows(dst, a []float32, idx []int32, x []float32) {
	whole := len(idx) &^ 3
	switch impl {
	case levelAVX512:
		gemvRowsAVX512(dst, a, idx[:whole], x)
	case levelAVX2:
		gemvRowsAVX2(dst, a, idx[:whole], x)
	default:
		gemvRowsGo(dst, a, idx, x)
		return
	}
	for i := whole; i < len(idx); i++ {
		dst[i] = dot(x, a[int(idx[i])*len(x):])
	}
}

// axpy4 adds to y four vectors times the values of w.
func axpy4(y, x0, x1, x2, x3, w []float32) {
	switch impl {
	case levelAVX512:
		axpy4AVX512(y, &x0[0], &x1[0], &x2[0], &x3[0], &w[0])
	case levelAVX2:
		axpy4AVX2(y, &x0[0], &x1[0], &x2[0], &x3[0], &w[0])
	default:
		axpy4Go(y, x0, x1, x2, x3, w)
	}
}

func exp(dst, x []float32) {
	switch impl {
	case levelAVX512:
		expAVX512(dst, x)
	case levelAVX2:
		expAVX2(dst, x)
	default:
		expGo(dst, x)
	}
}

func sigmoid(dst, x []float32) {
	switch impl {
	case levelAVX512:
		sigmoidAVX512(dst, x)
	case levelAVX2:
		sigmoidAVX2(dst, x)
	default:
		sigmoidGo(dst, x)
	}
}

func tanh(dst, x []float32) {
	switch impl {
	case levelAVX512:
		tanhAVX512(dst, x)
	case levelAVX2:
		tanhAVX2(dst, x)
	default:
		tanhGo(dst, x)
	}
}

func adagrad(w, acc, g []float32, lr, eps float32) {
	switch impl {
	case levelAVX512:
		adagradAVX512(w, acc, g, lr, eps)
	case levelAVX2:
		adagradAVX2(w, acc, g, lr, eps)
	default:
		adagradGo(w, acc, g, lr, eps)
	}
}

func normalRows4(y, t, a []float32, idx []int32, x []float32, w *float32, alpha, beta float32) {
	if impl == levelAVX512 {
		normalRowsAVX512(y, t, a, idx, x, w, alpha, beta)
	} else {
		normalRowsAVX2(y, t, a, idx, x, w, alpha, beta)
	}
}

// normalRows gives the kernels whole groups of four: the last one is filled up with rows that
// weigh nothing.
func normalRows(y, t, a []float32, idx []int32, x, w []float32, alpha, beta float32) {
	if impl == levelGo {
		normalRowsGo(y, t, a, idx, x, w, alpha, beta)
		return
	}
	whole := len(idx) &^ 3
	if whole > 0 {
		normalRows4(y, t, a, idx[:whole], x, &w[0], alpha, beta)
	}
	if whole < len(idx) {
		var last [4]int32
		var by, products [4]float32
		for i := range last {
			last[i] = idx[min(whole+i, len(idx)-1)]
		}
		copy(by[:], w[whole:])
		normalRows4(y, products[:], a, last[:], x, &by[0], alpha, beta)
		copy(t[whole:], products[:])
	}
}

func maximum(x []float32) float32 {
	var m float32
	var whole int
	switch impl {
	case levelAVX512:
		whole = len(x) &^ 15
		m = maxAVX512(x)
	case levelAVX2:
		whole = len(x) &^ 7
		m = maxAVX2(x)
	default:
		return maximumGo(x)
	}
	if rest := maximumGo(x[whole:]); rest > m {
		return rest
	}
	return m
}

func sum(x []float32) float32 {
	switch impl {
	case levelAVX512:
		return sumAVX512(x) + sumGo(x[len(x)&^15:])
	case levelAVX2:
		return sumAVX2(x) + sumGo(x[len(x)&^7:])
	default:
		return sumGo(x)
	}
}

// maxIndex returns the greatest of x, taken as unsigned numbers, or 0.
func maxIndex(x []int32) uint32 {
	switch impl {
	case levelAVX512:
		return max(maxIndexAVX512(x), maxIndexGo(x[len(x)&^15:]))
	case levelAVX2:
		return max(maxIndexAVX2(x), maxIndexGo(x[len(x)&^7:]))
	default:
		return maxIndexGo(x)
	}
}

func findGreater(x []float32, t float32) int {
	var from int
	switch impl {
	case levelAVX512:
		from = findGreaterAVX512(x, t)
	case levelAVX2:
		from = findGreaterAVX2(x, t)
	}
	if i := findGreaterGo(x[from:], t); i >= 0 {
		return from + i
	}
	return -1
}

func atLeast(dst []uint64, x []float32, t float32) {
	switch impl {
	case levelAVX512:
		atLeastAVX512(dst, &x[0], t)
	case levelAVX2:
		atLeastAVX2(dst, &x[0], t)
	default:
		atLeastGo(dst, x, t)
	}
}

func dotDiff(p, a, b []float32) float32 {
	switch impl {
	case levelAVX512:
		return dotDiffAVX512(p, a, b)
	case levelAVX2:
		return dotDiffAVX2(p, a, b)
	default:
		return dotDiffGo(p, a, b)
	}
}

func pairStep(p, a, b []float32, step, sp, sa, sb float32) {
	switch impl {
	case levelAVX512:
		pairStepAVX512(p, a, b, step, sp, sa, sb)
	case levelAVX2:
		pairStepAVX2(p, a, b, step, sp, sa, sb)
	default:
		pairStepGo(p, a, b, step, sp, sa, sb)
	}
}

func pairGradient(gp, ga, gb, p, a, b []float32, weight float32) {
	switch impl {
	case levelAVX512:
		pairGradientAVX512(gp, ga, gb, p, a, b, weight)
	case levelAVX2:
		pairGradientAVX2(gp, ga, gb, p, a, b, weight)
	default:
		pairGradientGo(gp, ga, gb, p, a, b, weight)
	}
}

func conjugateStep(x, r, z, p, q, inv []float32, step float32) float32 {
	switch impl {
	case levelAVX512:
		return conjugateStepAVX512(x, r, z, p, q, inv, step)
	case levelAVX2:
		return conjugateStepAVX2(x, r, z, p, q, inv, step)
	default:
		return conjugateStepGo(x, r, z, p, q, inv, step)
	}
}

func scaleAdd(alpha float32, y, x []float32) {
	switch impl {
	case levelAVX512:
		scaleAddAVX512(alpha, y, x)
	case levelAVX2:
		scaleAddAVX2(alpha, y, x)
	default:
		scaleAddGo(alpha, y, x)
	}
}

func codeBounds(dst []float32, codes []uint8, query []int8, offset int32, terms []float32, weights *[3]float32) {
	if len(query) == 0 {
		codeBoundsGo(dst, codes, query, offset, terms, weights)
		return
	}
	switch {
	case impl == levelAVX512 && cpu.X86.HasAVX512VNNI:
		codeBoundsVNNI(dst, &codes[0], query, -offset, &terms[0], &weights[0])
	case impl != levelGo:
		codeBoundsAVX2(dst, &codes[0], query, -offset, &terms[0], &weights[0])
	default:
		codeBoundsGo(dst, codes, query, offset, terms, weights)
	}
}

func rankerSteps(r *Ranker, steps []Preference) float32 {
	if impl == levelGo {
		return rankerStepsGo(r, steps)
	}
	rates := [5]float32{r.Rate, r.KeepUser, r.KeepBetter, r.KeepWorse, r.KeepBias}
	if impl == levelAVX512 {
		return rankerStepsAVX512(&r.Users[0], &r.Items[0], &r.Bias[0], r.D, &steps[0].User, len(steps), &rates[0])
	}
	return rankerStepsAVX2(&r.Users[0], &r.Items[0], &r.Bias[0], r.D, &steps[0].User, len(steps), &rates[0])
}
