package als

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// The model is the same under any rotation of user and item vectors together. Fit uses that: it
// turns both into the eigenvectors of the fixed side's Gramian, where the matrix of a row is
// a diagonal plus one outer product per interaction,
//
//	A = M + Σ_j c_j·f_j·f_jᵀ,  M = α₀·diag(FᵀF) + λ·E
//
// and conjugate gradients with M as preconditioner converge fast: as Σ_j f_j·f_jᵀ is a part of
// FᵀF, the condition number is at most 1 + alpha·max c, for any λ.

// An eigendecomposition, which one goroutine does, pays from spectralRows·d rows on and up to
// spectralFactors.
const spectralRows, spectralFactors = 4, 512

// rotateChunk is the number of rows that a worker turns at a time.
const rotateChunk = 128

var errEigen = errors.New("the eigenvectors of the Gramian do not converge")

// eigen is decompose, but returns at once when ctx is done.
func eigen(ctx context.Context, g []float32, d int) (values, q []float32, err error) {
	type result struct {
		values, q []float32
		err       error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.values, r.q, r.err = decompose(g, d)
		done <- r
	}()
	select {
	case r := <-done:
		return r.values, r.q, r.err
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// decompose splits the symmetric lower triangle g (d×d) into q·diag(values)·qᵀ; what rounding
// makes negative counts as 0.
func decompose(g []float32, d int) (values, q []float32, err error) {
	// Rows an odd number of cache lines apart spread over all sets of a cache.
	stride := d | 8
	a := blas64.Symmetric{Uplo: blas.Lower, N: d, Stride: stride, Data: make([]float64, d*stride)}
	for i := range d {
		for j, v := range g[i*d : i*d+i+1] {
			a.Data[i*stride+j] = float64(v)
		}
	}
	w, work := make([]float64, d), []float64{0}
	lapack64.Syev(lapack.EVCompute, a, w, work, -1) // how much room it wants
	work = make([]float64, int(work[0]))
	if !lapack64.Syev(lapack.EVCompute, a, w, work, len(work)) {
		return nil, nil, errEigen
	}
	values, q = make([]float32, d), make([]float32, d*d)
	for i, v := range w {
		values[i] = float32(max(v, 0))
		for j, v := range a.Data[i*stride : i*stride+d] {
			q[i*d+j] = float32(v)
		}
	}
	return values, q, nil
}

// rotate replaces every row of x (n×d) by row·q.
func rotate(ctx context.Context, x, q []float32, d, workers int) error {
	scratch := make([][]float32, par.Workers(workers))
	return par.Chunks(ctx, len(x)/d, rotateChunk, workers, func(worker, lo, hi int) error {
		if scratch[worker] == nil {
			scratch[worker] = make([]float32, rotateChunk*d)
		}
		turned := scratch[worker][:(hi-lo)*d]
		clear(turned)
		f32.GemmNN(turned, x[lo*d:hi*d], q, hi-lo, d, d)
		copy(x[lo*d:hi*d], turned)
		return nil
	})
}

// newSystem prepares to solve against fixed vectors as they are served.
func newSystem(ctx context.Context, cfg Config, fixed []float32) (*system, error) {
	d := cfg.Factors
	n := len(fixed) / d
	gram, err := gramian(ctx, newRows(fixed, n, d), cfg.alpha0(), cfg.Workers)
	if err != nil {
		return nil, err
	}
	sys := &system{cfg: cfg, fixed: fixed, n: n, d: d, gram: gram, tolerance: serveTolerance}
	if spectrum := sys.diagonal(); spectrum != nil {
		sys.diagonalise(spectrum)
	}
	return sys, nil
}

// offDiagonal is what may stand beside the diagonal of a Gramian, relative to that of any
// row's A, and be left out.
const offDiagonal = 1e-5

// diagonal returns the diagonal of the Gramian if it is one.
func (sys *system) diagonal() []float32 {
	d := sys.d
	spectrum, m := make([]float32, d), make([]float64, d)
	least := sys.cfg.lambda(0, sys.n)
	for i := range d {
		spectrum[i] = sys.gram[i*d+i]
		m[i] = math.Sqrt(float64(spectrum[i]) + least)
		for j, g := range sys.gram[i*d : i*d+i] {
			if !(math.Abs(float64(g)) <= offDiagonal*m[i]*m[j]) {
				return nil
			}
		}
	}
	return spectrum
}

// diagonalise makes spectrum the Gramian.
func (sys *system) diagonalise(spectrum []float32) {
	sys.spectrum = spectrum
	clear(sys.gram)
	for i, v := range spectrum {
		sys.gram[i*sys.d+i] = v
	}
}
