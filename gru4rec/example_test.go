package gru4rec_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gru4rec"
)

func Example() {
	// Thirty users, one session each: those who come by way of item 0 leave by item 3, those
	// who come by way of item 1 leave by item 4, and item 2 lies on both ways.
	clicks := &recsys.Sequences{Indptr: []int64{0}}
	var seen []recsys.Entry
	for u := range int32(30) {
		for step, item := range []int32{u % 2, 2, 3 + u%2} {
			clicks.Items = append(clicks.Items, item)
			clicks.Times = append(clicks.Times, int64(3600*u)+int64(step))
			seen = append(seen, recsys.Entry{Row: u, Col: item, Value: 1})
		}
		clicks.Indptr = append(clicks.Indptr, int64(len(clicks.Items)))
	}
	interactions, err := recsys.NewCSR(30, 5, seen)
	if err != nil {
		panic(err)
	}
	cfg := gru4rec.DefaultConfig()
	cfg.HiddenSize, cfg.BatchSize, cfg.Samples, cfg.EmbeddingDropout = 8, 4, 16, 0
	cfg.Epochs = 40
	m, err := gru4rec.New(cfg)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: interactions, Sequences: clicks}); err != nil {
		panic(err)
	}
	for _, session := range [][]int32{{0, 2}, {1, 2}} {
		next, err := m.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: 1, History: recsys.History{Sequence: session}})
		if err != nil {
			panic(err)
		}
		fmt.Printf("after %v comes %d\n", session, next[0].Item)
	}
	// Output:
	// after [0 2] comes 3
	// after [1 2] comes 4
}
