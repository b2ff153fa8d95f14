package f32

import (
	"slices"
	"testing"
)

// A product with a triangular factor is that of the whole matrix, zeros included.
func TestGemmPackedTriangular(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, d := range []int{1, 5, 12, 33, 96, 101} { // of the triangle
			for _, o := range []int{1, 4, 13, 32, 50} {
				for _, which := range []Triangle{Whole, LeftLower, LeftUpper, RightLower, RightUpper} {
					m, n := d, o
					if which >= RightLower {
						m, n = o, d
					}
					tri, other := random(r, d*d), random(r, d*o)
					for i := range d {
						for j := range d {
							if which == Whole {
								break
							}
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
					// Into a packed result: the same, packed.
					packed, whole := guarded(r, PackedRight(n, m), 5)
					clear(packed)
					GemmIntoPacked(packed, left, right, m, n, d, which)
					checkGuard(t, whole, 5, len(packed))
					product, want2 := make([]float32, m*n), make([]float32, len(packed))
					GemmPackedTriangular(Matrix{Data: product, Stride: n}, left, right, m, n, d, which)
					PackRight(want2, Matrix{Data: product, Stride: n}, n, m)
					if !slices.Equal(packed, want2) {
						t.Fatalf("triangle %d of %d, other side %d: packed product differs", which, d, o)
					}
				}
			}
		}
	})
}

func TestPackLeftOfRight(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, k := range []int{1, 2, 7, 96} {
			for _, n := range []int{1, 4, 12, 16, 31, 32, 33, 48, 58, 96, 101} {
				b := Matrix{Data: random(r, k*n), Stride: n}
				right := make([]float32, PackedRight(n, k))
				PackRight(right, b, n, k)
				b.Transposed = true
				for _, alpha := range []float32{1, -1} {
					want := make([]float32, PackedLeft(n, k))
					PackLeft(want, alpha, b, n, k)
					got, whole := guarded(r, len(want), 5)
					PackLeftOfRight(got, alpha, right, n, k)
					checkGuard(t, whole, 5, len(got))
					if !slices.Equal(got, want) {
						t.Fatalf("%d×%d times %g: not what PackLeft makes", k, n, alpha)
					}
				}
			}
		}
	})
}
