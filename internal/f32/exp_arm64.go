//go:build !purego

package f32

import "math"

// expTable holds the range of x, log₂ e, ln 2 in two parts, the coefficients of (eʳ-1-r)/r² for
// |r| ≤ ln(2)/2, highest first (Cephes, expf), and 1; then, for tanh, the coefficients of (tanh(x)-x)/x³ in
// x² for small |x|, and the end of small (Cephes, tanhf).
var expTable = [18]float32{
	89, -104, math.Log2E, 0.693359375, -2.12194440e-4,
	1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
	1,
	-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
	0.625,
}

// The three set len(x) values, by expTable.

//go:noescape
func expNEON(dst, x []float32, table *[18]float32)

//go:noescape
func sigmoidNEON(dst, x []float32, table *[18]float32)

//go:noescape
func tanhNEON(dst, x []float32, table *[18]float32)

func exp(dst, x []float32) {
	if impl == levelGo {
		expGo(dst, x)
	} else {
		expNEON(dst, x, &expTable)
	}
}

func sigmoid(dst, x []float32) {
	if impl == levelGo {
		sigmoidGo(dst, x)
	} else {
		sigmoidNEON(dst, x, &expTable)
	}
}

func tanh(dst, x []float32) {
	if impl == levelGo {
		tanhGo(dst, x)
	} else {
		tanhNEON(dst, x, &expTable)
	}
}
