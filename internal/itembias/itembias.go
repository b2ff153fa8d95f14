// Package itembias tells what bias a new item should have: that of known items about as
// popular. A bias learned from few interactions would say more about the learning than about
// the item.
package itembias

import (
	"slices"

	"github.com/recsys-lite/recsys"
)

// around is half the number of known items that are averaged.
const around = 25

// Levels is the biases of known items by popularity.
type Levels struct {
	counts []int32   // ascending
	sums   []float64 // prefix sums of the biases in that order
}

// New returns the levels of items that counts[i] users had, with the given biases. Items that
// nobody had say nothing of a level and are left out.
func New(counts []int32, bias func(item int) float32) *Levels {
	order := make([]int, 0, len(counts))
	for i, n := range counts {
		if n > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(counts[a]) - int(counts[b]) })
	l := &Levels{counts: make([]int32, len(order)), sums: make([]float64, len(order)+1)}
	for k, i := range order {
		l.counts[k] = counts[i]
		l.sums[k+1] = l.sums[k] + float64(bias(i))
	}
	return l
}

// Settle gives the items that nobody had, but those that spared marks (nil: none), a vector of zeros and
// the bias of a new item without buyers: where they started and who was drawn against them is chance.
// The last column of items is the bias.
func Settle(items recsys.Matrix, counts []int32, spared []bool) {
	bias := items.Cols - 1
	levels := New(counts, func(i int) float32 { return items.Row(i)[bias] })
	for i, n := range counts {
		if n == 0 && (spared == nil || !spared[i]) {
			row := items.Row(i)
			clear(row)
			row[bias] = levels.At(0)
		}
	}
}

// At returns the mean bias of the 50 items around the place that count has in the order, of
// fewer at its ends; 0 if there is no item.
func (l *Levels) At(count int32) float32 {
	at, _ := slices.BinarySearch(l.counts, count)
	lo, hi := max(0, at-around), min(len(l.counts), at+around)
	if lo == hi {
		return 0
	}
	return float32((l.sums[hi] - l.sums[lo]) / float64(hi-lo))
}
