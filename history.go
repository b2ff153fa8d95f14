package recsys

import "slices"

// Row is the history as an interaction row: Items with their Weights or, where only a
// Sequence is given (a session, a basket), its distinct items, each weighing 1 (nil weights).
// A model of interactions reads this.
func (h *History) Row() (items []int32, weights []float32) {
	if len(h.Items) > 0 || len(h.Sequence) == 0 {
		return h.Items, h.Weights
	}
	items = slices.Clone(h.Sequence)
	slices.Sort(items)
	return slices.Compact(items), nil
}

// Events is the history as events, oldest first: Sequence or, where it is empty, Items in
// the order of their indices. A model of sequences reads this.
func (h *History) Events() []int32 {
	if len(h.Sequence) > 0 {
		return h.Sequence
	}
	return h.Items
}
