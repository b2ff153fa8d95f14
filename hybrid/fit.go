package hybrid

import (
	"context"
	"fmt"
	"strings"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Fit implements recsys.Fitter. To learn weights it fits every member twice. Members are fitted
// one after the other: beside the data there are those that are fitted, and what the fit of one
// more takes. While weights are learned there is a copy of the data too, as large as the share that
// is not held out; it is gone before the members are fitted to all.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	b := &blended{}
	if m.cfg.learned() {
		var err error
		if b.weights, err = m.learn(ctx, d); err != nil {
			return err
		}
	} else {
		b.weights = m.given()
	}
	var err error
	if b.members, err = m.fitMembers(ctx, d, ""); err != nil {
		return err
	}
	if b.users, b.items, err = shape(b.members); err != nil {
		return fmt.Errorf("%w: hybrid: %w", recsys.ErrInvalidData, err)
	}
	m.fitted.Set(b)
	return nil
}

func (m *Model) fitMembers(ctx context.Context, d *recsys.Dataset, stage string) ([]model.Model, error) {
	var members []model.Model
	for i, k := range m.kinds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		member, err := k.New(m.cfg.Members[i].Params, m.run(i, stage))
		if err != nil {
			return nil, fmt.Errorf("hybrid: member %d: %w", i+1, err)
		}
		if err := member.Fit(ctx, d); err != nil {
			return nil, fmt.Errorf("hybrid: member %d: %w", i+1, err)
		}
		members = append(members, member)
	}
	return members, ctx.Err()
}

// run is a member's: its progress goes under its name.
func (m *Model) run(i int, stage string) recsys.Run {
	run := m.cfg.Run
	if m.cfg.Progress != nil {
		prefix := strings.TrimSpace(stage+" "+m.cfg.Members[i].Kind) + ": "
		run.Progress = func(p recsys.Progress) {
			p.Stage = prefix + p.Stage
			m.cfg.Progress(p)
		}
	}
	return run
}
