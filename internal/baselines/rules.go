// Package baselines holds the two simple session recommenders that a trained one must beat:
// a first-order Markov chain and sequential rules (Ludewig, Jannach: "Evaluation of
// session-based recommendation algorithms", UMUAI 2018). Tests measure them beside the
// models on the same predictions; they are small, exact and have nothing to tune.
package baselines

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
)

// Rules scores an item by how often it came shortly after the last item of the history.
type Rules struct {
	users int
	// next is items × items: what follows, and how much.
	next *recsys.CSR
}

// Markov is the first-order chain: the score of item j after item i is the number of times
// that j directly followed i. d needs sequences.
func Markov(d *recsys.Dataset) (*Rules, error) { return follow(d, 1) }

// SequentialRules counts also items that follow at a distance of up to ten events, with the
// weight 1/distance, as published.
func SequentialRules(d *recsys.Dataset) (*Rules, error) { return follow(d, 10) }

func follow(d *recsys.Dataset, steps int) (*Rules, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	s := d.Sequences
	if s == nil {
		return nil, fmt.Errorf("baselines: %w: rules are learnt from sequences, and the dataset has none", recsys.ErrInvalidData)
	}
	var pairs []recsys.Entry
	for u := range s.Users() {
		items, _ := s.Of(u)
		for p, i := range items {
			for back := 1; back <= min(steps, p); back++ {
				pairs = append(pairs, recsys.Entry{Row: items[p-back], Col: i, Value: 1 / float32(back)})
			}
		}
	}
	next, err := recsys.NewCSR(d.Interactions.Cols, d.Interactions.Cols, pairs)
	return &Rules{users: d.Interactions.Rows, next: next}, err
}

// Shape is the number of users (sessions) and items of the data.
func (r *Rules) Shape() (users, items int) { return r.users, r.next.Cols }

// Scores writes the score of every item that has followed the last one of q's sequence, and
// −Inf for the others.
func (r *Rules) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	if err := q.Validate(r.users, r.next.Cols); err != nil {
		return err
	}
	if len(dst) != r.next.Cols {
		return fmt.Errorf("baselines: %w: room for %d scores of %d items", recsys.ErrInvalidQuery, len(dst), r.next.Cols)
	}
	for i := range dst {
		dst[i] = float32(math.Inf(-1))
	}
	sequence := q.History.Sequence
	if len(sequence) == 0 {
		return nil
	}
	items, weights := r.next.Row(int(sequence[len(sequence)-1]))
	for p, i := range items {
		dst[i] = weights[p]
	}
	return nil
}
