package dense

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/recsys-lite/recsys/internal/f32"
)

// Invert inverts s, which must be positive definite: InverseDiagonal and Inverse then give the
// result. On an error s is spoilt.
//
// With a = uᵀ·u and m = (uᵀ)⁻¹ the inverse is mᵀ·m. Every block of u, of m and of the product is
// one task, which adds up the products of blocks that it consists of while it stays in the
// cache. A task waits for those blocks. They come earlier in the order of the tasks, so that there
// is always one that can go on, and the order is such that there is hardly ever one that waits.
func (s *Symmetric) Invert(parallel Parallel) error {
	v := newInversion(s)
	tasks := v.tasks()
	parallel(len(tasks), func(i int) { tasks[i]() })
	if k := v.failed.Load(); k >= 0 {
		from := int(k) * s.size
		return fmt.Errorf("%w: rows %d to %d of %d", ErrNotPositiveDefinite, from, from+s.len(int(k))-1, s.n)
	}
	return nil
}

// inversion is the state of Invert.
//
// While u is made, block (i, j) above the diagonal holds a and then u(i, j), and below it
// −u(j, i)ᵀ as a left factor. The blocks d on the diagonal are (uᵀ)⁻¹ of that block alone, as a left
// factor and, in their second places, as a right one. Then m(i, j) takes the place of u(j, i)
// and, as the left factor mᵀ, that of the other form. The blocks of the product, row by row,
// replace left factors that are not needed any more.
type inversion struct {
	*Symmetric
	ready   []sync.WaitGroup // of each block: u above the diagonal, d on it, m below
	turned  []sync.WaitGroup // of each row of m: its left factors
	product []sync.WaitGroup // of each row of the product: all of its blocks
	failed  atomic.Int64     // the block whose factor does not exist, or −1
}

func newInversion(s *Symmetric) *inversion {
	v := &inversion{Symmetric: s,
		ready:   make([]sync.WaitGroup, s.count*s.count),
		turned:  make([]sync.WaitGroup, s.count),
		product: make([]sync.WaitGroup, s.count)}
	v.failed.Store(-1)
	for i := range v.ready {
		v.ready[i].Add(1)
	}
	for i := range s.count {
		v.turned[i].Add(1)
		v.product[i].Add(i + 1)
	}
	return v
}

func (v *inversion) is(i, j int) *sync.WaitGroup { return &v.ready[i*v.count+j] }

// tasks lists the tasks in an order in which none waits for a later one.
func (v *inversion) tasks() []func() {
	list := []func(){func() { v.factor(0) }}[:min(1, v.count)]
	for i := range v.count {
		var row []func()
		for j := i + 1; j < v.count; j++ {
			row = append(row, func() { v.eliminate(i, j) })
		}
		for j := range i {
			row = append(row, func() { v.invert(i, j) })
		}
		// The next row waits for d(i+1), which waits for the first task of this row: it
		// comes soon, but not at once.
		if i+1 < v.count {
			row = slices.Insert(row, min(4, len(row)), func() { v.factor(i + 1) })
		}
		list = append(list, row...)
	}
	for i := range v.count {
		list = append(list, func() { v.turn(i) })
	}
	for i := range v.count {
		for j := range i + 1 {
			list = append(list, func() { v.multiply(i, j) })
		}
	}
	return list
}

// factor makes d(k).
func (v *inversion) factor(k int) {
	defer v.is(k, k).Done()
	on, n := v.block(k, k), v.len(k)
	for i := range k {
		v.is(i, k).Wait()
		f32.GemmPackedLower(f32.Matrix{Data: on, Stride: n}, v.block(k, i), v.block(i, k), n, v.len(i))
	}
	own := v.scratch.Get().(*scratch)
	defer v.scratch.Put(own)
	own.read(f32.Matrix{Data: on, Stride: n}, n)
	if !f32.Cholesky(own.block, n) {
		v.failed.CompareAndSwap(-1, int64(k))
		return
	}
	own.invert(n)
	d := f32.Matrix{Data: own.block, Stride: n}
	f32.PackLeft(on, 1, d, n, n)
	f32.PackRight(v.second(k), d, n, n)
}

