// Package sketch keeps vectors in a byte per value, to tell without reading them which can be
// among the best for a query: an upper bound of every inner product takes a third of the time
// of the products, and the few vectors whose bound is high enough are then multiplied exactly.
//
// It is the approximation file of Weber, Schek and Blott ("A Quantitative Analysis and
// Performance Study for Similarity-Search Methods in High-Dimensional Spaces", VLDB 1998) for
// inner products. With x = s·c + e, c the whole numbers that are kept and e what they lose, and
// likewise q = t·b + f, it is
//
//	⟨q, x⟩ = s·t·⟨b, c⟩ + ⟨f, s·c⟩ + ⟨q, e⟩ ≤ s·t·⟨b, c⟩ + ‖f‖·‖s·c‖ + ‖q‖·‖e‖
//
// and s, ‖s·c‖ and ‖e‖ are kept with the vector. Unlike bounds from the first principal
// components (Li, Chan, Yiu and Mamoulis, "FEXIPRO", SIGMOD 2017) this one does not depend on
// a spectrum that falls off: ‖e‖ is about a hundredth of ‖x‖.
package sketch

import (
	"context"
	"errors"
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// levels is the greatest code: they go from −levels to levels. levelsQuery is that of a query.
const levels, levelsQuery = f32.CodeLimit / 2, 127

// Vectors longer than maxDim or with norms above maxNorm are not sketched, and a query's norm is
// between minQuery and maxQuery: products neither overflow nor all vanish, and whatever
// underflow loses, below 2⁻¹²⁸, is less than minQuery·leastError.
const (
	maxDim             = 1 << 16
	maxNorm            = 1e15
	minQuery, maxQuery = 1e-10, 1e10
	leastError         = 1e-25
)

// up makes of a float64 one that is no less when it has become a float32.
const up = 1 + 1./(1<<20)

// Sketch is immutable. It takes dim + 12 bytes for each vector, beside the 4·dim of the vector.
type Sketch struct {
	of          *float32
	dim, padded int
	// codes and terms are in the order of f32.CodeBounds; the terms are s, ‖s·c‖ and ‖e‖.
	codes []uint8
	terms []float32
}

// New sketches the rows of vectors, dim long, which are not to be changed. It returns nil for
// vectors that cannot be bounded: empty, not finite, or out of any proportion.
func New(vectors []float32, dim int) *Sketch {
	if dim < 1 || dim > maxDim || len(vectors) == 0 {
		return nil
	}
	n := len(vectors) / dim
	blocks := (n + f32.CodeLanes - 1) / f32.CodeLanes
	s := &Sketch{of: &vectors[0], dim: dim, padded: (dim + f32.CodeStep - 1) / f32.CodeStep * f32.CodeStep}
	s.codes = make([]uint8, blocks*f32.CodeLanes*s.padded)
	s.terms = make([]float32, blocks*f32.CodeLanes*3)
	const chunk = 64 * f32.CodeLanes
	codes := make([][]int8, par.Workers(0))
	err := par.Chunks(context.Background(), n, chunk, len(codes), func(worker, lo, hi int) error {
		if codes[worker] == nil {
			codes[worker] = make([]int8, s.padded)
		}
		for i := lo; i < hi; i++ {
			if !s.set(i, vectors[i*dim:(i+1)*dim], codes[worker]) {
				return errUnbounded
			}
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return s
}

// Of reports whether s is the sketch of these vectors, by where they lie; a nil s is of none.
func (s *Sketch) Of(vectors []float32) bool {
	return s != nil && len(vectors) > 0 && s.of == &vectors[0]
}

var errUnbounded = errors.New("a vector is not finite or out of proportion")

// set sketches vector i, and returns false if that is impossible. The zeros that codes has
// behind the vector stay.
func (s *Sketch) set(i int, x []float32, codes []int8) bool {
	p := split(codes, x, levels)
	norm := p.kept + p.lost // or less
	if !(norm <= maxNorm) {
		return false
	}
	block, lane := i/f32.CodeLanes, i%f32.CodeLanes
	to := s.codes[block*f32.CodeLanes*s.padded+lane*f32.CodeStep:]
	for j := 0; j < len(codes); j += f32.CodeStep {
		for b, c := range codes[j : j+f32.CodeStep] {
			to[j*f32.CodeLanes+b] = uint8(c + levels)
		}
	}
	// What float32 rounds is part of the loss: the exact product does, in whatever order it
	// adds up, less than 2·dim of 2⁻²⁴·‖q‖·‖x‖, the bound, of no more than 5·‖q‖·‖x‖, eight times.
	rounding := float64(2*s.dim+64) / (1 << 24) * norm
	terms := s.terms[block*3*f32.CodeLanes+lane:]
	terms[0] = p.step
	terms[f32.CodeLanes] = float32(p.kept * up)
	terms[2*f32.CodeLanes] = float32((p.lost+rounding)*up + leastError)
	return true
}

// Query is the sketch of a query. Its memory is used again by Set.
type Query struct {
	codes   []int8
	offset  int32
	weights [3]float32
}

// Set makes q the sketch of a vector as long as those of s; it returns false where there are no
// bounds for it: a vector of zeros, for one, which is as near to all.
func (q *Query) Set(s *Sketch, x []float32) bool {
	if cap(q.codes) < s.padded {
		q.codes = make([]int8, s.padded)
	}
	q.codes, q.offset = q.codes[:s.padded], 0
	clear(q.codes[s.dim:])
	p := split(q.codes, x[:s.dim], levelsQuery)
	for _, c := range q.codes {
		q.offset += levels * int32(c)
	}
	norm := p.kept + p.lost
	q.weights = [3]float32{p.step, float32(p.lost * up), float32(norm * up)}
	return norm >= minQuery && norm <= maxQuery
}

// Bounds sets dst to upper bounds of the products of a query, which s has Set, with the vectors from lo on, as
// f32.Dot computes them. lo and the length of dst are multiples of f32.CodeLanes; bounds past
// the last vector mean nothing.
func (s *Sketch) Bounds(q *Query, dst []float32, lo int) {
	f32.CodeBounds(dst, s.codes[lo*s.padded:], q.codes, q.offset, s.terms[3*lo:], &q.weights)
}

// parts are what a vector is split into: steps times codes, and what that loses.
type parts struct {
	step       float32
	kept, lost float64 // their norms
}

// split sets codes to x in steps of which the greatest value has limit. What is not finite makes
// lost not finite.
func split(codes []int8, x []float32, limit int32) parts {
	var most uint32 // of a magnitude, whose bits are in the order of the values
	for _, v := range x {
		most = max(most, math.Float32bits(v)&^(1<<31))
	}
	step := math.Float32frombits(most) / float32(limit)
	inverse := 1 / step
	if !(inverse <= math.MaxFloat32) {
		inverse, step = 0, 0
	}
	shift, s := float32(limit)+.5, float64(step)
	var squares int64
	var lost float64
	codes = codes[:len(x)]
	for j, v := range x {
		// Positive before it is cut off to a whole number, so rounded.
		c := min(max(int32(v*inverse+shift)-limit, -limit), limit)
		codes[j] = int8(c)
		squares += int64(c * c)
		e := float64(v) - s*float64(c)
		lost += e * e
	}
	return parts{step, s * math.Sqrt(float64(squares)), math.Sqrt(lost)}
}
