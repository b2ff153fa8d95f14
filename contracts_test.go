package recsys_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/memstore"
)

func TestWeightingReportsEveryFault(t *testing.T) {
	err := recsys.Weighting{Scheme: "square", HalfLife: -1, EventTypes: map[string]float64{"view": -1, "cart": math.NaN()}}.Validate()
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, says := range []string{`"square"`, `"view"`, `"cart"`, "half-life"} {
		require.ErrorContains(t, err, says)
	}
}

func TestNewCSRRefusesAnImpossibleShape(t *testing.T) {
	for _, shape := range [][2]int{{-1, 2}, {-5, 2}, {2, -1}} {
		_, err := recsys.NewCSR(shape[0], shape[1], nil)
		require.ErrorIs(t, err, recsys.ErrInvalidData, "%v", shape)
	}
}

func TestIDsThatOccurTwiceAreInvalidData(t *testing.T) {
	_, err := recsys.NewIDMap([]string{"a", "b", "a"})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
}

func TestNoSequences(t *testing.T) {
	require.Zero(t, new(recsys.Sequences).Users())
}

// paged is a store that gives no more than two events at a time, whatever is asked for.
type paged struct{ recsys.Store }

func (p paged) EventsAfter(ctx context.Context, seq int64, limit int) ([]recsys.Event, int64, error) {
	return p.Store.EventsAfter(ctx, seq, min(limit, 2))
}

func TestAStoreMayGiveFewerEventsThanItIsAskedFor(t *testing.T) {
	ctx := context.Background()
	st := memstore.New()
	var events []recsys.Event
	for i := range 5 {
		events = append(events, recsys.Event{UserID: fmt.Sprint("u", i), ItemID: "i", Time: 1, Qty: 1, Type: "purchase"})
	}
	require.NoError(t, st.AppendEvents(ctx, events))
	all, err := recsys.AllEvents(ctx, paged{st})
	require.NoError(t, err)
	require.Equal(t, events, all)
}
