package f32

import "fmt"

// Max returns the greatest value of x, or -Inf if x is empty. It is
//
//	m := -Inf
//	for _, v := range x {
//		if v > m {
//			m = v
//		}
//	}
//	return m
//
// so a NaN is passed over.
func Max(x []float32) float32 { return maximum(x) }

// FindGreater returns the first position whose value exceeds t, or -1. It is
//
//	for i, v := range x {
//		if v > t {
//			return i
//		}
//	}
//	return -1
func FindGreater(x []float32, t float32) int { return findGreater(x, t) }

// AtLeast tells which values are t or more, a bit each. It is
//
//	clear(dst)
//	for i, v := range x {
//		if v >= t {
//			dst[i/64] |= 1 << (i % 64)
//		}
//	}
//
// It panics unless len(x) is 64·len(dst).
func AtLeast(dst []uint64, x []float32, t float32) {
	if len(x) != 64*len(dst) {
		panic(fmt.Sprintf("f32: %d values beside %d words of 64 bits", len(x), len(dst)))
	}
	if len(dst) > 0 {
		atLeast(dst, x, t)
	}
}
