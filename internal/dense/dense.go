// Package dense holds the large dense float32 operations behind EASE: the Gram matrix, the
// Cholesky factor and the inverse.
//
// Matrices are row-major. The caller passes in how to run things side by side. The work is cut
// into fixed tiles; each tile of a result is computed by one call and takes its updates in a
// fixed order, so the bytes do not depend on the number of workers.
package dense

import "errors"

// Parallel runs body(0) … body(n-1), in any order and side by side or not, and returns
// when all have returned.
type Parallel = func(n int, body func(i int))

// ErrNotPositiveDefinite reports a matrix that has no Cholesky factor in float32.
var ErrNotPositiveDefinite = errors.New("dense: matrix is not positive definite")
