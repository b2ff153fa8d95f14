package eval

import "math"

// Positions of a user's accuracy metrics within the block of one cut-off.
const (
	ndcg = iota
	ndcgFull
	recall
	hitRate
	reciprocalRank
	averagePrecision
	precision
	novelty
	diversity
	perUser // their number
)

var userMetrics = [perUser]string{"ndcg", "ndcg_full", "recall", "hr", "mrr", "map", "precision", "novelty", "diversity"}

// gains holds 1/log2(rank+1) and its running sums, by rank from 1.
type gains struct {
	at  []float64 // at[r−1]: the gain of a hit at rank r
	sum []float64 // sum[n]: the ideal DCG of n relevant items
}

func newGains(n int) gains {
	g := gains{at: make([]float64, n), sum: make([]float64, n+1)}
	for r := range n {
		g.at[r] = 1 / math.Log2(float64(r+2))
		g.sum[r+1] = g.sum[r] + g.at[r]
	}
	return g
}

// accuracy writes the accuracy metrics of a ranking at every cut-off to dst, perUser apart.
// hits says of each rank whether its item was held out; relevant, at least 1, is the number of held-out items,
// those that no ranking can contain among them.
func accuracy(dst []float64, hits []bool, relevant int, ks []int, by Divisor, g gains) {
	var dcg, found, first, sumPrecision float64
	rank := 0
	for c, k := range ks {
		for ; rank < min(k, len(hits)); rank++ {
			if !hits[rank] {
				continue
			}
			found++
			dcg += g.at[rank]
			sumPrecision += found / float64(rank+1)
			if first == 0 {
				first = 1 / float64(rank+1)
			}
		}
		m := dst[c*perUser : (c+1)*perUser]
		reachable := min(k, relevant)
		m[ndcg] = dcg / g.sum[reachable]
		m[ndcgFull] = dcg / g.sum[relevant]
		m[recall] = found / float64(relevant)
		if by == ByReachable {
			m[recall] = found / float64(reachable)
		}
		m[hitRate] = min(found, 1)
		m[reciprocalRank] = first
		m[averagePrecision] = sumPrecision / float64(reachable)
		m[precision] = found / float64(k)
	}
}
