package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/hybrid"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

func newBlend(s settings) *cobra.Command {
	output, scale, asJSON := "", "", false
	cmd := &cobra.Command{
		Use:   "blend DIR=WEIGHT...",
		Short: "Publish a blend of models that are fitted already",
		Long: `Publish a blend of models that are fitted already, by the weights given. The models must
know the same users and items: train them on the same database. Weights can be learned only
where the members are fitted with it, by 'train hybrid'.`,
		Example: `  recsys-lite blend model_artifacts/als=0.4 model_artifacts/ease=0.6 --output model_artifacts/hybrid`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("want at least two models as DIR=WEIGHT, got %v", args)
			}
			return nil
		},
		ValidArgsFunction: completeMembers,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := blend(args, hybrid.Blend(scale), s)
			if err != nil {
				return err
			}
			version, err := model.Publish(cmd.Context(), output, a)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), a.Manifest)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: a blend of %d models, published in %s\n", version, len(args), output)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&output, "output", "model_artifacts/hybrid", "`DIR` of the blend")
	f.StringVar(&scale, "by", string(hybrid.Score), "common scale of the models: score or rank")
	f.BoolVar(&asJSON, "json", false, "print the manifest as JSON")
	return cmd
}

// blend opens the models of DIR=WEIGHT arguments. The artifact it returns has the data of
// the first, and sequences and features where a member has them.
func blend(args []string, by hybrid.Blend, s settings) (*model.Artifact, error) {
	cfg := hybrid.Config{Blend: by, HoldOut: hybrid.DefaultConfig().HoldOut, Run: recsys.Run{Workers: s.Threads}}
	var members []model.Model
	var out *model.Artifact
	for _, arg := range args {
		at := strings.LastIndexByte(arg, '=')
		weight, err := strconv.ParseFloat(arg[at+1:], 64)
		if at < 1 || err != nil {
			return nil, usagef("%q is no DIR=WEIGHT such as model_artifacts/als=0.5", arg)
		}
		dir := arg[:at]
		a, err := openModel(dir, s)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = a
		} else if !slices.Equal(a.Users.IDs(), out.Users.IDs()) || !slices.Equal(a.Items.IDs(), out.Items.IDs()) {
			return nil, fmt.Errorf("%s knows other users or items than %s: train both on the same database", dir, args[0])
		}
		if out.Sequences == nil {
			out.Sequences = a.Sequences
		}
		if out.ItemFeatures == nil {
			out.ItemFeatures = a.ItemFeatures
		}
		members = append(members, a.Model)
		cfg.Members = append(cfg.Members, hybrid.Member{Kind: a.Manifest.Kind, Weight: hybrid.Weights{weight}})
	}
	m, err := hybrid.Of(cfg, members, builtin.Members()...)
	if err != nil {
		return nil, usageError{err}
	}
	out.Model, out.Index = m, nil // no inner products any more
	out.Manifest = model.Manifest{Kind: "hybrid", Weighting: out.Manifest.Weighting, Watermark: out.Manifest.Watermark}
	return out, nil
}
