package modeltest

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

// Each broken model below is caught by the laws named, and the whole one passes them all.
func TestSuiteCatchesBrokenModels(t *testing.T) {
	for name, c := range map[string]struct {
		kind model.Kind
		laws string // separated by spaces; all must fail
	}{
		"ignores the history": {breakModel(func(m *whole) model.Model { return popular{m} }),
			"checkerboard/known checkerboard/fold-in checkerboard/session checkerboard/basket partial/change ranking/top-k"},
		"knows only Items":        {breakModel(func(m *whole) model.Model { return itemsOnly{m} }), "checkerboard/session"},
		"ignores the filter":      {breakModel(func(m *whole) model.Model { return unfiltered{m} }), "ranking/filters ranking/top-k"},
		"one too few":             {breakModel(func(m *whole) model.Model { return oneFewer{m} }), "ranking/filters ranking/top-k concurrent/readers"},
		"ties the other way":      {breakModel(func(m *whole) model.Model { return tiesReversed{m} }), "ranking/top-k"},
		"writes to the query":     {breakModel(func(m *whole) model.Model { return scribbler{m} }), "ranking/untouched"},
		"panics on bad queries":   {breakModel(func(m *whole) model.Model { return unchecked{m} }), "ranking/invalid"},
		"NaN scores":              {breakModel(func(m *whole) model.Model { return notANumber{m} }), "ranking/top-k ranking/empty-history data/tiny"},
		"other vectors":           {breakModel(func(m *whole) model.Model { return otherVectors{m} }), "vectors/inner-product"},
		"similar to itself":       {breakModel(func(m *whole) model.Model { return selfSimilar{m} }), "similar/contract"},
		"explains a part":         {breakModel(func(m *whole) model.Model { return halfExplained{m} }), "explain/sums"},
		"adds nothing":            {breakModel(func(m *whole) model.Model { return addsNothing{m} }), "new-items/grow new-items/twin new-items/later new-items/invalid"},
		"adds strangers":          {breakModel(func(m *whole) model.Model { return addsStrangers{m} }), "new-items/twin new-items/invalid"},
		"updates the wrong users": {breakModel(func(m *whole) model.Model { return sortsUsers{m} }), "partial/parallel-rows"},
		"updates nobody":          {breakModel(func(m *whole) model.Model { return updatesNobody{m} }), "partial/grow partial/change partial/invalid cancel/partial"},
		"workers show":            {breakModel(func(m *whole) model.Model { return workersShow{m} }), "reproducible/workers partial/workers"},
		"remembers the last fit":  {breakModel(func(m *whole) model.Model { return remembers{m} }), "reproducible/refit"},
		"writes to the data":      {breakModel(func(m *whole) model.Model { return sortsData{m} }), "reproducible/data-untouched"},
		"deaf to a cancel":        {breakModel(func(m *whole) model.Model { return deaf{m} }), "cancel/mid-fit cancel/before-fit cancel/partial"},
		"no progress":             {breakModel(func(m *whole) model.Model { return silent{m} }), "cancel/mid-fit"},
		"not transactional":       {breakModel(func(m *whole) model.Model { return inPlace{m} }), "cancel/mid-fit data/invalid concurrent/fit"},
		"fits nothing":            {breakModel(func(m *whole) model.Model { return fitsAnything{m} }), "data/empty data/invalid"},
		"half a state":            {breakModel(func(m *whole) model.Model { return halfState{m} }), "stored/same-scores stored/same-state stored/same-updates"},
		"loads anything":          {loadsAnything(), "damage/tensors damage/random"},
		"accepts any parameter":   {anyParameter(), "params/unknown params/invalid damage/params"},
		"odd search space":        {oddSpace(), "params/space"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(c.kind, Options{})
			for _, name := range strings.Fields(c.laws) {
				at := slices.IndexFunc(laws(), func(l law) bool { return l.name == name })
				require.GreaterOrEqual(t, at, 0, "no law is called %s", name)
				r := verdict(laws()[at], f)
				require.True(t, r.failed, "%s was not caught", name)
				require.False(t, r.skipped, name)
			}
		})
	}
	f := newFixture(cooccur.Kind, Options{})
	for _, l := range laws() {
		r := verdict(l, f)
		require.False(t, r.failed, "%s: %s", l.name, r.first)
	}
}

