package f32

import (
	"fmt"
	"math/bits"
)

// OverlapWords is what the length of a set of AddOverlaps must be a multiple of.
const OverlapWords = 8

// AddOverlaps adds to c (m×n, rows ldc apart) how many elements each of m sets a has in common
// with each of n sets b. A set is words integers of bits. It is
//
//	for i := range m {
//		for j := range n {
//			for w := range words {
//				c[i*ldc+j] += float32(bits.OnesCount64(a[i*words+w] & b[j*words+w]))
//			}
//		}
//	}
//
// which is exact up to 2²⁴, and so the same for every implementation. It panics if words is no
// multiple of OverlapWords or if c, a or b is too short.
func AddOverlaps(c []float32, ldc int, a, b []uint64, words, m, n int) {
	if words%OverlapWords != 0 {
		panic(fmt.Sprintf("f32: sets of %d words, no multiple of %d", words, OverlapWords))
	}
	if m <= 0 || n <= 0 || words <= 0 {
		return
	}
	_ = c[(m-1)*ldc+n-1]
	a, b = a[:m*words:len(a)], b[:n*words:len(b)]
	rows, cols := addOverlaps(c, ldc, a, b, words, m, n)
	addOverlapsGo(c[cols:], ldc, a, b[cols*words:], words, rows, n-cols)
	if rows < m { // c may end with a row, short of ldc
		addOverlapsGo(c[rows*ldc:], ldc, a[rows*words:], b, words, m-rows, n)
	}
}

// OverlapsPerCount is about how many words of two sets AddOverlaps looks at in the time that
// adding one to a float32 in the second-level cache takes, short loops over such included.
func OverlapsPerCount() int {
	if hasOverlaps() {
		return 16
	}
	return 1
}

func addOverlapsGo(c []float32, ldc int, a, b []uint64, words, m, n int) {
	for i := range m {
		x := a[i*words : (i+1)*words]
		for j := range n {
			y := b[j*words : (j+1)*words]
			count := 0
			for w := 0; w < words; w += OverlapWords {
				v, u := (*[OverlapWords]uint64)(x[w:]), (*[OverlapWords]uint64)(y[w:])
				count += bits.OnesCount64(v[0]&u[0]) + bits.OnesCount64(v[1]&u[1]) +
					bits.OnesCount64(v[2]&u[2]) + bits.OnesCount64(v[3]&u[3]) +
					bits.OnesCount64(v[4]&u[4]) + bits.OnesCount64(v[5]&u[5]) +
					bits.OnesCount64(v[6]&u[6]) + bits.OnesCount64(v[7]&u[7])
			}
			c[i*ldc+j] += float32(count)
		}
	}
}
