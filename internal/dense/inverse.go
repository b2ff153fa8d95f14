package dense

import (
	"sync"

	"github.com/recsys-lite/recsys/internal/f32"
)

// CholeskyInverse turns the factor l of Cholesky (lower triangle of a, n×n) into the inverse of
// l·lᵀ, in place, both triangles. It needs about 2·192·n floats beside.
func CholeskyInverse(a []float32, n int, parallel Parallel) {
	size := blockSize(n)
	b := newBlocks(a, n, size, size, parallel)
	d := newDiagonal(size)
	invertDiagonal(b)
	invertFactor(b, d)
	multiplyFactor(b, d)
	b.mirror()
}

// invertDiagonal inverts the blocks on the diagonal, which are triangular.
func invertDiagonal(b *blocks) {
	scratch := sync.Pool{New: func() any { return newDiagonal(b.size) }}
	b.parallel(b.count, func(k int) {
		d := scratch.Get().(*diagonal)
		defer scratch.Put(d)
		d.read(b, k)
		d.invert(b.len(k))
		d.write(b, k)
	})
}

// invertFactor replaces l, whose blocks on the diagonal are inverted, by m = l⁻¹. Step k
// multiplies block column k by its diagonal block from the right, adds its products with block row k to
// the blocks below and left, and then multiplies that row from the left.
func invertFactor(b *blocks, d *diagonal) {
	for k := range b.count {
		depth := b.len(k)
		d.read(b, k)
		inverse := f32.Matrix{Data: d.block, Stride: depth}
		f32.PackRight(d.right, inverse, depth, depth)
		f32.PackLeft(d.left, 1, inverse, depth, depth)
		b.parallel(b.count, func(i int) {
			switch {
			case i > k:
				f32.PackLeft(b.packedLeft(i), -1, b.block(i, k), b.len(i), depth)
				b.clear(i, k)
				f32.GemmPackedTriangular(b.block(i, k), b.packedLeft(i), d.right, b.len(i), depth, depth, f32.RightLower)
				f32.PackLeft(b.packedLeft(i), 1, b.block(i, k), b.len(i), depth)
			case i < k:
				b.multiplyRow(k, i, d, f32.LeftLower)
			}
		})
		below := b.count - k - 1
		b.parallel(below*k, func(t int) { b.update(k+1+t/k, t%k, depth) })
	}
}

// multiplyRow packs block (k, j) on the right and multiplies it by the packed triangle d.left.
func (b *blocks) multiplyRow(k, j int, d *diagonal, t f32.Triangle) {
	f32.PackRight(b.packedRight(j), b.block(k, j), b.len(j), b.len(k))
	b.clear(k, j)
	f32.GemmPackedTriangular(b.block(k, j), d.left, b.packedRight(j), b.len(k), b.len(j), b.len(k), t)
}

// multiplyFactor replaces m by the lower triangle of mᵀ·m. Step k adds the products of block
// row k with itself to the blocks above it, and then multiplies the row by the transpose of its
// diagonal block.
func multiplyFactor(b *blocks, d *diagonal) {
	for k := range b.count {
		depth := b.len(k)
		d.read(b, k)
		inverse := f32.Matrix{Data: d.block, Stride: depth}
		transposed := inverse
		transposed.Transposed = true
		f32.PackLeft(d.left, 1, transposed, depth, depth)
		b.parallel(k+1, func(j int) {
			if j < k {
				f32.PackLeft(b.packedLeft(j), 1, b.transposed(k, j), b.len(j), depth)
				b.multiplyRow(k, j, d, f32.LeftUpper)
				return
			}
			f32.PackRight(d.right, inverse, depth, depth)
			b.clear(k, k)
			f32.GemmPackedLower(b.block(k, k), d.left, d.right, depth, depth)
		})
		b.updateLower(0, k, depth, nil)
	}
}
