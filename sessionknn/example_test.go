package sessionknn_test

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/sessionknn"
)

func Example() {
	// Three users, one session each: whoever looked at item 0 and then 1 went on to 2.
	seen, _ := recsys.NewCSR(3, 5, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 1}, {Row: 0, Col: 2, Value: 1},
		{Row: 1, Col: 0, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 1, Col: 2, Value: 1},
		{Row: 2, Col: 1, Value: 1}, {Row: 2, Col: 3, Value: 1},
	})
	clicks := &recsys.Sequences{
		Indptr: []int64{0, 3, 6, 8},
		Items:  []int32{0, 1, 2, 0, 1, 2, 3, 1},
		Times:  []int64{10, 11, 12, 20, 21, 22, 30, 31},
	}
	m, err := sessionknn.New(sessionknn.DefaultConfig())
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, &recsys.Dataset{Interactions: seen, Sequences: clicks}); err != nil {
		panic(err)
	}
	// A guest has just looked at 0 and 1, which are not to be shown again.
	allowed := recsys.FullBitset(5)
	allowed.Clear(0)
	allowed.Clear(1)
	guest := recsys.Query{User: recsys.NoUser, K: 2, Allowed: allowed, History: recsys.History{Sequence: []int32{0, 1}}}
	next, err := m.Recommend(ctx, guest)
	if err != nil {
		panic(err)
	}
	for _, s := range next {
		fmt.Printf("item %d: %.2f\n", s.Item, s.Score)
	}
	// Output:
	// item 2: 2.43
	// item 3: 1.48
}
