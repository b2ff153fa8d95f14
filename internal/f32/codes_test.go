package f32

import (
	"math"
	"testing"
)

func TestCodeBounds(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range []int{0, 4, 8, 60, 64, 128, 260} {
			for _, m := range []int{0, 16, 32, 80} {
				codes, query := make([]uint8, m*n), make([]int8, n)
				terms, _ := guarded(r, 3*m, 1)
				weights := [3]float32{1. / 1024, .5, .25}
				extreme := r.IntN(2) == 0 // the greatest sums of neighbours
				for i := range codes {
					if codes[i] = uint8(r.IntN(CodeLimit + 1)); extreme {
						codes[i] = CodeLimit
					}
				}
				for i := range query {
					if query[i] = int8(r.IntN(255) - 127); extreme {
						query[i] = 127 * int8(1-i/2%2*2)
					}
				}
				dst, whole := guarded(r, m, 3)
				CodeBounds(dst, codes, query, 77, terms, &weights)
				checkGuard(t, whole, 3, m)
				for i, got := range dst {
					s, lane := -77, i%CodeLanes
					for j, q := range query {
						s += int(codes[i/CodeLanes*n*CodeLanes+j/CodeStep*CodeStep*CodeLanes+lane*CodeStep+j%CodeStep]) * int(q)
					}
					at := i/CodeLanes*3*CodeLanes + lane
					want := float64(s)/1024*float64(terms[at]) + .5*float64(terms[at+CodeLanes]) + .25*float64(terms[at+2*CodeLanes])
					if math.Abs(float64(got)-want) > 1e-6*(1+math.Abs(float64(s)/1024*float64(terms[at]))) {
						t.Fatalf("%d vectors of %d: bound %d is %g, want %g", m, n, i, got, want)
					}
				}
			}
		}
		codes, query, terms, dst := make([]uint8, 64*32), make([]int8, 64), make([]float32, 96), make([]float32, 32)
		noAllocs(t, "CodeBounds", func() { CodeBounds(dst, codes, query, 0, terms, new([3]float32)) })
		for name, f := range map[string]func(){
			"vectors": func() { CodeBounds(dst[:31], codes, query, 0, terms, new([3]float32)) },
			"bytes":   func() { CodeBounds(dst, codes, query[:63], 0, terms, new([3]float32)) },
			"codes":   func() { CodeBounds(dst, codes[:64*32-1:64*32-1], query, 0, terms, new([3]float32)) },
			"terms":   func() { CodeBounds(dst, codes, query, 0, terms[:95:95], new([3]float32)) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s too short: no panic", name)
					}
				}()
				f()
			}()
		}
	})
}

// Beside Gemv over as many vectors: the same work in a quarter of the memory.
func BenchmarkCodeBounds1000x128(b *testing.B) {
	codes, query := make([]uint8, 1008*128), make([]int8, 128)
	terms, dst, weights := make([]float32, 3*1008), make([]float32, 1008), new([3]float32)
	benchmark(b, 2*1008*128, func() { CodeBounds(dst, codes, query, 0, terms, weights) })
}