// eliminate makes u(i, j) = d(i)·(a(i, j) − Σ_k u(k, i)ᵀ·u(k, j)), k < i.
func (v *inversion) eliminate(i, j int) {
	defer v.is(i, j).Done()
	u, m, n := v.block(i, j), v.len(i), v.len(j)
	for k := range i {
		v.is(k, i).Wait()
		v.is(k, j).Wait()
		f32.GemmIntoPacked(u, v.block(i, k), v.block(k, j), m, n, v.len(k), f32.Whole)
	}
	v.is(i, i).Wait()
	if v.failed.Load() >= 0 {
		return
	}
	own := v.scratch.Get().(*scratch)
	defer v.scratch.Put(own)
	copy(own.strip, u)
	clear(u)
	f32.GemmIntoPacked(u, v.block(i, i), own.strip, m, n, m, f32.LeftLower)
	f32.PackLeftOfRight(v.block(j, i), -1, u, n, m)
}

// invert makes m(i, j) = −d(i)·Σ_k u(k, i)ᵀ·m(k, j), j ≤ k < i, where m(j, j) is d(j).
func (v *inversion) invert(i, j int) {
	defer v.is(i, j).Done()
	v.is(i, i).Wait()
	if v.failed.Load() >= 0 {
		return
	}
	own := v.scratch.Get().(*scratch)
	defer v.scratch.Put(own)
	inverse, m, n := v.block(j, i), v.len(i), v.len(j)
	sum := own.strip[:f32.PackedRight(n, m)]
	clear(sum)
	f32.GemmIntoPacked(sum, v.block(i, j), v.second(j), m, n, n, f32.RightLower)
	for k := j + 1; k < i; k++ {
		v.is(k, j).Wait()
		f32.GemmIntoPacked(sum, v.block(i, k), v.block(j, k), m, n, v.len(k), f32.Whole)
	}
	clear(inverse)
	f32.GemmIntoPacked(inverse, v.block(i, i), sum, m, n, m, f32.LeftLower)
}

// turn makes the left factors of row i of m, once nothing needs those of u and d in that row.
func (v *inversion) turn(i int) {
	defer v.turned[i].Done()
	for j := range v.count {
		v.is(i, j).Wait()
	}
	if v.failed.Load() >= 0 {
		return
	}
	for j := range i {
		f32.PackLeftOfRight(v.block(i, j), 1, v.block(j, i), v.len(j), v.len(i))
	}
	f32.PackLeftOfRight(v.block(i, i), 1, v.second(i), v.len(i), v.len(i))
}

// multiply makes block (i, j) of the product, Σ_k m(k, i)ᵀ·m(k, j), i ≤ k.
func (v *inversion) multiply(i, j int) {
	defer v.product[i].Done()
	own := v.scratch.Get().(*scratch)
	defer v.scratch.Put(own)
	m, n := v.len(i), v.len(j)
	c := f32.Matrix{Data: own.strip[:m*n], Stride: n}
	clear(c.Data)
	for k := i; k < v.count; k++ {
		v.turned[k].Wait()
		if v.failed.Load() >= 0 {
			return
		}
		left, depth := v.block(k, i), v.len(k)
		switch {
		case k == i && i == j:
			f32.GemmPackedLower(c, left, v.second(i), n, depth)
		case k == i:
			f32.GemmPackedTriangular(c, left, v.block(j, k), m, n, depth, f32.LeftUpper)
		case i == j:
			f32.GemmPackedLower(c, left, v.block(j, k), n, depth)
		default:
			f32.GemmPacked(c, left, v.block(j, k), m, n, depth)
		}
	}
	if i == j {
		copy(v.second(i), c.Data)
		return
	}
	v.product[j].Wait() // its tasks use what is there
	copy(v.block(i, j), c.Data)
}
