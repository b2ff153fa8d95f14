// Package gate decides whether a newly fitted model may take the place of the current one.
//
// Both have seen all events, so that neither can be measured as it is: what is measured is how
// they are made. Each recipe, kind and parameters, is fitted on the older part of a time split
// and asked for the newer part. The new one passes when it is not significantly worse than the
// current one (paired bootstrap over users, at 5 %) and not below popularity.
package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/model"
)

// Annotation is the annotation of an artifact that holds the Decision on it.
const Annotation = "promotion"

// ErrNoItemFeatures: a recipe learns from item features, and there are none to measure it with.
// Without them it would be another recipe, and might lose for that reason alone.
var ErrNoItemFeatures = errors.New("it learns from item features and the dataset has none: load it with item features, or publish without a gate")

// Recipe is how a model is made.
type Recipe struct {
	Kind model.Kind
	// Params are its hyper-parameters, complete, as model.State has them.
	Params json.RawMessage
	// ItemFeatures says that it learns from those of the split, which has to have some.
	ItemFeatures bool
}

// Options says what to measure. The zero value takes every default.
type Options struct {
	// Metric is "ndcg@10" when empty: one of eval.Result.Metrics that is a mean over users.
	Metric string
	// Bootstrap and Seed are those of eval.Options.
	Bootstrap int
	Seed      uint64
	Run       recsys.Run
}

// Decision is what a gate decided and why.
type Decision struct {
	Promoted bool   `json:"promoted"`
	Reason   string `json:"reason"`
	// Metric was measured on Users users of the Split; all below are zero where nothing could
	// be measured.
	Metric string `json:"metric"`
	Split  string `json:"split,omitempty"`
	Users  int    `json:"users"`
	// New, Current and Popularity are what they scored. Current is nil without a current model.
	New        float64  `json:"new"`
	Current    *float64 `json:"current,omitempty"`
	Popularity float64  `json:"popularity"`
	// VersusCurrent is nil without a current model, and where the two are made alike.
	VersusCurrent    *eval.Difference `json:"versus_current,omitempty"`
	VersusPopularity *eval.Difference `json:"versus_popularity,omitempty"`
	// CurrentVersion is the version that it was compared with.
	CurrentVersion string    `json:"current_version,omitempty"`
	Decided        time.Time `json:"decided"`
}

// Of reads the decision on an artifact; nil when none was made.
func Of(m *model.Manifest) (*Decision, error) {
	text, ok := m.Annotations[Annotation]
	if !ok {
		return nil, nil
	}
	d := new(Decision)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("%w: annotation %q: %w", model.ErrCorrupt, Annotation, err)
	}
	return d, nil
}

// Split parts events for Decide: the newest share is to be predicted. A nil split says, with
// the reason, that the events do not allow that.
func Split(events *eval.Events, share float64) (s *eval.Split, why string, err error) {
	cut, err := eval.TimeCut(events, share)
	if err == nil {
		s, err = eval.ByTime(events, cut)
	}
	if errors.Is(err, recsys.ErrEmptyDataset) || errors.Is(err, recsys.ErrInvalidData) {
		return nil, err.Error(), nil
	}
	return s, "", err
}

// Unmeasured is the decision where nothing can be measured: without a current model there is
// nothing to lose.
func Unmeasured(why string, current bool, o Options) *Decision {
	d := &Decision{Promoted: !current, Metric: o.metric(), Decided: time.Now().UTC().Truncate(time.Second)}
	if d.Reason = "it could not be measured: " + why; !current {
		d.Reason += "; there is no current model"
	}
	return d
}

func (o Options) metric() string {
	if o.Metric == "" {
		return "ndcg@10"
	}
	return o.Metric
}

// Decide measures a recipe, and the current one unless that is nil, on a split. The error wraps
// ErrNoItemFeatures where one of them cannot be measured on it.
func Decide(ctx context.Context, s *eval.Split, fresh Recipe, current *Recipe, o Options) (*Decision, error) {
	d := &Decision{Metric: o.metric(), Split: s.Name, Decided: time.Now().UTC().Truncate(time.Second)}
	for _, r := range []struct {
		name string
		*Recipe
	}{{"new", &fresh}, {"current", current}} {
		if r.Recipe != nil && r.ItemFeatures && s.Train.ItemFeatures == nil {
			return nil, fmt.Errorf("gate: the %s recipe, %s: %w", r.name, r.Kind.Name, ErrNoItemFeatures)
		}
	}
	own, err := measure(ctx, s, fresh, o)
	if errors.Is(err, recsys.ErrEmptyDataset) {
		return Unmeasured(err.Error(), current != nil, o), nil
	}
	if err != nil {
		return nil, fmt.Errorf("gate: the new recipe, %s: %w", fresh.Kind.Name, err)
	}
	gain, ok := own.Gain[d.Metric]
	if !ok {
		return nil, fmt.Errorf("%w: gate: metric %q is no mean over users, such as ndcg@10, recall@20 or hr@10", recsys.ErrInvalidConfig, d.Metric)
	}
	d.Users, d.New, d.Popularity, d.VersusPopularity = own.Users, own.Metrics[d.Metric], own.Baseline[d.Metric], &gain
	if current != nil {
		if err := d.compare(ctx, s, own, fresh, *current, o); err != nil {
			return nil, err
		}
	}
	d.decide(current != nil)
	return d, nil
}

