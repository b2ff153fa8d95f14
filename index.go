package recsys

import "context"

// Index finds the vectors with the largest inner product. Search is safe for concurrent use,
// and also against Add and Remove, which one goroutine at a time may call. The same calls in
// the same order give the same answers for any number of workers.
type Index interface {
	// Dim is the length of a vector; Len the number held.
	Dim() int
	Len() int
	// Add inserts vectors (len(ids) × Dim, row-major, copied) under ids ≥ 0, replacing those
	// of ids already held.
	Add(ctx context.Context, ids []int32, vectors []float32) error
	// Remove deletes ids; unknown ones are passed over.
	Remove(ids []int32)
	// Search returns the k best ids among the allowed (nil: all), best first, equal scores by
	// the lower id. If k allowed vectors exist, k come back, also from an approximate index.
	Search(ctx context.Context, query []float32, k int, allowed *Bitset) ([]Scored, error)
}
