package tune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/model"
)

// Fitting measures parameters of a kind: it fits a model on the training part of a split and
// evaluates it on the held-out part.
type Fitting struct {
	Kind model.Kind
	// Fixed are parameters that are not searched, as a JSON object; nil means none.
	Fixed json.RawMessage
	// Split is the validation split, never the test split.
	Split  *eval.Split
	Metric Metric
	// Protocol is Users when empty.
	Protocol Protocol
	// Repeats is as in eval.Options.
	Repeats bool
	// Share, between 0 and 1, adds a stage before the full one: the model is fitted on this
	// share of the users and measured on them alone. The others' rows are empty, so that a
	// fit whose cost is that of the interactions costs the share of the full one. 0 leaves it
	// out: right for a kind whose cost is that of the items, such as ease. It is left out too
	// where it would measure fewer than MinPartUsers users.
	Share float64
	// Seed names the users of the share.
	Seed uint64

	// Run: Progress sees fits and evaluations.
	Run recsys.Run

	part *eval.Split
}

// MinPartUsers is the number of users whose mean says too little to stop a trial.
const MinPartUsers = 50

// Stages is what Options.Stages must be.
func (f *Fitting) Stages() int {
	if f.Share == 0 {
		return 1
	}
	if f.part == nil {
		f.part = f.ofUsers()
	}
	users := 0
	for u := range f.part.Test.Rows {
		if f.part.Test.RowLen(u) > 0 {
			users++
		}
	}
	if users < MinPartUsers {
		return 1
	}
	return 2
}

// Measure is a tune.Measure.
func (f *Fitting) Measure(ctx context.Context, params json.RawMessage, stage int) (Outcome, error) {
	split := f.Split
	if stage < f.Stages()-1 {
		split = f.part
	}
	m, err := f.fit(ctx, params, split.Train)
	if err != nil {
		return Outcome{}, err
	}
	// One cut-off and no resamples: nothing else is looked at.
	r, err := f.evaluate(ctx, m, split, []int{f.Metric.K}, -1)
	if err != nil {
		return Outcome{}, err
	}
	state, err := m.State()
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Value: r.Metrics[f.Metric.String()], Params: state.Params}, nil
}

// Evaluate fits with the parameters of a trial on s.Train, and reports with all metrics,
// intervals and segments on what s holds out. It returns the fitted model as well.
func (f *Fitting) Evaluate(ctx context.Context, params json.RawMessage, s *eval.Split, ks []int) (*eval.Result, model.Model, error) {
	m, err := f.fit(ctx, params, s.Train)
	if err != nil {
		return nil, nil, err
	}
	r, err := f.evaluate(ctx, m, s, ks, 0)
	if err != nil {
		return nil, nil, err
	}
	r.Model = f.Kind.Name
	return r, m, nil
}

// Lists are sample rankings of k items by a model that Evaluate returned, for n users of each
// segment. A search by sessions has none.
func (f *Fitting) Lists(ctx context.Context, m model.Model, s *eval.Split, n, k int) ([]eval.List, error) {
	if f.Protocol == NextItem {
		return nil, nil
	}
	return eval.Lists(ctx, m, s, eval.Options{Repeats: f.Repeats, Seed: f.Seed, Run: f.Run}, n, k)
}

// Params are the fixed parameters and, over them, those of a trial.
func (f *Fitting) Params(trial json.RawMessage) (json.RawMessage, error) {
	all := make(map[string]json.RawMessage)
	for _, text := range []json.RawMessage{f.Fixed, trial} {
		var some map[string]json.RawMessage
		if len(text) == 0 {
			continue
		}
		if err := json.Unmarshal(text, &some); err != nil {
			return nil, fmt.Errorf("%w: parameters %.80q are no JSON object", recsys.ErrInvalidConfig, text)
		}
		maps.Copy(all, some)
	}
	return json.Marshal(all)
}

