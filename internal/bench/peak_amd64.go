package bench

import "github.com/recsys-lite/recsys/internal/f32"

//go:noescape
func fmaAVX512(n int)

//go:noescape
func fmaAVX2(n int)

// fma runs n rounds of twelve fused multiply-adds, as wide as the kernels use them, and
// returns the number of floating-point operations.
func fma(n int) int {
	switch f32.Implementation() {
	case "avx512":
		fmaAVX512(n)
		return n * 12 * 16 * 2
	case "avx2":
		fmaAVX2(n)
		return n * 12 * 8 * 2
	default:
		return fmaGo(n)
	}
}
