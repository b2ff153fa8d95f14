package itemknn

import (
	"errors"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Similarity names what a user's interaction counts for in an item's vector.
type Similarity string

const (
	// Cosine takes the interaction's weight w.
	Cosine Similarity = "cosine"
	// TFIDF takes √w·idf_u: users with many items say less about each. idf_u is
	// ln(1 + items/items of u).
	TFIDF Similarity = "tfidf"
	// BM25 takes w·(k1+1)/(k1·l_i + w)·idf_u with l_i = 1 − b + b·(weight of i/mean weight of
	// an item): large weights saturate, and popular items count for less.
	BM25 Similarity = "bm25"
)

// Config holds the hyper-parameters, under the names they have in JSON.
type Config struct {
	// Similarity is how item vectors are weighted. Default TFIDF.
	Similarity Similarity `json:"similarity"`
	// Neighbours is the number of most similar items that an item keeps. Default 200.
	Neighbours int `json:"neighbours"`
	// Shrink is added to the denominator of a similarity, in the units of a_ui². Default 100.
	Shrink float64 `json:"shrink"`
	// Alpha shares the normalisation out between the item scored and its neighbour, between 0
	// and 1; ½ is the cosine. Default 0.4.
	Alpha float64 `json:"alpha"`
	// Normalize divides by the lengths of the vectors; without it a similarity is the bare
	// inner product, and Shrink and Alpha do not matter. Default true.
	Normalize bool `json:"normalize"`
	// K1 and B are the parameters of BM25. Default 1.2 and 0.75.
	K1 float64 `json:"k1"`
	B  float64 `json:"b"`
	// Weighted uses the weights of interactions and histories; without it each counts 1.
	// Default true.
	Weighted bool `json:"weighted"`

	recsys.Run `json:"-"`
}

// DefaultConfig returns the defaults given at the fields of Config.
func DefaultConfig() Config {
	return Config{Similarity: TFIDF, Neighbours: 200, Shrink: 100, Alpha: 0.4, Normalize: true, K1: 1.2, B: 0.75, Weighted: true}
}

// maxNeighbours keeps sizes far inside an int.
const maxNeighbours = 1 << 20

// Validate reports every setting that is out of range, wrapped in recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: itemknn: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
		}
	}
	within := func(v, low, high float64) bool { return v >= low && v <= high }
	switch c.Similarity {
	case Cosine, TFIDF, BM25:
	default:
		check(false, "similarity is %q, known are %q, %q and %q", c.Similarity, Cosine, TFIDF, BM25)
	}
	check(c.Neighbours >= 1 && c.Neighbours <= maxNeighbours, "neighbours is %d, it must lie in 1…%d", c.Neighbours, maxNeighbours)
	check(within(c.Shrink, 0, math.MaxFloat32), "shrink is %v, it must be a number of at least 0", c.Shrink)
	check(within(c.Alpha, 0, 1), "alpha is %v, it must lie between 0 and 1", c.Alpha)
	check(within(c.K1, 0, math.MaxFloat32), "k1 is %v, it must be a number of at least 0", c.K1)
	check(within(c.B, 0, 1), "b is %v, it must lie between 0 and 1", c.B)
	return errors.Join(faults...)
}

// similarity is S for a scored item and a neighbour of the given squared lengths.
func (c *Config) similarity(scored, neighbour, dot float64) float32 {
	if !c.Normalize {
		return float32(dot)
	}
	return float32(dot / (math.Pow(scored, c.Alpha)*math.Pow(neighbour, 1-c.Alpha) + c.Shrink))
}
