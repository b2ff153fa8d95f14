package tune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

var space = []model.Param{
	{Name: "rate", Low: 1e-4, High: 1, Log: true},
	{Name: "layers", Low: 1, High: 8, Int: true},
	{Name: "loss", Choices: []json.RawMessage{json.RawMessage(`"a"`), json.RawMessage(`"b"`), json.RawMessage(`"c"`)}},
}

type values struct {
	Rate   float64
	Layers int
	Loss   string
}

// hill is best, 0, at rate = 0.02, layers = 5 and loss = "b".
func hill(_ context.Context, params json.RawMessage, _ int) (Outcome, error) {
	v := values{Rate: 1, Layers: 1, Loss: "a"}
	if err := json.Unmarshal(params, &v); err != nil {
		return Outcome{}, err
	}
	x := math.Log10(v.Rate / 0.02)
	y := float64(v.Layers-5) / 2
	z := 0.0
	if v.Loss != "b" {
		z = 1
	}
	complete, err := json.Marshal(map[string]any{"rate": v.Rate, "layers": v.Layers, "loss": v.Loss, "seed": 3})
	return Outcome{Value: -x*x - y*y - z, Params: complete}, err
}

func studied(t testing.TB, seed uint64, trials int, measure Measure) *Study {
	s, err := New(Options{Space: space, Seed: seed})
	require.NoError(t, err)
	require.NoError(t, s.Run(context.Background(), trials, measure, nil))
	return s
}

// In 30 trials the search comes closer to the optimum than twice as many random draws do.
func TestBetterThanRandom(t *testing.T) {
	var own, random float64
	const studies = 20
	for seed := range uint64(studies) {
		best, err := studied(t, seed, 30, hill).Best()
		require.NoError(t, err)
		own += best.Value() / studies
		random += randomBest(t, seed, 60) / studies
	}
	t.Logf("mean of the best of 30: %.3f, of 60 random draws: %.3f", own, random)
	require.Greater(t, own, random)
	require.Greater(t, own, -0.1)
}

func randomBest(t testing.TB, seed uint64, n int) float64 {
	s, err := New(Options{Space: space, Seed: seed})
	require.NoError(t, err)
	sampler := sampler{dims: s.dims, seed: seed, tried: func([]float64) bool { return false }}
	best := math.Inf(-1)
	for i := range n {
		x, _ := sampler.anywhere(newStream(seed, i))
		out, err := hill(context.Background(), s.params(x), 0)
		require.NoError(t, err)
		best = max(best, out.Value)
	}
	return best
}

func TestFirstTrialIsTheDefaults(t *testing.T) {
	s := studied(t, 1, 2, hill)
	require.JSONEq(t, `{}`, string(s.Trials()[0].Params))
	x, ok := s.point(&s.Trials()[0])
	require.True(t, ok, "the outcome's parameters place the defaults in the space")
	require.InDelta(t, 1, x[0], 1e-9)
	require.JSONEq(t, `"a"`, string(s.dims[2].value(x[2])))
}

func TestSameSeedSameTrials(t *testing.T) {
	a, b, c := studied(t, 7, 25, hill), studied(t, 7, 25, hill), studied(t, 8, 25, hill)
	require.Equal(t, untimed(a), untimed(b))
	require.NotEqual(t, untimed(a), untimed(c))
}

func untimed(s *Study) []Trial {
	out := append([]Trial(nil), s.Trials()...)
	for i := range out {
		out[i].Seconds = 0
	}
	return out
}

// A study that was killed in the middle of a line goes on to the same trials.
func TestResumeAfterKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "study.jsonl")
	o := Options{Space: space, Seed: 5, About: map[string]string{"kind": "hill"}}
	run := func(trials int) *Study {
		s, err := Open(path, o)
		require.NoError(t, err)
		require.NoError(t, s.Run(context.Background(), trials, hill, nil))
		require.NoError(t, s.Close())
		return s
	}
	whole := untimed(run(20))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, size := range []int{0, 9, len(text) / 3, len(text) / 2, len(text) - 1, len(text)} {
		require.NoError(t, os.WriteFile(path, text[:size], 0o666))
		require.Equal(t, whole, untimed(run(20)), "cut at %d", size)
		s, err := Open(path, o)
		require.NoError(t, err)
		require.Zero(t, s.Dropped(), "the file is whole again")
		require.Equal(t, whole, untimed(s))
		require.NoError(t, s.Close())
	}
	require.Len(t, run(25).Trials(), 25, "more trials later")
}

func TestAnotherStudyIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.jsonl")
	o := Options{Space: space, Seed: 5, About: map[string]string{"metric": "ndcg@20", "kind": "als"}}
	s, err := Open(path, o)
	require.NoError(t, err)
	_, err = Open(path, o)
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, s.Close())
	for want, change := range map[string]func(o *Options){
		"metric was ndcg@20, is now hr@10": func(o *Options) { o.About = map[string]string{"metric": "hr@10", "kind": "als"} },
		"kind was als, is now ":            func(o *Options) { o.About = map[string]string{"metric": "ndcg@20"} },
		"the space was":                    func(o *Options) { o.Space = space[:2] },
		"the seed was 5, is now 6":         func(o *Options) { o.Seed = 6 },
		"the number of stages was 1":       func(o *Options) { o.Stages = 2 },
	} {
		other := o
		change(&other)
		_, err := Open(path, other)
		require.ErrorIs(t, err, ErrOtherStudy)
		require.ErrorContains(t, err, want)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, bad := range []string{"hello\n", "hello", string(text) + "{}\n", string(text) + "nonsense\n{}\n",
		string(text) + `{"number":0,"state":"complete","params":{}}` + "\n"} {
		require.NoError(t, os.WriteFile(path, []byte(bad), 0o666))
		_, err = Open(path, o)
		require.ErrorIs(t, err, ErrCorrupt, bad)
	}
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotEmpty(t, left, "a file that is refused is left alone")
}

// Trials that fail are kept and avoided; the study goes on.
func TestFailedTrials(t *testing.T) {
	fragile := func(ctx context.Context, params json.RawMessage, stage int) (Outcome, error) {
		var v values
		if err := json.Unmarshal(params, &v); err != nil {
			return Outcome{}, err
		}
		switch {
		case v.Layers > 6:
			return Outcome{}, errors.New("out of memory")
		case v.Layers == 1:
			return Outcome{Value: math.NaN()}, nil
		}
		return hill(ctx, params, stage)
	}
	s := studied(t, 3, 40, fragile)
	var failed, late int
	for _, trial := range s.Trials() {
		if trial.State == Failed {
			failed++
			require.NotEmpty(t, trial.Error)
			if trial.Number >= 20 {
				late++
			}
		}
	}
	require.Positive(t, failed)
	require.Less(t, late, 5, "of the last 20 trials")
	best, err := s.Best()
	require.NoError(t, err)
	require.Greater(t, best.Value(), -0.3)

	_, err = studied(t, 3, 3, func(context.Context, json.RawMessage, int) (Outcome, error) { return Outcome{}, errors.New("no luck") }).Best()
	require.ErrorIs(t, err, ErrNoTrial)
	require.ErrorContains(t, err, "no luck")
	_, err = studied(t, 3, 0, hill).Best()
	require.ErrorIs(t, err, ErrNoTrial)
}

// A trial stops where it is below the median of those before, not earlier, and never at the
// last stage.
func TestPruning(t *testing.T) {
	var calls int
	staged := func(ctx context.Context, params json.RawMessage, stage int) (Outcome, error) {
		calls++
		out, err := hill(ctx, params, stage)
		out.Value -= float64(2 - stage) // less data, worse
		return out, err
	}
	s, err := New(Options{Space: space, Seed: 2, Stages: 3})
	require.NoError(t, err)
	require.NoError(t, s.Run(context.Background(), 30, staged, nil))
	pruned, measured := 0, 0
	for n, trial := range s.Trials() {
		measured += len(trial.Values)
		var first []float64
		for _, b := range s.Trials()[:n] {
			first = append(first, b.Values[0])
		}
		stop := n >= pruneAfter && trial.Values[0] < median(first)
		require.Equal(t, stop, trial.State == Pruned && len(trial.Values) == 1, "trial %d", n)
		if trial.State == Pruned {
			pruned++
			require.Less(t, len(trial.Values), 3)
			require.True(t, math.IsNaN(trial.Value()))
		}
	}
	require.Equal(t, calls, measured)
	require.Greater(t, pruned, 3)
	best, err := s.Best()
	require.NoError(t, err)
	require.Greater(t, best.Value(), -0.3)
}

