package bench

import "runtime"

// fmaGo is fma without vectors: twelve independent chains of a multiplication and an addition.
func fmaGo(n int) int {
	var s [12]float32
	x := float32(n&1) + 1
	for range n {
		for k := range s {
			s[k] += x * x
		}
	}
	runtime.KeepAlive(s)
	return n * 12 * 2
}
