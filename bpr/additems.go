package bpr

import (
	"context"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// AddItems implements recsys.ItemAdder. The vector of a new item with interactions is solved
// by the same steps with the users unchanged, so that users who have it stand before random
// ones who do not; without, it is the mean of its neighbours' vectors, weighted; and without
// either it is zero. The bias is that of known items about as popular. Features are not used.
func (m *Model) AddItems(ctx context.Context, items recsys.NewItems) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	old, err := m.fitted()
	if err != nil {
		return err
	}
	if err := items.Validate(old.users.Rows, old.items.Rows, 0); err != nil {
		return err
	}
	d, known := m.cfg.Factors, old.items.Rows
	p := *old
	p.items = recsys.NewMatrix(known+items.Count, d+1)
	copy(p.items.Data, old.items.Data)
	p.counts = append(slices.Clone(old.counts), make([]int32, items.Count)...)
	levels := newBiasLevels(old)
	err = par.Chunks(ctx, items.Count, 4, m.cfg.Workers, func(_, lo, hi int) error {
		s := &solver{cfg: &m.cfg, other: old.users, reg: m.cfg.regOr(m.cfg.RegPositive)}
		for k := lo; k < hi; k++ {
			row := p.items.Row(known + k)
			if users, weights := rowOf(items.Interactions, k); len(users) > 0 {
				p.counts[known+k] = int32(len(users))
				s.solve(users, weights, row[:d])
			} else {
				near, weights := rowOf(items.Neighbours, k)
				meanOf(row[:d], old.items, near, weights)
			}
			row[d] = levels.at(p.counts[known+k])
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.p.Store(&p)
	return nil
}

func rowOf(m *recsys.CSR, k int) (cols []int32, weights []float32) {
	if m == nil {
		return nil, nil
	}
	return m.Row(k)
}

// meanOf writes the weighted mean of the first len(dst) columns of some rows to dst.
func meanOf(dst []float32, rows recsys.Matrix, which []int32, weights []float32) {
	var total float32
	for k, i := range which {
		weight := float32(1)
		if weights != nil {
			weight = weights[k]
		}
		f32.Axpy(weight, rows.Row(int(i))[:len(dst)], dst)
		total += weight
	}
	if total > 0 {
		f32.Scale(1/total, dst)
	}
}

// biasLevels tells the mean bias of known items of about a given popularity.
type biasLevels struct {
	counts []int32   // ascending
	sums   []float64 // prefix sums of the biases in that order
}

func newBiasLevels(p *params) *biasLevels {
	order := make([]int, len(p.counts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(p.counts[a]) - int(p.counts[b]) })
	l := &biasLevels{counts: make([]int32, len(order)), sums: make([]float64, len(order)+1)}
	for k, i := range order {
		l.counts[k] = p.counts[i]
		l.sums[k+1] = l.sums[k] + float64(p.items.Row(i)[p.items.Cols-1])
	}
	return l
}

// at returns the mean bias of the 50 items around the place that count has in the order.
func (l *biasLevels) at(count int32) float32 {
	const around = 25
	at, _ := slices.BinarySearch(l.counts, count)
	lo, hi := max(0, at-around), min(len(l.counts), at+around)
	if lo == hi {
		return 0
	}
	return float32((l.sums[hi] - l.sums[lo]) / float64(hi-lo))
}