// whole is the reference model with the settings it was made with.
type whole struct {
	*cooccur.Model
	run recsys.Run
}

func breakModel(wrap func(*whole) model.Model) model.Kind {
	kind := cooccur.Kind
	kind.New = func(p json.RawMessage, run recsys.Run) (model.Model, error) {
		m, err := cooccur.Kind.New(p, run)
		if err != nil {
			return nil, err
		}
		return wrap(&whole{m.(*cooccur.Model), run}), nil
	}
	kind.Load = func(s model.State, run recsys.Run) (model.Model, error) {
		m, err := cooccur.Kind.Load(s, run)
		if err != nil {
			return nil, err
		}
		return wrap(&whole{m.(*cooccur.Model), run}), nil
	}
	return kind
}

type popular struct{ *whole }

func (m popular) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	q.User, q.History = recsys.NoUser, recsys.History{Items: []int32{0}}
	return m.whole.Scores(ctx, q, dst)
}

type itemsOnly struct{ *whole }

func (m itemsOnly) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	q.History.Sequence, q.History.Times = nil, nil
	return m.whole.Scores(ctx, q, dst)
}

type unfiltered struct{ *whole }

func (m unfiltered) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	q.Allowed = nil
	return m.whole.Recommend(ctx, q)
}

type oneFewer struct{ *whole }

func (m oneFewer) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	got, err := m.whole.Recommend(ctx, q)
	return got[:max(0, len(got)-1)], err
}

type tiesReversed struct{ *whole }

func (m tiesReversed) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	got, err := m.whole.Recommend(ctx, q)
	slices.SortFunc(got, func(a, b recsys.Scored) int {
		if a.Score != b.Score {
			return int(math.Copysign(1, float64(b.Score-a.Score)))
		}
		return int(b.Item - a.Item)
	})
	return got, err
}

type scribbler struct{ *whole }

func (m scribbler) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	got, err := m.whole.Recommend(ctx, q)
	for i := range q.History.Weights {
		q.History.Weights[i] = 0
	}
	if q.Allowed != nil {
		q.Allowed.Set(0)
	}
	return got, err
}

type unchecked struct{ *whole }

func (m unchecked) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	for _, i := range q.History.Items {
		dst[i] = 1
	}
	return nil
}

type notANumber struct{ *whole }

func (m notANumber) Scores(ctx context.Context, q recsys.Query, dst []float32) error {
	err := m.whole.Scores(ctx, q, dst)
	if len(dst) > 0 {
		dst[0] = float32(math.NaN())
	}
	return err
}

type otherVectors struct{ *whole }

func (m otherVectors) QueryVector(ctx context.Context, q recsys.Query, dst []float32) error {
	err := m.whole.QueryVector(ctx, q, dst)
	for i := range dst {
		dst[i] *= 1.01
	}
	return err
}

type selfSimilar struct{ *whole }

func (m selfSimilar) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	got, err := m.whole.SimilarItems(ctx, item, k, allowed)
	if len(got) > 0 {
		got[0].Item = item
	}
	return got, err
}

type halfExplained struct{ *whole }

func (m halfExplained) Explain(ctx context.Context, q recsys.Query, item int32) ([]recsys.Scored, float32, error) {
	parts, base, err := m.whole.Explain(ctx, q, item)
	return parts[:len(parts)/2], base, err
}

type addsNothing struct{ *whole }

func (addsNothing) AddItems(context.Context, recsys.NewItems) error { return nil }

type addsStrangers struct{ *whole }

func (m addsStrangers) AddItems(ctx context.Context, n recsys.NewItems) error {
	return m.whole.AddItems(ctx, recsys.NewItems{Count: n.Count})
}

type sortsUsers struct{ *whole }

