// Package dense holds the large dense float32 operations behind EASE: the Gram matrix, the
// Cholesky factor and the inverse.
//
// Matrices are row-major. The caller passes in how to run things side by side; every tile of
// a result is computed by one call in a fixed order, so the bytes do not
// depend on the number of workers.
package dense

import (
	"errors"

	"github.com/recsys-lite/recsys/internal/f32"
)

// Parallel runs body(0) … body(n-1), in any order and side by side or not, and returns
// when all have returned.
type Parallel = func(n int, body func(i int))

// ErrNotPositiveDefinite reports a matrix that has no Cholesky factor in float32.
var ErrNotPositiveDefinite = errors.New("dense: matrix is not positive definite")

// Gram sets c (n×n, both triangles) to aᵀ·a, where a is m×n.
func Gram(c, a []float32, m, n int, parallel Parallel) {
	c = c[:n*n]
	clear(c)
	f32.Syrk(c, a[:m*n], n)
	mirror(c, n)
}

// Cholesky factors the symmetric positive definite a (n×n) in place into l·lᵀ. It reads and
// writes the lower triangle only.
func Cholesky(a []float32, n int, parallel Parallel) error {
	if !f32.Cholesky(a, n) {
		return ErrNotPositiveDefinite
	}
	return nil
}

// CholeskyInverse turns the factor of Cholesky into the inverse of the factored matrix, in
// place, both triangles.
func CholeskyInverse(a []float32, n int, parallel Parallel) {
	a = a[:n*n]
	// Row i of the inverse m of l is (e_i - Σ_{k<i} l[i,k]·m[k]) / l[i,i].
	for i := range n {
		inv := 1 / a[i*n+i]
		row := a[i*n : i*n+i]
		next := make([]float32, i)
		for k, v := range row {
			f32.Axpy(-v*inv, a[k*n:k*n+k+1], next[:k+1])
		}
		copy(row, next)
		a[i*n+i] = inv
	}
	// mᵀ·m: row i of the result needs rows i and later of m, so the first row goes first.
	for i := range n {
		next := make([]float32, i+1)
		for k := i; k < n; k++ {
			f32.Axpy(a[k*n+i], a[k*n:k*n+i+1], next)
		}
		copy(a[i*n:i*n+i+1], next)
	}
	mirror(a, n)
}

// mirror copies the lower triangle of a (n×n) onto the upper.
func mirror(a []float32, n int) {
	for i := range n {
		for j := range i {
			a[j*n+i] = a[i*n+j]
		}
	}
}
