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
//
// The vectors lie in the order of their norms, the longest first, as in LEMP (Teflioudi, Gemulla
// and Mykytiuk, SIGMOD 2015): the first ones tell what is among the best for about any query, and
// behind some place ‖q‖·‖x‖ says that nothing is.
package sketch

import (
	"context"
	"errors"
	"math"
	"slices"

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

// group is the number of vectors that sketches are rounded up to, and that share a reach.
const group = 4 * f32.CodeLanes

// Sketch is immutable. It takes dim + 16 bytes for each vector, beside the 4·dim of the vector.
type Sketch struct {
	vectors     []float32
	dim, padded int
	// order are the vectors by their norms; what follows is in this order.
	order []int32
	// codes and terms are in the order of f32.CodeBounds; the terms are s, ‖s·c‖ and ‖e‖, the
	// last NaN behind the last vector.
	codes []uint8
	terms []float32
	// reach are norms, or more, that no vector of a group, or behind it, exceeds.
	reach []float32
}

// A sketch pays from leastRows vectors on, of a length between minPaying and maxPaying: a longer
// one is a row of a matrix of items × items.
const leastRows, minPaying, maxPaying = 256, 8, 1024

// Worthwhile is New where a sketch pays, and nil elsewhere: for few vectors, for those very short or
// long, and without a kernel for bytes.
func Worthwhile(vectors []float32, dim int) *Sketch {
	if dim < minPaying || dim > maxPaying || len(vectors) < leastRows*dim || !f32.FastCodes() {
		return nil
	}
	return New(vectors, dim)
}

// New sketches the rows of vectors, dim long, which are not to be changed. It returns nil for
// vectors that cannot be bounded: empty, not finite, or out of any proportion.
func New(vectors []float32, dim int) *Sketch {
	if dim < 1 || dim > maxDim || len(vectors) == 0 {
		return nil
	}
	n := len(vectors) / dim
	rounded := (n + group - 1) / group * group
	s := &Sketch{vectors: vectors, dim: dim, padded: (dim + f32.CodeStep - 1) / f32.CodeStep * f32.CodeStep}
	s.order = byNorm(vectors, n, dim)
	s.codes = make([]uint8, rounded*s.padded)
	s.terms = make([]float32, rounded*3)
	s.reach = make([]float32, rounded/group)
	codes := make([][]int8, par.Workers(0))
	err := par.Chunks(context.Background(), n, 16*group, len(codes), func(worker, lo, hi int) error {
		if codes[worker] == nil {
			codes[worker] = make([]int8, s.padded)
		}
		for rank := lo; rank < hi; rank++ {
			if !s.set(rank, codes[worker]) {
				return errUnbounded
			}
		}
		return nil
	})
	if err != nil {
		return nil
	}
	for rank := n; rank < rounded; rank++ {
		*s.term(rank, 2) = float32(math.NaN())
	}
	for g := len(s.reach) - 2; g >= 0; g-- {
		s.reach[g] = max(s.reach[g], s.reach[g+1])
	}
	return s
}

// byNorm returns the rows of vectors, the longest first, equal ones as they lie.
func byNorm(vectors []float32, n, dim int) []int32 {
	keys := make([]uint64, n)
	for i := range keys {
		// The bits of what is not negative are in the order of the values.
		norm := math.Float32bits(f32.SquaredNorm(vectors[i*dim : (i+1)*dim]))
		keys[i] = uint64(^norm)<<32 | uint64(i)
	}
	slices.Sort(keys)
	order := make([]int32, n)
	for rank, key := range keys {
		order[rank] = int32(uint32(key))
	}
	return order
}

// Of reports whether s is the sketch of these vectors, by where they lie; a nil s is of none.
func (s *Sketch) Of(vectors []float32) bool {
	return s != nil && len(vectors) > 0 && &s.vectors[0] == &vectors[0]
}

// row is vector i.
func (s *Sketch) row(i int32) []float32 { return s.vectors[int(i)*s.dim : (int(i)+1)*s.dim] }

// term is one of the three terms of the vector of a rank.
func (s *Sketch) term(rank, which int) *float32 {
	return &s.terms[(rank/f32.CodeLanes*3+which)*f32.CodeLanes+rank%f32.CodeLanes]
}

var errUnbounded = errors.New("a vector is not finite or out of proportion")

// set sketches the vector of a rank, and returns false if that is impossible. The zeros that
// codes has behind the vector stay.
func (s *Sketch) set(rank int, codes []int8) bool {
	p := split(codes, s.row(s.order[rank]), levels)
	norm := p.kept + p.lost // or less
	if !(norm <= maxNorm) {
		return false
	}
	block, lane := rank/f32.CodeLanes, rank%f32.CodeLanes
	to := s.codes[block*f32.CodeLanes*s.padded+lane*f32.CodeStep:]
	for j := 0; j < len(codes); j += f32.CodeStep {
		for b, c := range codes[j : j+f32.CodeStep] {
			to[j*f32.CodeLanes+b] = uint8(c + levels)
		}
	}
	// What float32 rounds is part of the loss: the exact product does, in whatever order it
	// adds up, less than 2·dim of 2⁻²⁴·‖q‖·‖x‖, the bound, of no more than 5·‖q‖·‖x‖, eight times.
	rounding := float64(2*s.dim+64) / (1 << 24) * norm
	*s.term(rank, 0) = p.step
	*s.term(rank, 1) = float32(p.kept * up)
	*s.term(rank, 2) = float32((p.lost+rounding)*up + leastError)
	s.reach[rank/group] = max(s.reach[rank/group], float32((norm+rounding)*up+leastError))
	return true
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
