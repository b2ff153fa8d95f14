package f32

// The pure Go forms keep four sums apart so that additions need not wait for one another.

func dotGo(x, y []float32) float32 {
	var s0, s1, s2, s3 float32
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p, q := x[i:i+4:i+4], y[i:i+4:i+4]
		s0 += p[0] * q[0]
		s1 += p[1] * q[1]
		s2 += p[2] * q[2]
		s3 += p[3] * q[3]
	}
	for ; i < len(x); i++ {
		s0 += x[i] * y[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func axpyGo(alpha float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += alpha * v
	}
}

func scaleGo(alpha float32, x []float32) {
	for i := range x {
		x[i] *= alpha
	}
}

func addGo(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v
	}
}

func gemvGo(dst, a, x []float32) {
	n := len(x)
	for i := range dst {
		dst[i] = dotGo(a[i*n:(i+1)*n], x)
	}
}

func gemvRowsGo(dst, a []float32, idx []int32, x []float32) {
	n := len(x)
	for i, r := range idx {
		dst[i] = dotGo(a[int(r)*n:(int(r)+1)*n], x)
	}
}
