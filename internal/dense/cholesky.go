package dense

import (
	"fmt"

	"github.com/recsys-lite/recsys/internal/f32"
)

// Cholesky factors the symmetric positive definite a (n×n) in place into l·lᵀ. It uses the lower
// triangle; what lies above becomes anything. On an error a is spoilt. It needs
// about 2·192·n floats beside.
//
// Right-looking: factor a block on the diagonal, solve for the blocks below it, subtract
// their products from what is left.
func Cholesky(a []float32, n int, parallel Parallel) error {
	size := blockSize(n)
	b := newBlocks(a, n, size, parallel)
	d := newDiagonal(size)
	for k := range b.count {
		depth := b.len(k)
		if !d.factor(b, k) {
			return fmt.Errorf("%w: rows %d to %d of %d", ErrNotPositiveDefinite, k*size, k*size+depth-1, n)
		}
		parallel(b.count-k-1, func(t int) {
			i := k + 1 + t
			// The packed copy makes room for the solution in place.
			f32.PackLeft(b.packedLeft(i), 1, b.block(i, k), b.len(i), depth)
			b.clear(i, k)
			f32.GemmPackedTriangular(b.block(i, k), b.packedLeft(i), d.right, b.len(i), depth, depth, f32.RightUpper)
			f32.PackLeft(b.packedLeft(i), -1, b.block(i, k), b.len(i), depth)
			f32.PackRight(b.packedRight(i), b.transposed(i, k), b.len(i), depth)
		})
		b.updateLower(k+1, b.count, depth)
	}
	return nil
}

// factor factors block (k, k) in place and packs the transpose of the factor's inverse as right.
func (d *diagonal) factor(b *blocks, k int) bool {
	n := b.len(k)
	on := b.block(k, k)
	d.read(on, n)
	if !f32.Cholesky(d.block, n) {
		return false
	}
	d.write(on, n)
	d.invert(n)
	f32.PackRight(d.right, f32.Matrix{Data: d.block, Stride: n, Transposed: true}, n, n)
	return true
}

// diagonal holds a lower triangular block from the diagonal, dense with zeros above, and
// room for what is made of it.
type diagonal struct{ block, copied, right []float32 }

func newDiagonal(size int) diagonal {
	return diagonal{
		block: make([]float32, size*size), copied: make([]float32, size*size),
		right: make([]float32, f32.PackedRight(size, size)),
	}
}

// read copies the lower triangle of x (n×n).
func (d *diagonal) read(x f32.Matrix, n int) {
	for i := range n {
		row := d.block[i*n : (i+1)*n]
		copy(row, x.Data[i*x.Stride:i*x.Stride+i+1])
		clear(row[i+1:])
	}
}

// write copies it back.
func (d *diagonal) write(x f32.Matrix, n int) {
	for i := range n {
		copy(x.Data[i*x.Stride:], d.block[i*n:i*n+i+1])
	}
}

// invert replaces the triangular block (n×n) by its inverse.
func (d *diagonal) invert(n int) {
	copy(d.copied, d.block[:n*n])
	clear(d.block[:n*n])
	invertLower(d.block, d.copied, n, 0, n)
}

// invertSmall is the size from which invertLower works row by row.
const invertSmall = 24

// invertLower sets rows and columns [from, to) of m to the inverse of those of l, both n×n and lower
// triangular, m zero before. It halves: the inverse of [p 0; q r] is [p⁻¹ 0; -r⁻¹·q·p⁻¹ r⁻¹].
func invertLower(m, l []float32, n, from, to int) {
	if to-from <= invertSmall {
		for i := from; i < to; i++ {
			inv := 1 / l[i*n+i]
			row := m[i*n+from : i*n+i]
			for k := from; k < i; k++ {
				f32.Axpy(-l[i*n+k]*inv, m[k*n+from:k*n+k+1], row)
			}
			m[i*n+i] = inv
		}
		return
	}
	mid := (from + to) / 2
	invertLower(m, l, n, from, mid)
	invertLower(m, l, n, mid, to)
	upper, lower := mid-from, to-mid
	at := func(x []float32, i, j int) f32.Matrix { return f32.Matrix{Data: x[i*n+j:], Stride: n} }
	// q is used up on the way: it takes -q·p⁻¹, then m takes r⁻¹ times that.
	product := make([]float32, lower*upper)
	f32.Gemm(f32.Matrix{Data: product, Stride: upper}, -1, at(l, mid, from), at(m, from, from), lower, upper, upper)
	f32.Gemm(at(m, mid, from), 1, at(m, mid, mid), f32.Matrix{Data: product, Stride: upper}, lower, upper, lower)
}
