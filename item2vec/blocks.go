package item2vec

import (
	"math"
	"slices"

	"github.com/recsys-lite/recsys/internal/rng"
)

// partition splits the items into blocks, so that pairs whose input items lie in different
// blocks, and whose output items do too, share no vector and can be trained at the same time
// (Gemulla et al., "Large-scale matrix factorization with distributed stochastic gradient
// descent", KDD 2011). Its number of blocks depends on the catalogue alone, and so does the
// result, whatever the number of workers. It is drawn anew each epoch, for a pair meets only
// negatives of its own block.
type partition struct {
	blocks    int
	blockOf   []uint8
	negatives []sampler // one per block
}

// maxBlocks bounds the parallelism; minBlockItems keeps enough negatives in each block.
const (
	maxBlocks     = 8
	minBlockItems = 64
)

// byFrequency lists the items that are trained, most frequent first.
func (c *corpus) byFrequency() []int32 {
	var items []int32
	for i, k := range c.keep {
		if k > 0 {
			items = append(items, int32(i))
		}
	}
	slices.SortStableFunc(items, func(a, b int32) int { return int(c.counts[b]) - int(c.counts[a]) })
	return items
}

// newPartition deals the items, most frequent first, in groups of one per block, so that the
// blocks weigh about the same.
func newPartition(ordered []int32, counts []int32, exponent float64, r *rng.Rand) *partition {
	p := &partition{blocks: min(max(len(ordered)/minBlockItems, 1), maxBlocks), blockOf: make([]uint8, len(counts))}
	members := make([][]int32, p.blocks)
	deal := make([]uint8, p.blocks)
	for b := range deal {
		deal[b] = uint8(b)
	}
	for n, item := range ordered {
		if n%p.blocks == 0 {
			r.Shuffle(p.blocks, func(i, j int) { deal[i], deal[j] = deal[j], deal[i] })
		}
		b := deal[n%p.blocks]
		p.blockOf[item] = b
		members[b] = append(members[b], item)
	}
	for b := range members {
		p.negatives = append(p.negatives, newSampler(members[b], counts, exponent))
	}
	return p
}

// sampler draws items with probability ∝ count^exponent in constant time (the alias method:
// Walker, 1977; Vose, 1991).
type sampler []column

// column is an item, the second of items, kept with a probability of keep/2³², and another that
// fills the rest of its share.
type column struct {
	keep  uint32
	items [2]int32
}

func newSampler(items, counts []int32, exponent float64) sampler {
	n := len(items)
	s, weight := make(sampler, n), make([]float64, n)
	sum := 0.
	for i, item := range items {
		s[i].items[1] = item
		weight[i] = math.Pow(float64(counts[item]), exponent)
		sum += weight[i]
	}
	var small, large []int
	for i := range weight {
		weight[i] *= float64(n) / sum
		if weight[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s1, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		s[s1].keep, s[s1].items[0] = uint32(weight[s1]*(1<<32)), items[l]
		weight[l] -= 1 - weight[s1]
		if weight[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) { // full, but for rounding
		s[i].items[0] = items[i]
	}
	return s
}

// draw turns 32 random bits into an item. The whole part of their product with the number of
// columns tells the column, the fraction what to take from it.
func (s sampler) draw(random uint32) int32 {
	x := uint64(random) * uint64(len(s))
	c := &s[x>>32]
	// 1 if below keep, without a branch, which the processor could not guess.
	return c.items[(x&(1<<32-1)-uint64(c.keep))>>63]
}

// fill draws items by the random numbers of a key from the n-th on, two by each.
func (s sampler) fill(items []int32, key, n uint64) {
	for len(items) >= 2 {
		random := rng.Nth(key, n)
		items[0], items[1] = s.draw(uint32(random)), s.draw(uint32(random>>32))
		items, n = items[2:], n+1
	}
	if len(items) > 0 {
		items[0] = s.draw(uint32(rng.Nth(key, n)))
	}
}
