package ease

import (
	"slices"

	"github.com/recsys-lite/recsys/model"
)

// links is B with few entries: row j lists the slots to[j] that j speaks for, ascending, with
// the weights beside them.
type links struct {
	to     [][]int32
	weight [][]float32
	most   int // entries of a column at most, for added items
}

func (w *links) add(slots []int32, amounts, dst []float32) {
	for k, j := range slots {
		a := float32(1)
		if amounts != nil {
			a = amounts[k]
		}
		weight := w.weight[j]
		for p, i := range w.to[j] {
			dst[i] += a * weight[p]
		}
	}
}

func (w *links) at(j, i int32) float32 {
	if p, ok := slices.BinarySearch(w.to[j], i); ok {
		return w.weight[j][p]
	}
	return 0
}

func (w *links) grow(extra int) weights {
	return &links{
		to:     append(slices.Clone(w.to), make([][]int32, extra)...),
		weight: append(slices.Clone(w.weight), make([][]float32, extra)...),
		most:   w.most,
	}
}

func (w *links) size(extra int) float64 {
	return 48*(float64(len(w.to))+float64(extra)) + 32*float64(extra)*float64(w.most)
}

// border links slot with the items of the greatest weights in its score. The other weights
// stay as they are.
func (w *links) border(slot int32, b, q, _ []float32, _ int) {
	for _, i := range largest(b[:slot], w.most) {
		// Rows are shared with the model that was grown: appending must copy.
		w.to[i] = append(slices.Clip(w.to[i]), slot)
		w.weight[i] = append(slices.Clip(w.weight[i]), b[i])
		w.to[slot] = append(w.to[slot], i)
		w.weight[slot] = append(w.weight[slot], q[i])
	}
}

// largest returns the indices of the k numbers of greatest size that are not 0, ascending.
func largest(b []float32, k int) []int32 {
	var at []int32
	for i, v := range b {
		if v != 0 {
			at = append(at, int32(i))
		}
	}
	size := func(i int32) float32 { return max(b[i], -b[i]) }
	slices.SortStableFunc(at, func(i, j int32) int {
		switch {
		case size(i) > size(j):
			return -1
		case size(i) < size(j):
			return 1
		}
		return 0
	})
	at = at[:min(k, len(at))]
	slices.Sort(at)
	return at
}

func (w *links) tensors() []model.Tensor {
	start := make([]int64, 1, len(w.to)+1)
	for _, to := range w.to {
		start = append(start, start[len(start)-1]+int64(len(to)))
	}
	n := len(w.to)
	entries := int(start[n])
	to, weight := make([]int32, 0, entries), make([]float32, 0, entries)
	for j := range n {
		to, weight = append(to, w.to[j]...), append(weight, w.weight[j]...)
	}
	return []model.Tensor{
		{Name: "links_start", Shape: []int{n + 1}, Int64: start},
		{Name: "links_to", Shape: []int{entries}, Int32: to},
		{Name: "links_weight", Shape: []int{entries}, Float32: weight},
	}
}
