package eval_test

import (
	"context"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/popularity"
)

func Example() {
	buy := func(user, item string, day int64) recsys.Event {
		return recsys.Event{UserID: user, ItemID: item, Time: day * 86400, Qty: 1}
	}
	events, err := eval.NewEvents([]recsys.Event{
		buy("ada", "mug", 1), buy("ada", "tea", 2), buy("bob", "mug", 2), buy("bob", "pot", 3),
		buy("eve", "tea", 3), buy("eve", "mug", 4), buy("eve", "jam", 5),
		// The future, seen from day 10.
		buy("ada", "pot", 11), buy("bob", "tea", 12), buy("eve", "pot", 12),
	}, nil, recsys.Weighting{})
	if err != nil {
		panic(err)
	}
	split, err := eval.ByTime(events, time.Unix(10*86400, 0))
	if err != nil {
		panic(err)
	}
	m, err := popularity.New(popularity.DefaultConfig())
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := m.Fit(ctx, split.Train); err != nil {
		panic(err)
	}
	r, err := eval.Run(ctx, m, split, eval.Options{Ks: []int{1}})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Split)
	fmt.Printf("%d users, hr@1 %.2f, popularity %.2f\n", r.Users, r.Metrics["hr@1"], r.Baseline["hr@1"])
	// Output:
	// time, train before 1970-01-11T00:00:00Z
	// 3 users, hr@1 0.67, popularity 0.67
}
