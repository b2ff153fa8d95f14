package sessionknn

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/fitted"
	"github.com/recsys-lite/recsys/internal/sessions"
)

// Model is an index of past sessions. All methods are safe for concurrent use.
type Model struct {
	cfg    Config
	fitted fitted.Cell[*parameters]
}

var (
	_ recsys.SimilarItems = (*Model)(nil)
	_ recsys.ItemAdder    = (*Model)(nil)
	_ recsys.Explainer    = (*Model)(nil)
)

// New returns an unfitted model. The error wraps recsys.ErrInvalidConfig.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg}
	m.fitted.Init("sessionknn")
	return m, nil
}

// Shape is the number of users and items; 0, 0 before the fit.
func (m *Model) Shape() (users, items int) { return m.fitted.Shape() }

// Fit indexes the sessions of d.Sequences, which it needs: without them the error wraps
// recsys.ErrInvalidData.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	if d.Sequences == nil {
		return fmt.Errorf("sessionknn: %w: sessions need the order of events: load the dataset with sequences", recsys.ErrInvalidData)
	}
	list, err := m.pastSessions(ctx, d.Sequences)
	if err != nil {
		return err
	}
	counts, err := countSessions(ctx, d.Interactions.Cols, list)
	if err != nil {
		return err
	}
	factor := make([]float32, len(counts))
	for i, c := range counts {
		factor[i] = m.cfg.itemFactor(c, len(list))
	}
	p, err := newParameters(ctx, &m.cfg, d.Interactions.Rows, factor, list)
	if err != nil {
		return err
	}
	m.fitted.Set(p)
	m.cfg.Run.Report(recsys.Progress{Stage: "fit", Done: 1, Total: 1, Loss: math.NaN()})
	return nil
}

// RefitsQuickly implements recsys.Refitter: a fit files sessions.
func (m *Model) RefitsQuickly() {}

func (m *Model) pastSessions(ctx context.Context, s *recsys.Sequences) ([]session, error) {
	cut := sessions.Cut(s, m.cfg.gap())
	newest := int64(math.MinInt64)
	for _, c := range cut {
		newest = max(newest, c.End)
	}
	list := make([]session, len(cut))
	for n, c := range cut {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		items := distinct(c.Items)
		list[n] = session{owner: c.User, end: c.End, weight: m.cfg.sessionWeight(len(items), newest-c.End), items: items}
	}
	return list, nil
}

func (c *Config) sessionWeight(items int, age int64) float32 {
	w := 1 / math.Sqrt(float64(items))
	if c.HalfLife > 0 {
		const day = 24 * 60 * 60
		w *= math.Exp2(-float64(age) / (c.HalfLife * day))
	}
	return float32(w)
}

func (c *Config) itemFactor(sessionsWith, sessions int) float32 {
	if sessionsWith == 0 {
		return 0
	}
	return float32(1 + c.IDFWeight*math.Log(float64(sessions)/float64(sessionsWith)))
}

// Shape implements fitted.Parameters.
func (p *parameters) Shape() (users, items int) { return len(p.latest), len(p.factor) }

// Scores writes the score of every item, 0 where no neighbour had it.
func (m *Model) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	p, err := m.fitted.ForScores(ctx, &q, dst)
	if err != nil {
		return err
	}
	m.score(p, m.evidence(p, &q), dst)
	return nil
}

// Recommend returns the q.K best allowed items. Items that no neighbour had follow those that
// one had.
func (m *Model) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	p, err := m.fitted.For(ctx, &q)
	if err != nil {
		return nil, err
	}
	scores := make([]float32, p.items())
	m.score(p, m.evidence(p, &q), scores)
	return recsys.TopK(scores, q.K, q.Allowed), nil
}
