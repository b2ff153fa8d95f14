package plots

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/tune"
)

func figure(t *testing.T) Figure {
	space := []model.Param{
		{Name: "factors", Low: 16, High: 256, Log: true, Int: true},
		{Name: "regularization", Low: 1e-4, High: 0.1, Log: true},
		{Name: "window", Low: 2, High: 15, Int: true},
		{Name: "loss", Choices: []json.RawMessage{json.RawMessage(`"warp"`), json.RawMessage(`"bpr"`), json.RawMessage(`"logistic"`)}},
	}
	s, err := tune.New(tune.Options{Space: space, Stages: 2, Seed: 1})
	require.NoError(t, err)
	require.NoError(t, s.Run(context.Background(), 40, func(_ context.Context, params json.RawMessage, stage int) (tune.Outcome, error) {
		v := struct {
			Factors, Regularization, Window float64
			Loss                            string
		}{64, 0.01, 5, "warp"}
		if err := json.Unmarshal(params, &v); err != nil {
			return tune.Outcome{}, err
		}
		if v.Factors > 220 {
			return tune.Outcome{}, errors.New("out of memory")
		}
		x := math.Log10(v.Regularization / 0.004)
		q := 0.1*math.Exp(-x*x) + 0.01*math.Log2(v.Factors/16) - 0.0003*(v.Window-9)*(v.Window-9)
		if v.Loss != "warp" {
			q -= 0.02
		}
		complete, err := json.Marshal(map[string]any{"factors": v.Factors, "regularization": v.Regularization, "window": v.Window, "loss": v.Loss})
		return tune.Outcome{Value: q - 0.01*float64(1-stage), Params: complete}, err
	}, nil))
	return Figure{Title: "bpr: ndcg@20 on validation, 40 trials", Metric: "ndcg@20", Trials: s.Trials(), Space: space, Baseline: 0.03}
}

func TestPNG(t *testing.T) {
	f := figure(t)
	b, err := PNG(f)
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	require.Equal(t, int(width/vg.Inch*dpi), img.Bounds().Dx())
	if path := os.Getenv("RECSYS_PLOT"); path != "" { // to look at it
		require.NoError(t, os.WriteFile(path, b, 0o644))
	}
	again, err := PNG(f)
	require.NoError(t, err)
	require.Equal(t, b, again)
}

// Every study can be drawn: one trial, no success, no parameter placed.
func TestOddStudies(t *testing.T) {
	space := []model.Param{{Name: "x", Low: 0, High: 1}}
	for name, trials := range map[string][]tune.Trial{
		"none":       nil,
		"one":        {{State: tune.Complete, Params: json.RawMessage(`{}`), Values: []float64{0.5}}},
		"all failed": {{State: tune.Failed, Params: json.RawMessage(`{"x":0.1}`)}, {Number: 1, State: tune.Failed, Params: json.RawMessage(`{"x":0.2}`)}},
		"all equal": {{State: tune.Complete, Params: json.RawMessage(`{"x":0.1}`), Values: []float64{0.5}},
			{Number: 1, State: tune.Complete, Params: json.RawMessage(`{"x":0.1}`), Values: []float64{0.5}}},
	} {
		_, err := PNG(Figure{Title: name, Metric: "hr@10", Trials: trials, Space: space, Baseline: math.NaN()})
		require.NoError(t, err, name)
	}
}
