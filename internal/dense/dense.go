// Package dense holds the large dense float32 operations behind EASE: the Cholesky factor and the
// inverse.
//
// The caller passes in how to run things side by side. The work is cut into fixed blocks; each
// block of a result takes its updates in a fixed order, so the bytes do not depend on the number
// of workers.
package dense

import "errors"

// Parallel runs body(0) … body(n-1), side by side or not, and returns when all have returned.
// It starts them in rising order, and may leave out the last of them: a body may wait for another
// with a lower number, and no others.
type Parallel = func(n int, body func(i int))

// ErrNotPositiveDefinite reports a matrix that has no Cholesky factor in float32.
var ErrNotPositiveDefinite = errors.New("dense: matrix is not positive definite")
