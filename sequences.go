package recsys

import "fmt"

// Sequences holds each user's events in time order, oldest first; repeats are kept and
// returns are left out. User u owns Items[Indptr[u]:Indptr[u+1]].
type Sequences struct {
	Indptr []int64 // length users+1
	Items  []int32
	Times  []int64 // Unix seconds, parallel to Items
}

// Users is the number of users.
func (s *Sequences) Users() int { return max(len(s.Indptr)-1, 0) }

// Of returns the items and times of user u as slices into s.
func (s *Sequences) Of(u int) (items []int32, times []int64) {
	lo, hi := s.Indptr[u], s.Indptr[u+1]
	return s.Items[lo:hi:hi], s.Times[lo:hi:hi]
}

// Validate reports the first violation of the layout, or an item outside [0, items).
func (s *Sequences) Validate(items int) error {
	if len(s.Indptr) == 0 || s.Indptr[0] != 0 || s.Indptr[len(s.Indptr)-1] != int64(len(s.Items)) || len(s.Times) != len(s.Items) {
		return fmt.Errorf("%w: sequences of %d users do not cover %d items and %d times", ErrInvalidData, s.Users(), len(s.Items), len(s.Times))
	}
	for u := range s.Users() {
		lo, hi := s.Indptr[u], s.Indptr[u+1]
		if lo > hi || hi > int64(len(s.Items)) {
			return fmt.Errorf("%w: the sequence of user %d ends before it starts", ErrInvalidData, u)
		}
		for p := lo; p < hi; p++ {
			if s.Items[p] < 0 || int(s.Items[p]) >= items {
				return fmt.Errorf("%w: user %d has item %d of %d", ErrInvalidData, u, s.Items[p], items)
			}
			if p > lo && s.Times[p] < s.Times[p-1] {
				return fmt.Errorf("%w: the events of user %d are not in time order", ErrInvalidData, u)
			}
		}
	}
	return nil
}
