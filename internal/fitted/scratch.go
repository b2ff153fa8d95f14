package fitted

import "sync"

// Scratch lends buffers of scores, so that answering needs no memory of its own. It is safe
// for concurrent use.
type Scratch struct{ pool sync.Pool }

// Take lends n floats of any content.
func (s *Scratch) Take(n int) *[]float32 {
	b, ok := s.pool.Get().(*[]float32)
	if !ok || cap(*b) < n {
		made := make([]float32, n)
		b = &made
	}
	*b = (*b)[:n]
	return b
}

// Give takes a buffer back.
func (s *Scratch) Give(b *[]float32) { s.pool.Put(b) }
