package embedding_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
)

// nextBasket is a model of one's own: it counts what was bought right after what.
type nextBasket struct {
	users, items int
	after        map[[2]int32]float32 // (before, after) → times
}

func (m *nextBasket) Shape() (users, items int) { return m.users, m.items }

func (m *nextBasket) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := d.Validate(); err != nil {
		return err
	}
	after := map[[2]int32]float32{}
	for u := range d.Sequences.Users() {
		items, _ := d.Sequences.Of(u)
		for n := 1; n < len(items); n++ {
			after[[2]int32{items[n-1], items[n]}]++
		}
	}
	m.users, m.items, m.after = d.Interactions.Rows, d.Interactions.Cols, after
	return ctx.Err()
}

// PartialFitUsers has nothing to refit: the history travels in the query.
func (m *nextBasket) PartialFitUsers(_ context.Context, users []int32, rows *recsys.CSR) (err error) {
	m.users, err = recsys.CheckUserRows(users, rows, m.users, m.items)
	return err
}

func (m *nextBasket) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	if err := q.Validate(m.users, m.items); err != nil {
		return err
	}
	clear(dst)
	if had := q.History.Events(); len(had) > 0 {
		for item := range dst {
			dst[item] = m.after[[2]int32{had[len(had)-1], int32(item)}]
		}
	}
	return ctx.Err()
}

func (m *nextBasket) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	scores := make([]float32, m.items)
	if err := m.Scores(ctx, q, scores); err != nil {
		return nil, err
	}
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

func Example_ownModel() {
	ctx := context.Background()
	data, err := open(ctx).Dataset(ctx, recsys.DatasetOptions{Sequences: true})
	check(err)
	m := &nextBasket{}
	check(m.Fit(ctx, data))
	engine, err := recsys.NewEngine(recsys.Snapshot{
		Version: "next-1", Kind: "next", Model: m,
		Users: data.Users, Items: data.Items,
		Interactions: data.Interactions, Sequences: data.Sequences, Weighting: data.Weighting,
	})
	check(err)
	answer, err := engine.Recommend(ctx, recsys.Request{Session: []string{"tea"}, K: 1})
	check(err)
	fmt.Println(answer.Items[0].Item.ID, answer.Items[0].Source)
	// Output: pot session
}
