package f32

// Exp is
//
//	for i := range x {
//		dst[i] = exp(x[i])
//	}
//
// with a relative error below 1e-7 where the result is a normal number; results that are not may
// lose digits. NaN, ±Inf and overflow give what math.Exp gives. dst may be x. It panics if dst is
// shorter than x.
func Exp(dst, x []float32) { exp(dst[:len(x):len(dst)], x) }

// Sigmoid is
//
//	for i := range x {
//		dst[i] = 1 / (1 + exp(-x[i]))
//	}
//
// with a relative error below 2e-7 for x > -87, and a result below 2e-38 where x is smaller. It is 0 and 1
// at ∓Inf, and NaN for NaN. dst may be x. It panics if dst is shorter than x.
func Sigmoid(dst, x []float32) { sigmoid(dst[:len(x):len(dst)], x) }

// Tanh is
//
//	for i := range x {
//		dst[i] = tanh(x[i])
//	}
//
// with a relative error below 2e-7. It is ±1 at ±Inf, NaN for NaN, and keeps the sign of a
// zero. dst may be x. It panics if dst is shorter than x.
func Tanh(dst, x []float32) { tanh(dst[:len(x):len(dst)], x) }
