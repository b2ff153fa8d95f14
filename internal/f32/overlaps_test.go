package f32

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

func sets(r *rand.Rand, n int) []uint64 {
	x := make([]uint64, n)
	for i := range x {
		x[i] = r.Uint64()
	}
	return x
}

func TestAddOverlaps(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, words := range []int{0, 8, 16, 24, 104} {
			for _, m := range []int{0, 1, 3, 4, 5, 8, 11} {
				for _, n := range []int{0, 1, 2, 4, 7, 8, 17} {
					ldc := n + r.IntN(3)
					a, b := sets(r, m*words), sets(r, n*words)
					if len(a) > 0 && len(b) > 0 { // the most that a word can have
						for w := range words {
							a[w], b[w] = ^uint64(0), ^uint64(0)
						}
					}
					c, whole := guarded(r, m*ldc, 3)
					for i := range c {
						c[i] = float32(i)
					}
					AddOverlaps(c, ldc, a, b, words, m, n)
					checkGuard(t, whole, 3, m*ldc)
					for i := range c {
						want := i
						if row, col := i/ldc, i%ldc; col < n {
							for w := range words {
								want += bits.OnesCount64(a[row*words+w] & b[col*words+w])
							}
						}
						if c[i] != float32(want) {
							t.Fatalf("%d×%d sets of %d words: c[%d] = %g, want %d", m, n, words, i, c[i], want)
						}
					}
				}
			}
		}
		c, a := make([]float32, 25), make([]uint64, 5*8)
		noAllocs(t, "AddOverlaps", func() { AddOverlaps(c, 5, a, a, 8, 5, 5) })
		AddOverlaps(c[:3*6+4], 6, a, a, 8, 4, 4) // the last row ends after its values
		for name, f := range map[string]func(){
			"words": func() { AddOverlaps(c, 5, a, a, 7, 5, 5) },
			"c":     func() { AddOverlaps(c[:24], 5, a, a, 8, 5, 5) },
			"a":     func() { AddOverlaps(c, 5, a[:39:39], a, 8, 5, 5) },
			"b":     func() { AddOverlaps(c, 5, a, a[:39:39], 8, 5, 5) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				f()
			}()
		}
	})
}

// One operation per word of two sets.
func BenchmarkAddOverlaps(b *testing.B) {
	for _, words := range []int{16, 48} {
		const m, n = 16, 1000
		b.Run(name(m, n, words), func(b *testing.B) {
			r := testRand()
			x, y, c := sets(r, m*words), sets(r, n*words), make([]float32, m*n)
			benchmark(b, m*n*words, func() { AddOverlaps(c, n, x, y, words, m, n) })
		})
	}
}
