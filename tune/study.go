package tune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// ErrNoTrial: no trial of a study is complete.
var ErrNoTrial = errors.New("no complete trial")

// Options describe a study.
type Options struct {
	// Space is what to search.
	Space []model.Param
	// Stages is the number of measurements of a trial; 0 means 1. With more, a trial may end
	// at one of the earlier ones.
	Stages int
	// Seed names the proposals.
	Seed uint64
	// About says by name what the measure depends on besides the parameters: data, split,
	// metric. A study file of another one is refused (ErrOtherStudy).
	About map[string]string
}

// Outcome is one measurement.
type Outcome struct {
	// Value is the quality: more is better.
	Value float64
	// Params is a JSON object of all parameters in effect, where the measurement knows them: it
	// tells the sampler where in the space the defaults lie.
	Params json.RawMessage
}

// Measure measures parameters, a JSON object of those of the space, at a stage; the last stage is
// the one that counts. An error fails the trial, not the study, unless it comes of the
// context.
type Measure func(ctx context.Context, params json.RawMessage, stage int) (Outcome, error)

// Study is a search. It is for one goroutine; Measure may use as many as it likes.
type Study struct {
	o       Options
	dims    []dimension
	trials  []Trial
	tried   map[string]bool
	file    *file // nil for a study in memory
	dropped int   // bytes cut off the file's end
}

// New returns a study in memory. The error wraps recsys.ErrInvalidConfig.
func New(o Options) (*Study, error) {
	if o.Stages < 0 {
		return nil, fmt.Errorf("%w: a study of %d stages", recsys.ErrInvalidConfig, o.Stages)
	}
	o.Stages = max(o.Stages, 1)
	dims, err := newDimensions(o.Space)
	if err != nil {
		return nil, err
	}
	return &Study{o: o, dims: dims, tried: make(map[string]bool)}, nil
}

// Trials are the finished trials by number; do not change them.
func (s *Study) Trials() []Trial { return s.trials }

// Space is the search space.
func (s *Study) Space() []model.Param { return s.o.Space }

// Best is the complete trial of the highest value, the first of equals. The error wraps
// ErrNoTrial and says why the last trial failed.
func (s *Study) Best() (*Trial, error) {
	if len(s.trials) == 0 {
		return nil, fmt.Errorf("%w: none was run", ErrNoTrial)
	}
	best := slices.MinFunc(s.pointers(), Compare)
	if best.State != Complete {
		last := s.trials[len(s.trials)-1]
		return nil, fmt.Errorf("%w among %d; the last one: %s", ErrNoTrial, len(s.trials), last.Error)
	}
	return best, nil
}

func (s *Study) pointers() []*Trial {
	all := make([]*Trial, len(s.trials))
	for i := range s.trials {
		all[i] = &s.trials[i]
	}
	return all
}

// Run goes on until the study has the given number of trials, failed and pruned ones counted, or
// every value of the space was tried (Exhausted). report, if set, is told of each trial once it
// is stored. When ctx ends, the trial under way is dropped, those before it are kept, and the
// context's error is returned.
func (s *Study) Run(ctx context.Context, trials int, measure Measure, report func(Trial)) error {
	for len(s.trials) < trials {
		params, ok := s.propose()
		if !ok {
			return nil
		}
		t, err := s.try(ctx, params, measure)
		if err != nil {
			return err
		}
		if err := s.add(t); err != nil {
			return err
		}
		if report != nil {
			report(t)
		}
	}
	return nil
}

// Exhausted says that nothing in the space is left to try.
func (s *Study) Exhausted() bool {
	_, ok := s.propose()
	return !ok
}

// propose returns the parameters of the next trial.
func (s *Study) propose() (json.RawMessage, bool) {
	n := len(s.trials)
	if n == 0 {
		return json.RawMessage(`{}`), true
	}
	all := s.pointers()
	slices.SortFunc(all, Compare)
	var ranked [][]float64
	for _, t := range all {
		if x, ok := s.point(t); ok {
			ranked = append(ranked, x)
		}
	}
	sampler := sampler{dims: s.dims, seed: s.o.Seed, tried: func(x []float64) bool { return s.tried[string(s.params(x))] }}
	x, ok := sampler.suggest(n, ranked)
	if !ok {
		return nil, false
	}
	return s.params(x), true
}

// params are the values at a point, as JSON with sorted names.
func (s *Study) params(x []float64) json.RawMessage {
	values := make(map[string]json.RawMessage, len(x))
	for d := range x {
		values[s.dims[d].Name] = s.dims[d].value(x[d])
	}
	// Numbers that we formatted, and choices, which the space promises to be JSON.
	text, _ := json.Marshal(values)
	return text
}

// point is where a trial lies; false when that is not known or outside the space, as defaults
// may be.
func (s *Study) point(t *Trial) ([]float64, bool) {
	x := make([]float64, len(s.dims))
	for d := range s.dims {
		value, ok := t.Param(s.dims[d].Name)
		if !ok {
			return nil, false
		}
		if x[d], ok = s.dims[d].place(value); !ok {
			return nil, false
		}
	}
	return x, true
}

// pruneAfter is the number of trials that must have been measured at a stage before one is
// stopped there.
const pruneAfter = 5

// try measures the stages in turn.
func (s *Study) try(ctx context.Context, params json.RawMessage, measure Measure) (Trial, error) {
	t := Trial{Number: len(s.trials), State: Complete, Params: params}
	start := time.Now()
	for stage := range s.o.Stages {
		out, err := measure(ctx, params, stage)
		if ctx.Err() != nil {
			return t, context.Cause(ctx)
		}
		if err == nil && (math.IsNaN(out.Value) || math.IsInf(out.Value, 0)) {
			err = fmt.Errorf("%w: the measure is %v", recsys.ErrInvalidData, out.Value)
		}
		if err != nil {
			t.State, t.Error = Failed, err.Error()
			break
		}
		t.Values, t.Complete = append(t.Values, out.Value), out.Params
		if stage < s.o.Stages-1 && s.hopeless(stage, out.Value) {
			t.State = Pruned
			break
		}
	}
	t.Seconds = math.Round(1000*time.Since(start).Seconds()) / 1000
	return t, nil
}

// hopeless says whether a value is below the median of the trials before at that stage.
func (s *Study) hopeless(stage int, value float64) bool {
	var before []float64
	for i := range s.trials {
		if len(s.trials[i].Values) > stage {
			before = append(before, s.trials[i].Values[stage])
		}
	}
	return len(before) >= pruneAfter && value < median(before)
}

// add stores a trial.
func (s *Study) add(t Trial) error {
	if s.file != nil {
		if err := s.file.append(t); err != nil {
			return err
		}
	}
	s.note(t)
	return nil
}

func (s *Study) note(t Trial) {
	s.trials = append(s.trials, t)
	s.tried[string(t.Params)] = true
	if x, ok := s.point(&t); ok {
		s.tried[string(s.params(x))] = true
	}
}
