package eval

import (
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
)

// catalogue holds what the metrics beyond accuracy know of the items.
type catalogue struct {
	owners *recsys.CSR // items × users
	// surprise is −log2(owners/users); an item without owners counts as if it had one.
	surprise []float64
	scale    []float32 // 1/√owners, 0 without
}

func newCatalogue(x *recsys.CSR) *catalogue {
	c := &catalogue{owners: x.Transpose(), surprise: make([]float64, x.Cols), scale: make([]float32, x.Cols)}
	for i := range x.Cols {
		n := c.owners.RowLen(i)
		c.surprise[i] = -math.Log2(float64(max(n, 1)) / float64(x.Rows))
		if n > 0 {
			c.scale[i] = float32(1 / math.Sqrt(float64(n)))
		}
	}
	return c
}

// sold returns the items that somebody has in training; it leaves the slice as it is.
func (c *catalogue) sold(items []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(items), func(i int32) bool { return c.owners.RowLen(int(i)) == 0 })
}

// beyond writes novelty and diversity of a ranking at every cut-off. sum is scratch, one zero
// per user, and is left so.
//
// The diversity of items with unit vectors x₁ … x_n (who had them) is the mean of 1 − x_i·x_j
// over the pairs. With s = Σ x_i the pairs' products are built up by x_j·(x₁+…+x_{j−1}), so
// that one pass gives all cut-offs and costs the number of owners, not of pairs.
func (c *catalogue) beyond(dst []float64, ranking []int32, ks []int, sum []float32) {
	var surprise, similar float64
	rank := 0
	for at, k := range ks {
		for ; rank < min(k, len(ranking)); rank++ {
			i := ranking[rank]
			surprise += c.surprise[i]
			owners, _ := c.owners.Row(int(i))
			scale, dot := c.scale[i], float64(0)
			for _, u := range owners {
				before := sum[u]
				dot += float64(before)
				sum[u] = before + scale
			}
			similar += dot * float64(scale)
		}
		m := dst[at*perUser : (at+1)*perUser]
		m[novelty], m[diversity] = 0, 0
		if rank > 0 {
			m[novelty] = surprise / float64(rank)
		}
		if rank > 1 {
			m[diversity] = max(0, 1-similar/float64(rank*(rank-1)/2))
		}
	}
	for _, i := range ranking[:rank] {
		owners, _ := c.owners.Row(int(i))
		for _, u := range owners {
			sum[u] = 0
		}
	}
}

// coverage is the share of the catalogue that was recommended at all.
func coverage(counts []int64) float64 {
	n := 0
	for _, c := range counts {
		if c > 0 {
			n++
		}
	}
	return float64(n) / float64(len(counts))
}

// gini is the inequality of the recommendation counts, items that were never recommended
// among them: 0 when all are equal, near 1 when few items get everything.
func gini(counts []int64) float64 {
	sorted := slices.Clone(counts)
	slices.Sort(sorted)
	var total, weighted float64
	for r, c := range sorted {
		total += float64(c)
		weighted += float64(c) * float64(2*(r+1)-len(sorted)-1)
	}
	if total == 0 {
		return 0
	}
	return weighted / (total * float64(len(sorted)))
}
