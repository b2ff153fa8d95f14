package ease

import (
	"slices"

	"github.com/recsys-lite/recsys/internal/links"
	"github.com/recsys-lite/recsys/model"
)

// few is B with few entries: row j of it lists the slots that j speaks for.
type few struct {
	*links.Rows
	most int // entries of a column at most, for added items
}

func (w *few) add(slots []int32, amounts, dst []float32) { w.Add(slots, amounts, dst) }

func (w *few) at(j, i int32) float32 { return w.At(j, i) }

func (w *few) grow(extra int) weights { return &few{w.Grow(extra), w.most} }

func (w *few) size(extra int) float64 {
	return 48*(float64(len(w.To))+float64(extra)) + 32*float64(extra)*float64(w.most)
}

// border links slot with the items of the greatest weights in its score. The other weights
// stay as they are.
func (w *few) border(slot int32, b, q, _ []float32, _ int) {
	for _, i := range largest(b[:slot], w.most) {
		w.Put(i, slot, b[i])
		w.Put(slot, i, q[i])
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

func (w *few) tensors() []model.Tensor {
	start, to, weight := w.Flat()
	return []model.Tensor{
		{Name: "links_start", Shape: []int{len(start)}, Int64: start},
		{Name: "links_to", Shape: []int{len(to)}, Int32: to},
		{Name: "links_weight", Shape: []int{len(weight)}, Float32: weight},
	}
}