// Judge parts events (Split) and decides on them (Decide); where they cannot be parted, the
// decision is Unmeasured. d is what the new model was fitted on: recipes that learn from item
// features learn from those of d.
func Judge(ctx context.Context, events *eval.Events, share float64, d *recsys.Dataset, fresh Recipe, current *Recipe, o Options) (*Decision, error) {
	split, why, err := Split(events, share)
	if err != nil {
		return nil, err
	}
	if split == nil {
		return Unmeasured(why, current != nil, o), nil
	}
	if d.ItemFeatures != nil {
		split.Train.ItemFeatures = d.ItemFeatures.Align(d.Items, split.Train.Items)
	}
	return Decide(ctx, split, fresh, current, o)
}

// compare measures the current recipe, unless it is the same.
func (d *Decision) compare(ctx context.Context, s *eval.Split, own *eval.Result, fresh, current Recipe, o Options) error {
	same, err := alike(fresh, current)
	if err != nil {
		return err
	}
	if same {
		score := d.New
		d.Current = &score
		return nil
	}
	other, err := measure(ctx, s, current, o)
	if err != nil {
		return fmt.Errorf("gate: the current recipe, %s: %w", current.Kind.Name, err)
	}
	differences, err := eval.Compare(ctx, own, other, o.Bootstrap, o.Seed)
	if err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	score, difference := other.Metrics[d.Metric], differences[d.Metric]
	d.Current, d.VersusCurrent = &score, &difference
	return nil
}

func (d *Decision) decide(current bool) {
	switch {
	case d.VersusPopularity.Mean < 0:
		d.Reason = fmt.Sprintf("%s of %.4f is below that of popularity, %.4f", d.Metric, d.New, d.Popularity)
	case d.VersusCurrent != nil && d.VersusCurrent.Mean < 0 && d.VersusCurrent.Significant():
		d.Reason = fmt.Sprintf("%s of %.4f is significantly worse than that of the current model, %.4f (p = %.3f)", d.Metric, d.New, *d.Current, d.VersusCurrent.P)
	case d.VersusCurrent != nil:
		d.Promoted = true
		d.Reason = fmt.Sprintf("%s of %.4f: not significantly worse than the current model, %.4f (p = %.3f), and popularity has %.4f", d.Metric, d.New, *d.Current, d.VersusCurrent.P, d.Popularity)
	case current:
		d.Promoted = true
		d.Reason = fmt.Sprintf("%s of %.4f: made as the current model is, from newer events, and popularity has %.4f", d.Metric, d.New, d.Popularity)
	default:
		d.Promoted = true
		d.Reason = fmt.Sprintf("%s of %.4f: there is no current model, and popularity has %.4f", d.Metric, d.New, d.Popularity)
	}
}

// alike says whether two recipes give the same model on the same data.
func alike(a, b Recipe) (bool, error) {
	if a.Kind.Name != b.Kind.Name || a.ItemFeatures != b.ItemFeatures {
		return false, nil
	}
	var left, right any
	for _, p := range []struct {
		text json.RawMessage
		to   *any
	}{{a.Params, &left}, {b.Params, &right}} {
		if len(p.text) == 0 {
			p.text = json.RawMessage("{}")
		}
		if err := json.Unmarshal(p.text, p.to); err != nil {
			return false, fmt.Errorf("%w: gate: parameters of %s: %w", recsys.ErrInvalidConfig, a.Kind.Name, err)
		}
	}
	x, _ := json.Marshal(left) // names sorted
	y, _ := json.Marshal(right)
	return string(x) == string(y), nil
}

func measure(ctx context.Context, s *eval.Split, r Recipe, o Options) (*eval.Result, error) {
	m, err := r.Kind.New(r.Params, o.Run)
	if err != nil {
		return nil, err
	}
	train := *s.Train
	if !r.ItemFeatures {
		train.ItemFeatures = nil
	}
	if err := m.Fit(ctx, &train); err != nil {
		return nil, err
	}
	return eval.Run(ctx, m, s, eval.Options{Bootstrap: o.Bootstrap, Seed: o.Seed, Run: o.Run})
}
