package hybrid

import (
	"context"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
)

const (
	// maxUsers bounds the users that weights are learned on.
	maxUsers = 2000
	// depth is the number of a member's best unseen items that can come into the blended list
	// while learning; the others hardly ever do.
	depth = 100
	// listLength is the cut-off of the NDCG that is maximised.
	listLength = 10
	// minClass is the number of users from which on a class of history has its own weights.
	minClass = 100
)

// learn finds the weights, classes × members.
func (m *Model) learn(ctx context.Context, d *recsys.Dataset) ([]float32, error) {
	n := len(m.cfg.Members)
	equal := make([]float64, n)
	for i := range equal {
		equal[i] = 1 / float64(n)
	}
	if n == 1 {
		return m.everywhere(equal), nil
	}
	train, held := holdOut(d, m.cfg.HoldOut, m.cfg.Seed)
	users := measurable(train.Interactions, held, m.cfg.Seed)
	if len(users) == 0 {
		if m.cfg.Log != nil {
			m.cfg.Log.Warn("hybrid: too little data to learn weights on: all members count alike")
		}
		return m.everywhere(equal), nil
	}
	members, err := m.fitMembers(ctx, train, "weights,")
	if err != nil {
		return nil, err
	}
	cases, err := m.cases(ctx, members, train, held, users)
	if err != nil {
		return nil, err
	}
	all, err := m.ascend(ctx, cases, starts(n))
	if err != nil {
		return nil, err
	}
	out := m.everywhere(all)
	for class := range m.cfg.classes() {
		own := slices.DeleteFunc(slices.Clone(cases), func(c lists) bool { return c.class != class })
		if len(own) < minClass {
			continue
		}
		w, err := m.ascend(ctx, own, [][]float64{all})
		if err != nil {
			return nil, err
		}
		if beyondChance(qualities(own, w, m.cfg.Workers), qualities(own, all, m.cfg.Workers)) {
			for i, v := range w {
				out[class*n+i] = float32(v)
			}
		}
	}
	m.cfg.Report(recsys.Progress{Stage: "weights", Done: 1, Total: 1, Loss: math.NaN()})
	return out, ctx.Err()
}

// everywhere repeats weights for every class.
func (m *Model) everywhere(w []float64) []float32 {
	var out []float32
	for range m.cfg.classes() {
		for _, v := range w {
			out = append(out, float32(v))
		}
	}
	return out
}

// measurable are the users with something to ask by and something to find, at most maxUsers,
// ascending.
func measurable(train, held *recsys.CSR, seed uint64) []int32 {
	var users []int32
	for u := range held.Rows {
		if train.RowLen(u) > 0 && held.RowLen(u) > 0 {
			users = append(users, int32(u))
		}
	}
	if len(users) > maxUsers {
		rng.New(seed, streamUsers).Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
		users = users[:maxUsers]
		slices.Sort(users)
	}
	return users
}

// lists is what the members say to one user, on the common scale, of the items that matter.
type lists struct {
	class    int
	values   []float32 // candidates × members
	relevant []int     // candidates that were held out
	ideal    float64   // the DCG of a perfect list
}

func (m *Model) cases(ctx context.Context, members []model.Model, train *recsys.Dataset, held *recsys.CSR, users []int32) ([]lists, error) {
	out := make([]lists, len(users))
	workers := make([]*asked, par.Workers(m.cfg.Workers))
	err := par.Chunks(ctx, len(users), 8, m.cfg.Workers, func(worker, lo, hi int) error {
		if workers[worker] == nil {
			workers[worker] = newAsked(len(members), train.Interactions.Cols)
		}
		for n := lo; n < hi; n++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			if out[n], err = m.listsOf(ctx, members, train, held, int(users[n]), workers[worker]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// asked is the memory of one worker.
type asked struct {
	scaled [][]float32 // scores of all items, by member
	able   []bool
	order  []int32
}

func newAsked(members, items int) *asked {
	a := &asked{able: make([]bool, items), order: make([]int32, items)}
	for range members {
		a.scaled = append(a.scaled, make([]float32, items))
	}
	return a
}

func (m *Model) listsOf(ctx context.Context, members []model.Model, train *recsys.Dataset, held *recsys.CSR, u int, a *asked) (lists, error) {
	q := recsys.Query{User: int32(u), K: listLength}
	q.History.Items, q.History.Weights = train.Interactions.Row(u)
	if train.Sequences != nil {
		q.History.Sequence, q.History.Times = train.Sequences.Of(u)
	}
	unseen := recsys.FullBitset(train.Interactions.Cols)
	for _, i := range q.History.Items {
		unseen.Clear(i)
	}
	wanted, _ := held.Row(u)
	candidates := slices.Clone(wanted)
	for i, member := range members {
		if err := member.Scores(ctx, q, a.scaled[i]); err != nil {
			return lists{}, err
		}
		for _, s := range recsys.TopK(a.scaled[i], depth, unseen) {
			candidates = append(candidates, s.Item)
		}
		scale(m.cfg.Blend, a.scaled[i], a.able, a.order)
	}
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	l := lists{class: m.cfg.class(len(q.History.Items)), values: make([]float32, 0, len(candidates)*len(members))}
	for c, item := range candidates {
		if _, ok := slices.BinarySearch(wanted, item); ok {
			l.relevant = append(l.relevant, c)
		}
		for i := range members {
			l.values = append(l.values, a.scaled[i][item])
		}
	}
	for rank := range min(len(wanted), listLength) {
		l.ideal += gain(rank)
	}
	return l, nil
}

// gain is that of a hit at a rank, counted from 0.
func gain(rank int) float64 { return 1 / math.Log2(float64(rank+2)) }

// ndcg is that of the list which the weights give.
func (l *lists) ndcg(w []float64, blend []float64) float64 {
	for c := range blend {
		blend[c] = 0
		for i, v := range l.values[c*len(w) : (c+1)*len(w)] {
			blend[c] += w[i] * float64(v)
		}
	}
	var dcg float64
	for _, c := range l.relevant {
		rank := 0
		for o, v := range blend {
			if v > blend[c] || v == blend[c] && o < c {
				rank++
			}
		}
		if rank < listLength {
			dcg += gain(rank)
		}
	}
	return dcg / l.ideal
}

// qualities is the NDCG of each case.
func qualities(cases []lists, w []float64, workers int) []float64 {
	out := make([]float64, len(cases))
	// Neither the background context nor the body can fail.
	_ = par.Chunks(context.Background(), len(cases), 64, workers, func(_, lo, hi int) error {
		var blend []float64
		for n := lo; n < hi; n++ {
			blend = slices.Grow(blend[:0], len(cases[n].values)/len(w))[:len(cases[n].values)/len(w)]
			out[n] = cases[n].ndcg(w, blend)
		}
		return nil
	})
	return out
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// beyondChance says whether a exceeds b by more than twice the standard error of the paired
// difference.
func beyondChance(a, b []float64) bool {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	m := mean(d)
	var square float64
	for _, v := range d {
		square += (v - m) * (v - m)
	}
	n := float64(len(d))
	return m > 2*math.Sqrt(square/(n-1)/n)
}
