package f32

import "testing"

// A product with a triangular factor is that of the whole matrix, zeros included.
func TestGemmPackedTriangular(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, d := range []int{1, 5, 12, 33, 96, 101} { // of the triangle
			for _, o := range []int{1, 4, 13, 32, 50} {
				for _, which := range []Triangle{LeftLower, LeftUpper, RightLower, RightUpper} {
					m, n := d, o
					if which >= RightLower {
						m, n = o, d
					}
					tri, other := random(r, d*d), random(r, d*o)
					for i := range d {
						for j := range d {
							if lower := which == LeftLower || which == RightLower; i != j && lower == (j > i) {
								tri[i*d+j] = 0
							}
						}
					}
					a, b := Matrix{Data: tri, Stride: d}, Matrix{Data: other, Stride: n}
					if which >= RightLower {
						a, b = Matrix{Data: other, Stride: d}, Matrix{Data: tri, Stride: d}
					}
					left, right := make([]float32, PackedLeft(m, d)), make([]float32, PackedRight(n, d))
					PackLeft(left, 1, a, m, d)
					PackRight(right, b, n, d)
					c, whole := guarded(r, m*n, 5)
					want, scale := gemmRef(c, 1, a, b, m, n, d)
					GemmPackedTriangular(Matrix{Data: c, Stride: n}, left, right, m, n, d, which)
					checkGuard(t, whole, 5, m*n)
					for i := range c {
						near(t, at("value", int(which), d, o, i), c[i], want[i], scale[i])
					}
				}
			}
		}
	})
}
