package f32

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
