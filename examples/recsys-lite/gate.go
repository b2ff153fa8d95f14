package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

// gateFlags say whether, and by what, a new model is judged.
type gateFlags struct {
	on       bool
	metric   string
	testSize float64
}

func (g *gateFlags) add(cmd *cobra.Command, what string) {
	if what != "" {
		cmd.Flags().BoolVar(&g.on, "gate", false, what)
	}
	g.addMeasures(cmd)
}

// gateMeasures are the flags of addMeasures.
var gateMeasures = []string{"gate-metric", "gate-test-size"}

func (g *gateFlags) addMeasures(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&g.metric, "gate-metric", "ndcg@10", "what the gate compares: a mean over users, such as ndcg@10, recall@20 or hr@10")
	f.Float64Var(&g.testSize, "gate-test-size", .2, "newest share of the events that the gate measures on")
}

func (g *gateFlags) check() error {
	if !(g.testSize > 0 && g.testSize < 1) {
		return usagef("--gate-test-size is %v, it must lie between 0 and 1", g.testSize)
	}
	return nil
}

// decide judges an artifact that was fitted but not published yet.
func (g *gateFlags) decide(ctx context.Context, t *training, in *trainingData, a *model.Artifact, hook func(recsys.Progress)) (*gate.Decision, error) {
	state, err := a.Model.State()
	if err != nil {
		return nil, err
	}
	o := gate.Options{Metric: g.metric, Seed: t.model.seed, Run: recsys.Run{Workers: t.model.threads, Progress: hook}}
	fresh := gate.Recipe{Kind: t.kind, Params: state.Params, ItemFeatures: t.itemFeatures}
	current, version, err := currentRecipe(t.output)
	if err != nil {
		return nil, err
	}
	events, err := in.table(a.Manifest.Weighting)
	if err != nil {
		return nil, err
	}
	d, err := gate.Judge(ctx, events, g.testSize, in.dataset, fresh, current, o)
	if errors.Is(err, gate.ErrNoItemFeatures) {
		return nil, usagef("%w (--use-item-features loads them)", err)
	}
	if err != nil {
		return nil, err
	}
	d.CurrentVersion = version
	return d, nil
}

// currentRecipe is how the current model of a directory was made; nil when there is none.
func currentRecipe(dir string) (*gate.Recipe, string, error) {
	m, err := model.ReadManifest(dir)
	if errors.Is(err, model.ErrNoArtifact) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("the current model, to be compared with: %w", err)
	}
	kind, err := builtin.Lookup(m.Kind)
	if err != nil {
		return nil, "", err
	}
	return &gate.Recipe{Kind: kind, Params: m.Params, ItemFeatures: m.HasItemFeatures()}, m.Version, nil
}
