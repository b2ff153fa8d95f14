package dense

import (
	"math"
	"math/rand/v2"
	"testing"
)

func serial(n int, body func(i int)) {
	for i := range n {
		body(i)
	}
}

func TestInverse(t *testing.T) {
	const n = 37
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, 80*n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	a := make([]float32, n*n)
	Gram(a, x, 80, n, serial)
	inv := append([]float32(nil), a...)
	if err := Cholesky(inv, n, serial); err != nil {
		t.Fatal(err)
	}
	CholeskyInverse(inv, n, serial)
	for i := range n {
		for j := range n {
			var s float64
			for k := range n {
				s += float64(a[i*n+k]) * float64(inv[k*n+j])
			}
			if i == j {
				s--
			}
			if math.Abs(s) > 1e-4 {
				t.Fatalf("(a·a⁻¹-1)[%d,%d] = %g", i, j, s)
			}
		}
	}
}