func (m sortsUsers) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.whole.PartialFitUsers(ctx, slices.Sorted(slices.Values(users)), rows)
}

type updatesNobody struct{ *whole }

func (updatesNobody) PartialFitUsers(context.Context, []int32, *recsys.CSR) error { return nil }

type workersShow struct{ *whole }

func (m workersShow) Fit(ctx context.Context, d *recsys.Dataset) error {
	c := cloneDataset(d)
	if m.run.Workers > 1 {
		c.Interactions.Values[0] *= float32(m.run.Workers)
	}
	return m.whole.Fit(ctx, c)
}

type remembers struct{ *whole }

func (m remembers) Fit(ctx context.Context, d *recsys.Dataset) error {
	users, _ := m.Shape()
	if err := m.whole.Fit(ctx, d); err != nil || users == 0 {
		return err
	}
	return m.whole.PartialFitUsers(ctx, []int32{0}, rowsOf([]recsys.History{{Items: []int32{0}}}, d.Interactions.Cols))
}

type sortsData struct{ *whole }

func (m sortsData) Fit(ctx context.Context, d *recsys.Dataset) error {
	slices.Sort(d.Interactions.Values)
	return m.whole.Fit(ctx, d)
}

type deaf struct{ *whole }

func (m deaf) Fit(ctx context.Context, d *recsys.Dataset) error {
	return m.whole.Fit(context.WithoutCancel(ctx), d)
}

func (m deaf) PartialFitUsers(ctx context.Context, users []int32, rows *recsys.CSR) error {
	return m.whole.PartialFitUsers(context.WithoutCancel(ctx), users, rows)
}

type silent struct{ *whole }

func (m silent) Fit(ctx context.Context, d *recsys.Dataset) error {
	hook := m.run.Progress
	quiet, err := cooccur.Kind.New(nil, recsys.Run{})
	if err != nil || hook == nil {
		return m.whole.Fit(ctx, d)
	}
	return quiet.Fit(ctx, d)
}

// inPlace empties the users' rows before it knows that it will succeed.
type inPlace struct{ *whole }

func (m inPlace) Fit(ctx context.Context, d *recsys.Dataset) error {
	if users, items := m.Shape(); users > 0 {
		all := make([]int32, users)
		for u := range all {
			all[u] = int32(u)
		}
		if err := m.whole.PartialFitUsers(context.WithoutCancel(ctx), all, rowsOf(make([]recsys.History, users), items)); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond) // long enough for a reader to look
	}
	return m.whole.Fit(ctx, d)
}

type fitsAnything struct{ *whole }

func (m fitsAnything) Fit(ctx context.Context, d *recsys.Dataset) error {
	_ = m.whole.Fit(ctx, d)
	return nil
}

// halfState forgets the weights of the users' rows.
type halfState struct{ *whole }

func (m halfState) State() (model.State, error) {
	s, err := m.whole.State()
	if err != nil {
		return s, err
	}
	s = cloneState(s)
	if last := s.Tensors[len(s.Tensors)-1].Float32; len(last) > 0 {
		last[0] += 1
	}
	return s, nil
}

func loadsAnything() model.Kind {
	kind := cooccur.Kind
	kind.Load = func(s model.State, run recsys.Run) (model.Model, error) {
		counts := s.Tensors[0]
		_ = counts.Float32[:counts.Shape[0]*counts.Shape[1]] // no check before use
		return cooccur.Kind.Load(s, run)
	}
	return kind
}

func anyParameter() model.Kind {
	kind := cooccur.Kind
	kind.New = func(p json.RawMessage, run recsys.Run) (model.Model, error) { return cooccur.Kind.New(nil, run) }
	kind.Load = func(s model.State, run recsys.Run) (model.Model, error) {
		s.Params = nil
		return cooccur.Kind.Load(s, run)
	}
	return kind
}

func oddSpace() model.Kind {
	kind := cooccur.Kind
	kind.Space = []model.Param{{Name: "damping", Low: 0, High: 7}}
	return kind
}
