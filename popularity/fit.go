package popularity

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
)

const day = 24 * 60 * 60

// Fit counts the users of every item. With a half-life it returns an error that wraps
// recsys.ErrInvalidData when d has no sequences, or when they lack an event of an interaction.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	sums := make([]float64, d.Interactions.Cols)
	var err error
	if m.cfg.HalfLife == 0 {
		err = count(ctx, d.Interactions, sums)
	} else {
		err = decayed(ctx, d, m.cfg.HalfLife, sums)
	}
	if err != nil {
		return err
	}
	p := &parameters{users: d.Interactions.Rows, scores: make([]float32, len(sums))}
	for i, s := range sums {
		p.scores[i] = float32(s)
	}
	m.fitted.Set(p)
	m.cfg.Run.Report(recsys.Progress{Stage: "fit", Done: 1, Total: 1, Loss: math.NaN()})
	return nil
}

// checkEvery is the number of users between two looks at the context.
const checkEvery = 4096

func count(ctx context.Context, x *recsys.CSR, sums []float64) error {
	for u := range x.Rows {
		if u%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		items, _ := x.Row(u)
		for _, i := range items {
			sums[i]++
		}
	}
	return nil
}

func decayed(ctx context.Context, d *recsys.Dataset, halfLife float64, sums []float64) error {
	s := d.Sequences
	if s == nil {
		return fmt.Errorf("popularity: %w: half_life = %v needs the times of events: load the dataset with sequences", recsys.ErrInvalidData, halfLife)
	}
	var now int64
	if len(s.Times) > 0 {
		now = slices.Max(s.Times)
	}
	const never = math.MinInt64
	last := make([]int64, len(sums)) // of the user at hand
	for i := range last {
		last[i] = never
	}
	for u := range d.Interactions.Rows {
		if u%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		events, times := s.Of(u)
		for p, i := range events {
			last[i] = times[p] // in time order: the latest stays
		}
		items, _ := d.Interactions.Row(u)
		for _, i := range items {
			if last[i] == never {
				return fmt.Errorf("popularity: %w: user %d has item %d, but its sequence does not", recsys.ErrInvalidData, u, i)
			}
			sums[i] += math.Exp2(-float64(now-last[i]) / (halfLife * day))
		}
		for _, i := range events {
			last[i] = never
		}
	}
	return nil
}

// RefitsQuickly implements recsys.Refitter: a fit counts users.
func (m *Model) RefitsQuickly() {}
