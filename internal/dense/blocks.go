package dense

import "github.com/recsys-lite/recsys/internal/f32"

// blocks is a row-major square matrix cut into blocks, with room to keep one block column in the
// packed orders of f32.GemmPacked. Every step of Cholesky packs such a strip once and then updates
// many blocks from it.
type blocks struct {
	a           []float32
	n, size     int
	count       int // blocks per side
	left, right []float32
	perLeft     int // floats of a packed block
	perRight    int
	parallel    Parallel
}

// newBlocks cuts a (n×n).
func newBlocks(a []float32, n, size int, parallel Parallel) *blocks {
	b := &blocks{
		a: a[: n*n : len(a)], n: n, size: size, count: (n + size - 1) / size, parallel: parallel,
		perLeft: f32.PackedLeft(size, size), perRight: f32.PackedRight(size, size),
	}
	b.left = make([]float32, b.count*b.perLeft)
	b.right = make([]float32, b.count*b.perRight)
	return b
}

// blockSize is the side of a block: large enough to keep the kernels busy, small enough that there are
// many blocks to share out and that strips of them stay small beside the matrix. It is a multiple of
// RowsAtOnce and of the sides of the tiles of every kernel, so that whole blocks need no padding.
func blockSize(n int) int {
	if n < 2048 {
		return 96
	}
	return 192
}

// len returns the length of block i along a side.
func (b *blocks) len(i int) int { return min(b.size, b.n-i*b.size) }

// block returns block (i, j).
func (b *blocks) block(i, j int) f32.Matrix {
	return f32.Matrix{Data: b.a[i*b.size*b.n+j*b.size:], Stride: b.n}
}

// transposed returns block (i, j) read as its transpose.
func (b *blocks) transposed(i, j int) f32.Matrix {
	x := b.block(i, j)
	x.Transposed = true
	return x
}

// packedLeft and packedRight return the room for block i of the strip.
func (b *blocks) packedLeft(i int) []float32  { return b.left[i*b.perLeft : (i+1)*b.perLeft] }
func (b *blocks) packedRight(i int) []float32 { return b.right[i*b.perRight : (i+1)*b.perRight] }

// clear sets block (i, j) to zero.
func (b *blocks) clear(i, j int) {
	x, n := b.block(i, j), b.len(j)
	for r := range b.len(i) {
		clear(x.Data[r*x.Stride : r*x.Stride+n])
	}
}

// update adds the product of the packed blocks i and j of the strip to block (i, j).
func (b *blocks) update(i, j, depth int) {
	f32.GemmPacked(b.block(i, j), b.packedLeft(i), b.packedRight(j), b.len(i), b.len(j), depth)
}

// updateLower updates the blocks on and below the diagonal with both indices in [from, to).
func (b *blocks) updateLower(from, to, depth int) {
	n := to - from
	b.parallel(n*(n+1)/2, func(t int) {
		i, j := triangle(t)
		if i != j {
			b.update(from+i, from+j, depth)
			return
		}
		f32.GemmPackedLower(b.block(from+i, from+i), b.packedLeft(from+i), b.packedRight(from+i), b.len(from+i), depth)
	})
}

// triangle returns the place of element t of a lower triangle, row after row.
func triangle(t int) (i, j int) {
	for i = 0; t > i; i++ {
		t -= i + 1
	}
	return i, t
}
