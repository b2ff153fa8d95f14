package bench

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// served is a snapshot of a model of d.
func served(b *testing.B, m recsys.Model, d *recsys.Dataset) recsys.Snapshot {
	ids := func(n int) *recsys.IDMap {
		names := make([]string, n)
		for i := range names {
			names[i] = strconv.Itoa(i)
		}
		ids, err := recsys.NewIDMap(names)
		require.NoError(b, err)
		return ids
	}
	return recsys.Snapshot{Version: "v", Kind: "als", Model: m, Users: ids(d.Interactions.Rows), Items: ids(d.Interactions.Cols), Interactions: d.Interactions}
}

// A request of an Engine for ten items that the user has not seen, by one goroutine: the exact
// ranking of the model of BenchmarkRecommend, and that of a shop (UCI Online Retail) with 128
// factors.
func BenchmarkEngine(b *testing.B) {
	request := func(name string, s func() recsys.Snapshot) {
		var e *recsys.Engine
		var users int
		b.Run(name, func(b *testing.B) {
			if e == nil {
				var err error
				snapshot := s()
				users = snapshot.Users.Len()
				e, err = recsys.NewEngine(snapshot)
				require.NoError(b, err)
			}
			median(b, func(i int) {
				_, err := e.Recommend(context.Background(), recsys.Request{UserID: strconv.Itoa(i * 7919 % users), K: 10})
				require.NoError(b, err)
			})
		})
	}
	request("S2/f=64", func() recsys.Snapshot { return served(b, fitted(b, sets[1]), sets[1].matrix()) })
	request("retail/f=128", func() recsys.Snapshot {
		d := datasets.OnlineRetail(b).Train
		cfg := als.DefaultConfig()
		cfg.Factors, cfg.Iterations = 128, 10
		m, err := als.New(cfg)
		require.NoError(b, err)
		require.NoError(b, m.Fit(context.Background(), d))
		return served(b, m, d)
	})
}