func TestCancelKeepsFinishedTrials(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.jsonl")
	s, err := Open(path, Options{Space: space})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	err = s.Run(ctx, 10, func(ctx context.Context, params json.RawMessage, stage int) (Outcome, error) {
		if calls++; calls == 4 {
			cancel()
			return Outcome{}, fmt.Errorf("fit: %w", ctx.Err())
		}
		return hill(ctx, params, stage)
	}, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, s.Close())
	s, err = Open(path, Options{Space: space})
	require.NoError(t, err)
	defer s.Close()
	require.Len(t, s.Trials(), 3, "the trial under way is no trial")
}

// A small space is searched whole, each point once.
func TestExhausted(t *testing.T) {
	s, err := New(Options{Space: space[1:]})
	require.NoError(t, err)
	require.NoError(t, s.Run(context.Background(), 100, hill, nil))
	require.Len(t, s.Trials(), 8*3, "the defaults are one of the points")
	require.True(t, s.Exhausted())
	best, err := s.Best()
	require.NoError(t, err)
	var v values
	require.NoError(t, json.Unmarshal(best.Params, &v))
	require.Equal(t, values{Layers: 5, Loss: "b"}, v)
}

func TestSpaces(t *testing.T) {
	for _, bad := range [][]model.Param{nil, {{Name: "x", Low: 2, High: 1}}, {{Name: "x", Low: 0, High: 1, Log: true}}, {{Name: "x", Low: math.Inf(-1), High: 1}}} {
		_, err := New(Options{Space: bad})
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, "%v", bad)
	}
	for _, p := range space {
		d, err := newDimension(p)
		require.NoError(t, err)
		for _, x := range []float64{0, 0.01, 0.3, 0.5, 0.77, 1} {
			v := d.value(x)
			at, ok := d.place(v)
			require.True(t, ok, "%s = %s", p.Name, v)
			require.JSONEq(t, string(v), string(d.value(at)))
			require.InDelta(t, x, at, 0.17, "%s: %s", p.Name, v)
		}
		for _, v := range []string{`null`, `"x"`, `-7`, `[1]`, `1e9`} {
			_, ok := d.place(json.RawMessage(v))
			require.False(t, ok, "%s = %s", p.Name, v)
		}
	}
	require.Equal(t, `rate 0.0001 … 1, log | layers 1 … 8, integer | loss of ["a","b","c"]`,
		Describe(space[0])+" | "+Describe(space[1])+" | "+Describe(space[2]))
}

// The density integrates to one and its draws follow it.
func TestDensity(t *testing.T) {
	s, err := New(Options{Space: []model.Param{{Name: "x", Low: 0, High: 1}, space[2]}})
	require.NoError(t, err)
	sm := sampler{dims: s.dims}
	p := sm.density([][]float64{{0.05, 0.5}, {0.9, 5. / 6}})
	const n = 400
	var total, left, leftB float64
	for i := range n {
		for _, choice := range []float64{1. / 6, 0.5, 5. / 6} {
			x := (float64(i) + 0.5) / n
			v := math.Exp(p.log([]float64{x, choice})) / n / 3
			total += v
			if x < 0.3 {
				left += v
				if choice == 0.5 {
					leftB += v
				}
			}
		}
	}
	require.InDelta(t, 1, total, 1e-3)
	var drawnLeft, drawnLeftB float64
	r := newStream(1, 1)
	const draws = 20000
	for range draws {
		if x := p.draw(r); x[0] < 0.3 {
			drawnLeft += 1. / draws
			if x[1] == 0.5 {
				drawnLeftB += 1. / draws
			}
		}
	}
	require.InDelta(t, left, drawnLeft, 0.015)
	require.InDelta(t, leftB, drawnLeftB, 0.015)
}
