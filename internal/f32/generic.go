package f32

import "math"

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

func axpy4Go(y, x0, x1, x2, x3, w []float32) {
	n := len(y)
	x0, x1, x2, x3 = x0[:n], x1[:n], x2[:n], x3[:n]
	w0, w1, w2, w3 := w[0], w[1], w[2], w[3]
	for i := range y {
		y[i] += (w0*x0[i] + w1*x1[i]) + (w2*x2[i] + w3*x3[i])
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

func mulGo(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] *= v
	}
}

func mulAddGo(dst, x, y []float32) {
	dst, y = dst[:len(x)], y[:len(x)]
	for i, v := range x {
		dst[i] += v * y[i]
	}
}

func sumGo(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += v
	}
	return s
}

func gemvGo(dst, a []float32, lda int, x []float32) {
	for i := range dst {
		dst[i] = dotGo(x, a[i*lda:])
	}
}

func gemvRowsGo(dst, a []float32, idx []int32, x []float32) {
	n := len(x)
	for i, r := range idx {
		dst[i] = dotGo(a[int(r)*n:(int(r)+1)*n], x)
	}
}

func expGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

func sigmoidGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}

func tanhGo(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Tanh(float64(v)))
	}
}

func adagradGo(w, acc, g []float32, lr, eps float32) {
	for i, v := range g {
		acc[i] += v * v
		w[i] -= lr * v / float32(math.Sqrt(float64(acc[i]+eps)))
	}
}

func normalRowsGo(y, t, a []float32, idx []int32, x, w []float32, alpha, beta float32) {
	for i, r := range idx {
		row := a[int(r)*len(x) : (int(r)+1)*len(x)]
		t[i] = w[i] * (alpha + beta*dotGo(row, x))
		axpyGo(t[i], row, y)
	}
}

func maximumGo(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func maxIndexGo(x []int32) (m uint32) {
	for _, v := range x {
		m = max(m, uint32(v))
	}
	return m
}

func findGreaterGo(x []float32, t float32) int {
	for i, v := range x {
		if v > t {
			return i
		}
	}
	return -1
}

func atLeastGo(dst []uint64, x []float32, t float32) {
	for w := range dst {
		var word uint64
		for i, v := range x[64*w : 64*w+64] {
			if v >= t {
				word |= 1 << i
			}
		}
		dst[w] = word
	}
}
