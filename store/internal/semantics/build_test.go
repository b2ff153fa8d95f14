package semantics

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// TestBuildAnyWorkers builds a dataset that is large enough to be shared out, in a shuffled
// order and on several numbers of CPUs, and compares with sums in a map.
func TestBuildAnyWorkers(t *testing.T) {
	const users, items, n = 300, 2000, 5 * worthSharing
	weighting := recsys.Weighting{Scheme: recsys.Linear, HalfLife: time.Hour, EventTypes: map[string]float64{"view": .1}}
	want := map[[2]int32]float64{}
	r := rng.New(1)
	cells := make([]TypedCell, n)
	for i := range cells {
		f := r.Float64()
		c := TypedCell{Cell: Cell{User: int32(users * f * f), Item: int32(r.Intn(items)), Qty: int32(r.Intn(9) - 3)}, Type: int32(r.Intn(2)), Time: int64(r.Intn(10_000))}
		if i == 0 {
			c.Time = 9_999
		}
		cells[i] = c
		amount := float64(c.Qty) * math.Exp2(-float64(9_999-c.Time)/3600)
		if c.Type == 1 {
			amount *= .1
		}
		want[[2]int32{c.User, c.Item}] += amount
	}
	var first *recsys.Dataset
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, workers := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(workers)
		r.Shuffle(n, func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		d, err := Build(&Input{Users: names(users), Items: names(items), TypedCells: append([]TypedCell(nil), cells...),
			Last: recsys.Watermark{Seq: n, Time: 9_999}}, recsys.DatasetOptions{Weighting: weighting})
		require.NoError(t, err)
		require.NoError(t, d.Validate())
		if first == nil {
			first = d
		}
		// Not require.Equal, which would take minutes to print how they differ.
		require.True(t, reflect.DeepEqual(first, d), "%d workers", workers)
	}
	positive := 0
	for _, v := range want {
		if v > 1e-9 {
			positive++
		}
	}
	require.InDelta(t, positive, first.Interactions.NNZ(), 2)
	for u := range first.Interactions.Rows {
		id, err := parseName(first.Users.ID(int32(u)))
		require.NoError(t, err)
		cols, vals := first.Interactions.Row(u)
		for p, c := range cols {
			require.InDelta(t, want[[2]int32{id, c}], vals[p], 1e-3)
		}
	}
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%06d", i)
	}
	return list
}

func parseName(s string) (n int32, err error) {
	_, err = fmt.Sscanf(s, "%d", &n)
	return n, err
}

// TestManyUnits: sums of quantities are exact beyond what a float32 or an int32 holds.
func TestManyUnits(t *testing.T) {
	cells := make([]Cell, 10)
	for i := range cells {
		cells[i].Qty = recsys.MaxQty
	}
	cells = append(cells, Cell{Qty: -1}, Cell{Qty: 2})
	d, err := Build(&Input{Users: []string{"u"}, Items: []string{"i"}, Cells: cells}, recsys.DatasetOptions{Weighting: recsys.Weighting{Scheme: recsys.Linear}})
	require.NoError(t, err)
	require.Equal(t, []float32{10*recsys.MaxQty + 1}, d.Interactions.Values)
}

// TestOrderOfEvents: floating-point sums do not show the order in which the events came.
// .1 + .2 − .3 is 5.6e-17 in that order, and half of it in others.
func TestOrderOfEvents(t *testing.T) {
	w := recsys.Weighting{Scheme: recsys.Linear, EventTypes: map[string]float64{"a": .1, "b": .2, "c": .3}}
	cell := func(kind, qty int32) TypedCell { return TypedCell{Cell: Cell{Qty: qty}, Type: kind} }
	a, b, c := cell(1, 1), cell(2, 1), cell(3, -1)
	for _, order := range [][]TypedCell{{a, b, c}, {a, c, b}, {b, a, c}, {b, c, a}, {c, a, b}, {c, b, a}} {
		d, err := Build(&Input{Users: []string{"u"}, Items: []string{"i"}, TypedCells: order}, recsys.DatasetOptions{Weighting: w})
		require.NoError(t, err)
		require.Equal(t, []float32{0x1p-54}, d.Interactions.Values)
	}
}
