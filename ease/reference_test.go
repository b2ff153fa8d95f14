package ease

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// reference computes B and the diagonal of P in float64, as the paper writes them.
func reference(t testing.TB, x *recsys.CSR, lambda float64) (*mat.Dense, []float64) {
	n := x.Cols
	g := mat.NewSymDense(n, nil)
	for u := range x.Rows {
		row, _ := x.Row(u)
		for a, i := range row {
			for _, j := range row[a:] {
				g.SetSym(int(i), int(j), g.At(int(i), int(j))+1)
			}
		}
	}
	for i := range n {
		g.SetSym(i, i, g.At(i, i)+lambda)
	}
	var c mat.Cholesky
	require.True(t, c.Factorize(g))
	var p mat.SymDense
	require.NoError(t, c.InverseTo(&p))
	b, diag := mat.NewDense(n, n, nil), make([]float64, n)
	for i := range n {
		diag[i] = p.At(i, i)
		for j := range n {
			if j != i {
				b.Set(j, i, -p.At(j, i)/diag[i])
			}
		}
	}
	return b, diag
}

// clustered draws interactions of users who mostly keep to a part of the catalogue, with
// popular items, and users and items that have none.
func clustered(seed uint64, users, items int) *recsys.CSR {
	r := rng.New(seed)
	had := make(map[[2]int32]bool)
	var entries []recsys.Entry
	for u := range users {
		for range r.Intn(items/4 + 2) {
			i := int(float64(items) * math.Pow(r.Float64(), 2))
			if r.Intn(3) > 0 {
				i -= (i - u%5 + 5) % 5
			}
			key := [2]int32{int32(u), int32(i)}
			if i >= 0 && i%17 != 3 && !had[key] {
				had[key] = true
				entries = append(entries, recsys.Entry{Row: key[0], Col: key[1], Value: 1 + r.Float32()})
			}
		}
	}
	x, err := recsys.NewCSR(users, items, entries)
	if err != nil {
		panic(err)
	}
	return x
}

// fit makes a model.
func fit(t testing.TB, cfg Config, x *recsys.CSR) *Model {
	t.Helper()
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), &recsys.Dataset{Interactions: x}))
	return m
}

// weightsOf returns the items × items matrix that the model's scores come from, one item of
// history at a time.
func weightsOf(t testing.TB, m *Model) *mat.Dense {
	_, n := m.Shape()
	b := mat.NewDense(n, n, nil)
	scores := make([]float32, n)
	for j := range n {
		q := recsys.Query{User: recsys.NoUser, History: recsys.History{Items: []int32{int32(j)}}}
		require.NoError(t, m.Scores(context.Background(), q, scores))
		for i, s := range scores {
			b.Set(j, i, float64(s))
		}
	}
	return b
}

func requireClose(t testing.TB, want, got *mat.Dense, delta float64, format string, args ...any) {
	t.Helper()
	r, c := want.Dims()
	r2, c2 := got.Dims()
	require.Equal(t, [2]int{r, c}, [2]int{r2, c2})
	var diff mat.Dense
	diff.Sub(want, got)
	worst := 0.0
	for _, v := range diff.RawMatrix().Data {
		worst = max(worst, math.Abs(v))
	}
	require.LessOrEqualf(t, worst, delta, format, args...)
}

// Every exact way gives the weights of the definition to 1e-5, and all agree.
func TestExactMethodsAgree(t *testing.T) {
	for _, size := range [][2]int{{400, 60}, {60, 60}, {50, 120}, {20, 150}, {1, 30}} {
		for _, lambda := range []float64{1, 20, 500} {
			x := clustered(uint64(size[0]), size[0], size[1])
			want, _ := reference(t, x, lambda)
			cfg := DefaultConfig()
			cfg.Regularization = lambda
			d := newData(x)
			for name, compute := range map[string]func() (weights, []float32, error){
				"primal":        func() (weights, []float32, error) { return cfg.primal(context.Background(), d) },
				"dual":          func() (weights, []float32, error) { return cfg.dual(context.Background(), d, false) },
				"dual factored": func() (weights, []float32, error) { return cfg.dual(context.Background(), d, true) },
			} {
				if name != "primal" && size[0] > size[1] {
					continue // the dual is for few users; with many it inverts what has hardly any rank
				}
				w, diag, err := compute()
				require.NoError(t, err)
				m, err := New(cfg)
				require.NoError(t, err)
				p := &params{users: x.Rows, items: x.Cols, itemOf: d.itemOf, diag: diag, w: w}
				p.index()
				m.fitted.Set(p)
				requireClose(t, want, weightsOf(t, m), 1e-5, "%s, %d×%d, λ = %v", name, size[0], size[1], lambda)
				for j, a := range d.itemOf {
					for i, b := range d.itemOf {
						require.InDelta(t, want.At(int(a), int(b)), w.at(int32(j), int32(i)), 1e-5)
					}
				}
			}
		}
	}
}

// With as many neighbours as items the approximation is none.
func TestSparseBecomesExact(t *testing.T) {
	x := clustered(3, 200, 70)
	want, _ := reference(t, x, 20)
	cfg := DefaultConfig()
	cfg.Regularization, cfg.Method, cfg.Reuse = 20, Sparse, 1
	worst := math.Inf(1)
	for _, k := range []int{3, 15, 1000} {
		cfg.Neighbours = k
		got := weightsOf(t, fit(t, cfg, x))
		var diff mat.Dense
		diff.Sub(want, got)
		off := mat.Norm(&diff, 2)
		require.Less(t, off, worst, "%d neighbours", k)
		worst = off
	}
	require.Less(t, worst, 1e-5)
}