func (f *Fitting) fit(ctx context.Context, trial json.RawMessage, d *recsys.Dataset) (model.Model, error) {
	params, err := f.Params(trial)
	if err != nil {
		return nil, err
	}
	m, err := f.Kind.New(params, f.Run)
	if err != nil {
		return nil, err
	}
	return m, m.Fit(ctx, d)
}

func (f *Fitting) evaluate(ctx context.Context, m model.Model, s *eval.Split, ks []int, bootstrap int) (*eval.Result, error) {
	if f.Protocol == NextItem {
		return eval.NextItem(ctx, m, s, eval.NextItemOptions{Ks: ks, Detail: bootstrap >= 0, Bootstrap: bootstrap, Seed: f.Seed, Run: f.Run})
	}
	return eval.Run(ctx, m, s, eval.Options{Ks: ks, Repeats: f.Repeats, Detail: bootstrap >= 0, Bootstrap: bootstrap, Seed: f.Seed, Run: f.Run})
}

// Check reports what keeps every trial from being measured.
func (f *Fitting) Check() error {
	var errs []error
	if !(f.Share >= 0 && f.Share < 1) {
		errs = append(errs, fmt.Errorf("%w: a share of %v of the users, it must be at least 0 and below 1", recsys.ErrInvalidConfig, f.Share))
	}
	if _, err := ParseMetric(f.Metric.String(), f.protocol()); err != nil {
		errs = append(errs, err)
	}
	if f.Kind.New == nil || f.Split == nil {
		errs = append(errs, fmt.Errorf("%w: a search needs a kind and a validation split", recsys.ErrInvalidConfig))
	} else if _, err := f.Kind.New(f.Fixed, f.Run); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (f *Fitting) protocol() Protocol {
	if f.Protocol == "" {
		return Users
	}
	return f.Protocol
}

// Free is the search space of the kind without the fixed parameters.
func (f *Fitting) Free() []model.Param {
	var fixed map[string]json.RawMessage
	if len(f.Fixed) > 0 && json.Unmarshal(f.Fixed, &fixed) != nil {
		return f.Kind.Space // Check reports it
	}
	var free []model.Param
	for _, p := range f.Kind.Space {
		if _, ok := fixed[p.Name]; !ok {
			free = append(free, p)
		}
	}
	return free
}

const streamShare = 0x7475_6e65 // "tune": apart from the streams of a model of the same seed

// ofUsers is the split with the rows of a share of the users, the others' being empty. The
// sessions of NextItem stay whole.
func (f *Fitting) ofUsers() *eval.Split {
	s := *f.Split
	train := *s.Train
	keep := make([]bool, train.Interactions.Rows)
	for u := range keep {
		keep[u] = rng.New(f.Seed, streamShare, uint64(u)).Float64() < f.Share
	}
	train.Interactions = rowsOf(train.Interactions, keep)
	if q := train.Sequences; q != nil {
		part := &recsys.Sequences{Indptr: []int64{0}}
		for u, kept := range keep {
			if kept {
				items, times := q.Of(u)
				part.Items, part.Times = append(part.Items, items...), append(part.Times, times...)
			}
			part.Indptr = append(part.Indptr, int64(len(part.Items)))
		}
		train.Sequences = part
	}
	s.Train = &train
	s.Test = rowsOf(s.Test, keep)
	if s.Unknown != nil {
		s.Unknown = make([]int32, len(keep))
		for u, kept := range keep {
			if kept {
				s.Unknown[u] = f.Split.Unknown[u]
			}
		}
	}
	return &s
}

// rowsOf is x with only some of its rows filled.
func rowsOf(x *recsys.CSR, keep []bool) *recsys.CSR {
	out := &recsys.CSR{Rows: x.Rows, Cols: x.Cols, Indptr: []int64{0}}
	for u, kept := range keep {
		if kept {
			cols, vals := x.Row(u)
			out.Indices, out.Values = append(out.Indices, cols...), append(out.Values, vals...)
		}
		out.Indptr = append(out.Indptr, int64(len(out.Indices)))
	}
	return out
}
