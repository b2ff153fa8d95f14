package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// List is what one user was recommended, to be looked at beside the metrics. Items are those
// of Split.Train.
type List struct {
	User int32
	// Segment is the part of Detail.Users that the user belongs to.
	Segment string
	// History is what the user has in training, distinct, the latest first; without sequences,
	// the heaviest first.
	History []int32
	// Ranking is the model's list.
	Ranking []recsys.Scored
	// HeldOut is what counts as a hit, ascending; Missing is the number of held-out items that
	// are not in the catalogue.
	HeldOut []int32
	Missing int
}

// Hit says whether an item was held out.
func (l *List) Hit(item int32) bool { return contains(l.HeldOut, item) }

// streamLists names the draw of users for lists.
const streamLists = 0x6c69737473

// Lists ranks k items for some of the users that Run measures with the same options: n drawn
// from each segment by the seed, segments from new to heavy.
func Lists(ctx context.Context, m Scorer, s *Split, o Options, n, k int) ([]List, error) {
	o.Ks, o.Detail = []int{k}, true
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	if err := checkModel(m, s.Train); err != nil {
		return nil, err
	}
	t := newTask(s, o)
	w := t.newWorker(m)
	var out []List
	for _, part := range t.parts() {
		rng.New(o.Seed, streamLists).Shuffle(len(part.rows), func(a, b int) { part.rows[a], part.rows[b] = part.rows[b], part.rows[a] })
		for _, row := range part.rows[:min(n, len(part.rows))] {
			list, err := t.list(ctx, w, row)
			if err != nil {
				return nil, fmt.Errorf("eval: %w", err)
			}
			list.Segment = part.name
			out = append(out, list)
		}
	}
	return out, nil
}

func (t *task) list(ctx context.Context, w *worker, row int) (List, error) {
	u := t.users[row]
	q := t.query(int(u))
	scores, err := w.scorer.score(ctx, []recsys.Query{q})
	if err != nil {
		return List{}, err
	}
	allowed := recsys.FullBitset(len(scores))
	if !t.o.Repeats {
		for _, i := range q.History.Items {
			allowed.Clear(i)
		}
	}
	return List{
		User: u, History: latest(q.History), Ranking: recsys.TopK(scores, t.o.Ks[0], allowed),
		HeldOut: t.relevant[row], Missing: int(t.missing[row]),
	}, nil
}

// latest orders a history.
func latest(h recsys.History) []int32 {
	var out []int32
	for _, i := range slices.Backward(h.Sequence) {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	if out != nil || h.Weights == nil {
		return append(out, without(h.Items, slices.Sorted(slices.Values(out)))...)
	}
	order := make([]int, len(h.Items))
	for p := range order {
		order[p] = p
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case h.Weights[a] > h.Weights[b]:
			return -1
		case h.Weights[a] < h.Weights[b]:
			return 1
		}
		return 0
	})
	for _, p := range order {
		out = append(out, h.Items[p])
	}
	return out
}
