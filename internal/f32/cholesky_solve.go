package f32

// CholeskySolve solves l·lᵀ·x = b in place for the factor l (n×n) of Cholesky. It is
//
//	for i := range n {
//		b[i] = (b[i] - Dot(l[i*n:i*n+i], b[:i])) / l[i*n+i]
//	}
//	for i := n - 1; i >= 0; i-- {
//		b[i] /= l[i*n+i]
//		Axpy(-b[i], l[i*n:i*n+i], b[:i])
//	}
func CholeskySolve(l []float32, n int, b []float32) {
	l, b = l[:n*n:len(l)], b[:n:len(b)]
	// Four rows at once share the pass over the values before them. What is left over comes last
	// here and first on the way back.
	whole := n &^ 3
	for i := 0; i < whole; i += 4 {
		var t [4]float32
		gemv(t[:], l[i*n:], n, b[:i])
		x := b[i : i+4 : i+4]
		for r := range x {
			x[r] -= t[r]
		}
		forward4(l[i*n+i:], n, x)
	}
	for i := whole; i < n; i++ {
		b[i] = (b[i] - dot(b[:i], l[i*n:])) / l[i*n+i]
	}

	for i := n - 1; i >= whole; i-- {
		b[i] /= l[i*n+i]
		axpy(-b[i], l[i*n:i*n+i], b[:i])
	}
	for i := whole - 4; i >= 0; i -= 4 {
		x := b[i : i+4 : i+4]
		backward4(l[i*n+i:], n, x)
		if i > 0 {
			minus := [4]float32{-x[0], -x[1], -x[2], -x[3]}
			axpy4(b[:i], l[i*n:], l[(i+1)*n:], l[(i+2)*n:], l[(i+3)*n:], minus[:])
		}
	}
}

// forward4 solves l·x = x for the 4×4 lower triangle at l. The divisions come first, so that none
// waits for another; so too in backward4.
func forward4(l []float32, n int, x []float32) {
	l1, l2, l3 := l[n:n+2:n+2], l[2*n:2*n+3:2*n+3], l[3*n:3*n+4:3*n+4]
	i0, i1, i2, i3 := 1/l[0], 1/l1[1], 1/l2[2], 1/l3[3]
	_ = x[3]
	x0 := x[0] * i0
	x1 := (x[1] - l1[0]*x0) * i1
	x2 := (x[2] - l2[0]*x0 - l2[1]*x1) * i2
	x3 := (x[3] - l3[0]*x0 - l3[1]*x1 - l3[2]*x2) * i3
	x[0], x[1], x[2], x[3] = x0, x1, x2, x3
}

// backward4 solves lᵀ·x = x for the 4×4 lower triangle at l.
func backward4(l []float32, n int, x []float32) {
	l1, l2, l3 := l[n:n+2:n+2], l[2*n:2*n+3:2*n+3], l[3*n:3*n+4:3*n+4]
	i0, i1, i2, i3 := 1/l[0], 1/l1[1], 1/l2[2], 1/l3[3]
	_ = x[3]
	x3 := x[3] * i3
	x2 := (x[2] - l3[2]*x3) * i2
	x1 := (x[1] - l3[1]*x3 - l2[1]*x2) * i1
	x0 := (x[0] - l3[0]*x3 - l2[0]*x2 - l1[0]*x1) * i0
	x[0], x[1], x[2], x[3] = x0, x1, x2, x3
}
