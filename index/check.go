package index

import (
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

const (
	// maxSquare bounds the squared length of a vector, so that no score overflows.
	maxSquare = 1e36
	// maxDim bounds the length of a vector.
	maxDim = 1 << 16
)

func checkDim(dim int) error {
	if dim < 1 || dim > maxDim {
		return fmt.Errorf("%w: index: vectors of length %d, it must lie between 1 and %d", recsys.ErrInvalidConfig, dim, maxDim)
	}
	return nil
}

// checkVectors refuses vectors with values that are not finite or too large to multiply.
func checkVectors(what string, data []float32, dim int) error {
	return checkSquares(what, data, dim, maxSquare)
}

func checkSquares(what string, data []float32, dim int, most float32) error {
	for i := range len(data) / dim {
		if s := f32.SquaredNorm(data[i*dim : (i+1)*dim]); !(s <= most) {
			return fmt.Errorf("%s %d holds NaN, an infinity or values too large: its squared length is %v, at most %v is allowed", what, i, s, most)
		}
	}
	return nil
}

// checkAdd checks the arguments of Add.
func checkAdd(dim int, ids []int32, vectors []float32) error {
	if len(vectors) != len(ids)*dim {
		return fmt.Errorf("%w: index: %d ids with %d values, vectors of length %d need %d", recsys.ErrInvalidData, len(ids), len(vectors), dim, len(ids)*dim)
	}
	for i, id := range ids {
		if id < 0 {
			return fmt.Errorf("%w: index: id %d at position %d, ids are not negative", recsys.ErrInvalidData, id, i)
		}
	}
	if err := checkVectors("vector", vectors, dim); err != nil {
		return fmt.Errorf("%w: index: %w", recsys.ErrInvalidData, err)
	}
	return nil
}

// checkSearch checks the arguments of Search.
func checkSearch(dim int, query []float32, k int) error {
	switch {
	case len(query) != dim:
		return fmt.Errorf("%w: index: a query of length %d, the vectors have %d", recsys.ErrInvalidQuery, len(query), dim)
	case k < 0:
		return fmt.Errorf("%w: index: k = %d, it must not be negative", recsys.ErrInvalidQuery, k)
	}
	return CheckQuery(query)
}

// CheckQuery refuses a query with values that are not finite or too large to multiply, with
// ErrInvalidQuery. It is for those who implement a [recsys.Index] of their own.
func CheckQuery(query []float32) error {
	if err := checkVectors("query", query, len(query)); err != nil {
		return fmt.Errorf("%w: index: %w", recsys.ErrInvalidQuery, err)
	}
	return nil
}

// lastOf returns the positions of ids that no equal id follows: of several vectors for one
// id the last counts. nil stands for all positions.
func lastOf(ids []int32) []int {
	ascending := true
	for i := 1; i < len(ids) && ascending; i++ {
		ascending = ids[i] > ids[i-1]
	}
	if ascending {
		return nil
	}
	last := make(map[int32]int, len(ids))
	for i, id := range ids {
		last[id] = i
	}
	if len(last) == len(ids) {
		return nil
	}
	keep := make([]int, 0, len(last))
	for i, id := range ids {
		if last[id] == i {
			keep = append(keep, i)
		}
	}
	return keep
}

// distinct drops all but the last vector of each id.
func distinct(ids []int32, vectors []float32, dim int) ([]int32, []float32) {
	keep := lastOf(ids)
	if keep == nil {
		return ids, vectors
	}
	outIDs, out := make([]int32, len(keep)), make([]float32, 0, len(keep)*dim)
	for i, at := range keep {
		outIDs[i] = ids[at]
		out = append(out, vectors[at*dim:(at+1)*dim]...)
	}
	return outIDs, out
}
