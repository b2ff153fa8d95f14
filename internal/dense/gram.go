package dense

import "github.com/recsys-lite/recsys/internal/f32"

// gramDepth is how many rows of the data go into one update.
const gramDepth = 256

// Gram sets c (n×n, both triangles) to aᵀ·a, where a is m×n. It needs 2·256·n floats beside.
func Gram(c, a []float32, m, n int, parallel Parallel) {
	a = a[: m*n : len(a)]
	b := newBlocks(c, n, blockSize(n), min(gramDepth, m), parallel)
	parallel(n, func(i int) { clear(b.a[i*n : (i+1)*n]) })
	for from := 0; from < m; from += gramDepth {
		depth := min(gramDepth, m-from)
		rows := a[from*n:]
		parallel(b.count, func(i int) {
			part := f32.Matrix{Data: rows[i*b.size:], Stride: n}
			f32.PackRight(b.packedRight(i), part, b.len(i), depth)
			part.Transposed = true
			f32.PackLeft(b.packedLeft(i), 1, part, b.len(i), depth)
		})
		b.updateLower(0, b.count, depth, nil)
	}
	b.mirror()
}
