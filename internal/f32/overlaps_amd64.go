//go:build amd64 && !purego

package f32

import "golang.org/x/sys/cpu"

// hasOverlaps tells whether there is a kernel: it needs an extension beyond those of its level.
func hasOverlaps() bool { return impl == levelAVX512 && cpu.X86.HasAVX512VPOPCNTDQ }

// addOverlaps does whole tiles and returns how many rows and columns they cover.
func addOverlaps(c []float32, ldc int, a, b []uint64, words, m, n int) (rows, cols int) {
	if !hasOverlaps() {
		return 0, 0
	}
	rows, cols = m&^3, n&^3
	for i := 0; i < rows && cols > 0; i += 4 {
		overlapRowsAVX512(&c[i*ldc], ldc, &a[i*words], &b[0], words, cols/4)
	}
	return rows, cols
}
