package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/model"
)

func newModels(s settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, promote and roll back the versions of a model",
		Long: `The versions of a model directory. The current one is served; a running server goes over
to another one within a second.`,
		Example: `  recsys-lite models list --model-dir model_artifacts/als
  recsys-lite models rollback --model-dir model_artifacts/als`,
	}
	cmd.AddCommand(newModelsList(s), newModelsPromote(s), newModelsRollback(s))
	return cmd
}

// version is one version in JSON.
type versionInfo struct {
	Version      string             `json:"version"`
	Current      bool               `json:"current"`
	Kind         string             `json:"kind"`
	Created      time.Time          `json:"created"`
	Base         string             `json:"base"`
	Fitted       time.Time          `json:"fitted"`
	Updates      int                `json:"updates"`
	Users        int                `json:"users"`
	Items        int                `json:"items"`
	Interactions int                `json:"interactions"`
	Watermark    int64              `json:"watermark"`
	Metrics      map[string]float64 `json:"metrics,omitempty"`
	Promotion    *gate.Decision     `json:"promotion,omitempty"`
}

func newModelsList(s settings) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the versions of a model, newest first",
		Long: `List the versions of a model directory, newest first: when each was made, from which fit
(an update by the worker goes back to one), on how much data, and what a gate decided on it.
JSON has all numbers of the decision.`,
		Example: `  recsys-lite models list --model-dir model_artifacts/als
  recsys-lite models list --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			versions, err := listVersions(dir)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"model_dir": dir, "versions": versions})
			}
			rows := make([][]string, len(versions))
			for i, v := range versions {
				rows[i] = v.row()
			}
			return printTable(cmd.OutOrStdout(), []string{"", "VERSION", "CREATED", "UPDATES", "USERS", "ITEMS", "EVENTS UP TO", "PROMOTION"}, rows)
		},
	}
	modelDirFlag(cmd, s, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func modelDirFlag(cmd *cobra.Command, s settings, dir *string) {
	cmd.Flags().StringVar(dir, "model-dir", s.ModelDir, "`DIR` of the model [$MODEL_DIR]")
}

func listVersions(dir string) ([]versionInfo, error) {
	current, err := model.Current(dir)
	if err != nil && !errors.Is(err, model.ErrNoArtifact) {
		return nil, err
	}
	all, listErr := model.Versions(dir)
	if listErr != nil {
		return nil, listErr
	}
	if len(all) == 0 {
		if err != nil {
			return nil, err
		}
		m, err := model.ReadManifest(dir) // the directory is an artifact itself
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	out := make([]versionInfo, len(all))
	for i, m := range all {
		note, err := m.Update()
		if err != nil {
			return nil, err
		}
		decision, err := gate.Of(m)
		if err != nil {
			return nil, err
		}
		out[i] = versionInfo{Version: m.Version, Current: m.Version == current, Kind: m.Kind, Created: m.Created, Base: note.Base, Fitted: note.Fitted,
			Updates: note.Updates, Users: m.Users, Items: m.Items, Interactions: m.Interactions, Watermark: m.Watermark.Seq, Metrics: m.Metrics, Promotion: decision}
	}
	return out, nil
}

func (v *versionInfo) row() []string {
	mark, promotion := "", ""
	if v.Current {
		mark = "*"
	}
	if p := v.Promotion; p != nil {
		promotion = "refused: " + p.Reason
		if p.Promoted {
			promotion = "promoted: " + p.Reason
		}
	}
	updates := ""
	if v.Updates > 0 {
		updates = fmt.Sprintf("%d since %s", v.Updates, v.Base)
	}
	return []string{mark, v.Version, v.Created.Format("2006-01-02 15:04:05"), updates, strconv.Itoa(v.Users), strconv.Itoa(v.Items), strconv.FormatInt(v.Watermark, 10), promotion}
}

func newModelsPromote(s settings) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "promote VERSION",
		Short: "Make a version the current one",
		Long: `Make a version of a model directory the current one, after checking that it is whole. A
worker goes on from it, and brings it up to date at its next tick.`,
		Example: `  recsys-lite models promote als-20260101T020304Z --model-dir model_artifacts/als`,
		Args:    exactly("VERSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return promote(cmd, dir, args[0], asJSON)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			all, _ := model.Versions(dir) // none of them, where they cannot be read
			var names []string
			for _, m := range all {
				names = append(names, m.Version)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	modelDirFlag(cmd, s, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func promote(cmd *cobra.Command, dir, version string, asJSON bool) error {
	before, err := model.Current(dir)
	if err != nil && !errors.Is(err, model.ErrNoArtifact) && !errors.Is(err, model.ErrCorrupt) {
		return err
	}
	if err := model.Promote(dir, version); err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), map[string]string{"current": version, "before": before})
	}
	if before == "" {
		before = "none"
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is the current version now (before: %s)\n", version, before)
	return err
}

func newModelsRollback(s settings) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Go back to the model before the last fit",
		Long: `Make the newest version that goes back to an earlier fit than the current one the current
version: what was served before the last training. Versions that a gate refused are passed
over. A worker brings it up to date at its next tick.`,
		Example: `  recsys-lite models rollback --model-dir model_artifacts/als`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := model.Previous(dir)
			if err != nil {
				return err
			}
			if m == nil {
				return fmt.Errorf("%s has no version of an earlier fit to go back to", dir)
			}
			return promote(cmd, dir, m.Version, asJSON)
		},
	}
	modelDirFlag(cmd, s, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