// A neighbourhood too large for the cache is factored another way.
func TestSparseWithLargeNeighbourhoods(t *testing.T) {
	x := clustered(9, 300, 3*cacheable/2)
	want, _ := reference(t, x, 50)
	cfg := DefaultConfig()
	cfg.Regularization, cfg.Method, cfg.Neighbours, cfg.Reuse = 50, Sparse, 2*cacheable, 1
	m := fit(t, cfg, x)
	p, err := m.fitted.Get()
	require.NoError(t, err)
	require.Greater(t, len(p.itemOf), cacheable)
	requireClose(t, want, weightsOf(t, m), 1e-5, "all are neighbours")
}

// AddItems gives the weights of a fit that had the items from the start.
func TestAddItemsIsExact(t *testing.T) {
	for name, c := range map[string]struct {
		users, items int
		method       Method
		delta        float64
	}{
		"primal": {150, 60, Primal, 1e-5},
		"dual":   {40, 200, Dual, 1e-5},
	} {
		t.Run(name, func(t *testing.T) {
			const added = 7
			x := clustered(5, c.users, c.items)
			cfg := DefaultConfig()
			cfg.Regularization, cfg.Method = 5, c.method
			known := c.items - added
			m := fit(t, cfg, columnsOf(x, 0, known))
			// In two batches, each described by the users of the new items and by the items that
			// these users have.
			for lo := known; lo < c.items; {
				hi := min(lo+4, c.items)
				require.NoError(t, m.AddItems(context.Background(), describe(x, lo, hi)))
				lo = hi
			}
			want, _ := reference(t, x, 5)
			requireClose(t, want, weightsOf(t, m), c.delta, "after adding")
			// The model goes on as a fitted one: stored, loaded, and extended again.
			s, err := m.State()
			require.NoError(t, err)
			loaded, err := Kind.Load(s, recsys.Run{})
			require.NoError(t, err)
			wider := append(entriesOf(x), recsys.Entry{Row: 1, Col: int32(c.items)}, recsys.Entry{Row: 2, Col: int32(c.items)})
			y, err := recsys.NewCSR(c.users, c.items+1, wider)
			require.NoError(t, err)
			require.NoError(t, loaded.(*Model).AddItems(context.Background(), describe(y, c.items, c.items+1)))
			want, _ = reference(t, y, 5)
			requireClose(t, want, weightsOf(t, loaded.(*Model)), c.delta, "after loading and adding")
		})
	}
}

func entriesOf(x *recsys.CSR) []recsys.Entry {
	var out []recsys.Entry
	for u := range x.Rows {
		row, _ := x.Row(u)
		for _, i := range row {
			out = append(out, recsys.Entry{Row: int32(u), Col: i, Value: 1})
		}
	}
	return out
}

// columnsOf returns the columns lo to hi of x.
func columnsOf(x *recsys.CSR, lo, hi int) *recsys.CSR {
	var kept []recsys.Entry
	for _, e := range entriesOf(x) {
		if int(e.Col) >= lo && int(e.Col) < hi {
			e.Col -= int32(lo)
			kept = append(kept, e)
		}
	}
	out, err := recsys.NewCSR(x.Rows, hi-lo, kept)
	if err != nil {
		panic(err)
	}
	return out
}

// describe tells of items lo to hi what a shop that knows the items below lo would.
func describe(x *recsys.CSR, lo, hi int) recsys.NewItems {
	var both []recsys.Entry
	for u := range x.Rows {
		row, _ := x.Row(u)
		for _, i := range row {
			for _, j := range row {
				if int(i) >= lo && int(i) < hi && int(j) < lo {
					both = append(both, recsys.Entry{Row: i - int32(lo), Col: j, Value: 1})
				}
			}
		}
	}
	neighbours, err := recsys.NewCSR(hi-lo, lo, both)
	if err != nil {
		panic(err)
	}
	return recsys.NewItems{Count: hi - lo, Interactions: columnsOf(x, lo, hi).Transpose(), Neighbours: neighbours}
}

// Numbers from another time than the fit leave a model that answers with numbers.
func TestAddItemsSurvivesContradictions(t *testing.T) {
	x := clustered(6, 80, 40)
	for _, method := range []Method{Primal, Dual, Sparse} {
		cfg := DefaultConfig()
		cfg.Method, cfg.Regularization, cfg.Neighbours = method, 1, 10
		m := fit(t, cfg, x)
		neighbours := &recsys.CSR{Rows: 1, Cols: 40, Indptr: []int64{0, 40}}
		for i := range int32(40) {
			neighbours.Indices = append(neighbours.Indices, i)
			neighbours.Values = append(neighbours.Values, 1000)
		}
		require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{Count: 1, Neighbours: neighbours}))
		for _, v := range weightsOf(t, m).RawMatrix().Data {
			require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%s", method)
		}
		neighbours.Values[3] = -1
		neighbours.Cols = 41
		require.ErrorIs(t, m.AddItems(context.Background(), recsys.NewItems{Count: 1, Neighbours: neighbours}), recsys.ErrInvalidData)
	}
}

// The weights of a history do not matter, nor does who asks.
func TestBinary(t *testing.T) {
	x := clustered(7, 90, 30)
	ones := *x
	ones.Values = nil
	for _, method := range []Method{Primal, Dual, Sparse} {
		cfg := DefaultConfig()
		cfg.Method = method
		a, b := fit(t, cfg, x), fit(t, cfg, &ones)
		require.Equal(t, weightsOf(t, a), weightsOf(t, b), "%s", method)
		q := recsys.Query{User: 4, K: 10, History: recsys.History{Items: []int32{1, 5, 8}, Weights: []float32{9, .1, 3}}}
		got, err := a.Recommend(context.Background(), q)
		require.NoError(t, err)
		q.User, q.History.Weights = recsys.NoUser, nil
		want, err := a.Recommend(context.Background(), q)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
	}
}
