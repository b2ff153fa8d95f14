package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// testSame draws events, items and options, and wants the datasets of both stores equal, bit
// for bit.
func testSame(t *testing.T, open, reference func(t *testing.T) recsys.Store) {
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		a, b := open(t), reference(t)
		defer a.Close()
		defer b.Close()
		for range rapid.IntRange(1, 3).Draw(r, "calls") {
			events := rapid.SliceOfN(rapid.Custom(drawEvent), 0, 60).Draw(r, "events")
			items := rapid.SliceOfN(rapid.Custom(drawItem), 0, 10).Draw(r, "items")
			users := rapid.SliceOfN(rapid.Custom(drawUser), 0, 6).Draw(r, "users")
			for _, s := range []recsys.Store{a, b} {
				require.NoError(r, s.AppendEvents(ctx, events))
				require.NoError(r, s.UpsertItems(ctx, items))
				if people, ok := s.(userStore); ok {
					require.NoError(r, people.UpsertUsers(ctx, users))
				}
			}
		}
		o := drawOptions(r)
		da, err := a.Dataset(ctx, o)
		require.NoError(r, err)
		db, err := b.Dataset(ctx, o)
		require.NoError(r, err)
		require.Equal(r, db.Users.IDs(), da.Users.IDs())
		require.Equal(r, db.Items.IDs(), da.Items.IDs())
		require.Equal(r, db.Interactions, da.Interactions)
		require.Equal(r, db.Sequences, da.Sequences)
		require.Equal(r, db.ItemFeatures, da.ItemFeatures)
		require.Equal(r, db.UserFeatures, da.UserFeatures)
		require.Equal(r, placeOf(db.Watermark), placeOf(da.Watermark))
		if da.Interactions.NNZ() > 0 {
			require.NoError(r, da.Validate())
		}
		sa, err := a.Stats(ctx)
		require.NoError(r, err)
		sb, err := b.Stats(ctx)
		require.NoError(r, err)
		require.Equal(r, sb, sa)
		ia, err := a.Items(ctx)
		require.NoError(r, err)
		ib, err := b.Items(ctx)
		require.NoError(r, err)
		require.Equal(r, ib, ia)
		user := drawID.Draw(r, "user")
		ea, err := a.UserEvents(ctx, user)
		require.NoError(r, err)
		eb, err := b.UserEvents(ctx, user)
		require.NoError(r, err)
		require.Equal(r, eb, ea)
	})
}

// placeOf is a watermark without its mark, which is random.
func placeOf(w recsys.Watermark) recsys.Watermark {
	w.Mark = ""
	return w
}

var (
	drawID   = rapid.OneOf(rapid.SampledFrom(weird), rapid.SampledFrom([]string{"a", "b", "c", "1", "2", "3"}), rapid.StringN(1, 8, 30))
	drawType = rapid.SampledFrom([]string{"", "purchase", "view", "cart", "it's"})
	drawTime = rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, 253402300799))
)

func drawEvent(t *rapid.T) recsys.Event {
	return recsys.Event{UserID: drawID.Draw(t, "user"), ItemID: drawID.Draw(t, "item"), Time: drawTime.Draw(t, "time"),
		Qty:  rapid.OneOf(rapid.Int64Range(-3, 5), rapid.Int64Range(-1e9, 1e9)).Draw(t, "qty"),
		Type: drawType.Draw(t, "type")}
}

// userStore is a store that also keeps what a shop says of its users.
type userStore interface {
	UpsertUsers(ctx context.Context, users []recsys.User) error
}

func drawUser(t *rapid.T) recsys.User {
	u := recsys.User{ID: drawID.Draw(t, "id"), Country: rapid.SampledFrom([]string{"", "DE", "'"}).Draw(t, "country")}
	if rapid.Bool().Draw(t, "attributed") {
		u.Attributes = map[string]string{rapid.SampledFrom([]string{"tier", "country"}).Draw(t, "name"): rapid.SampledFrom([]string{"gold", "DE", ""}).Draw(t, "value")}
	}
	return u
}

func drawItem(t *rapid.T) recsys.Item {
	it := recsys.Item{ID: drawID.Draw(t, "id"), Title: rapid.String().Draw(t, "title"), Unavailable: rapid.Bool().Draw(t, "unavailable"),
		Category: rapid.SampledFrom([]string{"", "x", "y|x", " z"}).Draw(t, "category"), Brand: rapid.SampledFrom([]string{"", "x", "'"}).Draw(t, "brand")}
	if rapid.Bool().Draw(t, "priced") {
		price := rapid.Float64Range(0, 1e6).Draw(t, "price")
		it.Price = &price
	}
	if rapid.Bool().Draw(t, "attributed") {
		it.Attributes = map[string]string{rapid.SampledFrom([]string{"color", `"`, ""}).Draw(t, "name"): rapid.SampledFrom([]string{"red", "red|blue", ""}).Draw(t, "value")}
	}
	return it
}

func drawOptions(t *rapid.T) recsys.DatasetOptions {
	o := recsys.DatasetOptions{Sequences: rapid.Bool().Draw(t, "sequences"), ItemFeatures: rapid.Bool().Draw(t, "features"), UserFeatures: rapid.Bool().Draw(t, "user features")}
	o.Weighting.Scheme = rapid.SampledFrom([]recsys.Scheme{"", recsys.Binary, recsys.Log1p, recsys.Linear}).Draw(t, "scheme")
	if rapid.Bool().Draw(t, "typed") {
		o.Weighting.EventTypes = map[string]float64{}
		for _, name := range []string{"purchase", "view", "it's"} {
			o.Weighting.EventTypes[name] = rapid.SampledFrom([]float64{0, .1, 1, 1.0 / 3, 7}).Draw(t, name)
		}
	}
	if rapid.Bool().Draw(t, "aging") {
		o.Weighting.HalfLife = time.Duration(rapid.Int64Range(1, 1e18).Draw(t, "half-life"))
	}
	if rapid.Bool().Draw(t, "sampled") {
		o.SampleRate, o.Seed = rapid.Float64Range(0, 1).Draw(t, "rate"), rapid.Uint64().Draw(t, "seed")
	}
	if rapid.Bool().Draw(t, "from") {
		o.From = time.Unix(drawTime.Draw(t, "from"), rapid.Int64Range(0, 1).Draw(t, "nano"))
	}
	if rapid.Bool().Draw(t, "until") {
		o.Until = time.Unix(drawTime.Draw(t, "until"), rapid.Int64Range(0, 1).Draw(t, "nano"))
	}
	if rapid.Bool().Draw(t, "picking") {
		o.Users = rapid.SliceOfN(drawID, 0, 4).Draw(t, "users")
	}
	if rapid.Bool().Draw(t, "dated") {
		o.AgesFrom = time.Unix(drawTime.Draw(t, "ages from"), 0)
	}
	if rapid.Bool().Draw(t, "excluding") {
		o.ExcludeUsers = rapid.SliceOfN(drawID, 1, 4).Draw(t, "excluded")
	}
	return o
}
