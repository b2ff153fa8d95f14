package f32

import "math"

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
func Max(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

// FindGreater returns the first position whose value exceeds t, or -1. It is
//
//	for i, v := range x {
//		if v > t {
//			return i
//		}
//	}
//	return -1
func FindGreater(x []float32, t float32) int {
	for i, v := range x {
		if v > t {
			return i
		}
	}
	return -1
}
