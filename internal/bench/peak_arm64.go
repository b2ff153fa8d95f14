package bench

import "github.com/recsys-lite/recsys/internal/f32"

//go:noescape
func fmaNEON(n int)

// fma runs n rounds of twelve fused multiply-adds, as wide as the kernels use them, and
// returns the number of floating-point operations.
func fma(n int) int {
	if f32.Implementation() == "go" {
		return fmaGo(n)
	}
	fmaNEON(n)
	return n * 12 * 4 * 2
}
