package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type listed struct {
	Versions []struct {
		Version   string
		Current   bool
		Updates   int
		Promotion *struct {
			Promoted bool
			Reason   string
			New      float64
			Current  *float64
		}
	}
}

func versionsOf(t *testing.T) listed {
	t.Helper()
	var l listed
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "models", "list", "--json")), &l))
	return l
}

// TestGateAndModels trains a good model, has the gate refuse a poor one, and goes back and forth.
func TestGateAndModels(t *testing.T) {
	shop(t)
	write(t, "tastes.csv", tastes())
	succeeds(t, "ingest", "--events", "tastes.csv", "--db", "data/recsys.db")
	code, _, stderr := recsysLite(t, "models", "rollback")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "train a model into it")

	good := []string{"train", "als", "--gate", "--params", `{"factors": 8, "iterations": 6}`}
	succeeds(t, good...)
	first := versionsOf(t).Versions[0]
	require.True(t, first.Current)
	require.True(t, first.Promotion.Promoted)
	require.Nil(t, first.Promotion.Current)

	code, stdout, stderr := recsysLite(t, "train", "popularity", "--gate", "--output", "model_artifacts/als", "--json")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "not promoted")
	require.Contains(t, stdout, `"promotion"`)
	versions := versionsOf(t).Versions
	require.Len(t, versions, 2)
	refused := versions[0]
	if refused.Current {
		refused = versions[1]
	}
	require.False(t, refused.Promotion.Promoted)
	require.Less(t, refused.Promotion.New, *refused.Promotion.Current)
	table := succeeds(t, "models", "list")
	require.Contains(t, table, "refused: ")
	require.Equal(t, 1, strings.Count(table, "*"))

	// It is put in force all the same, and back.
	require.Contains(t, succeeds(t, "models", "promote", refused.Version), refused.Version+" is the current version now (before: "+first.Version+")")
	succeeds(t, "models", "promote", first.Version)
	succeeds(t, good...)
	second := versionsOf(t)
	require.Contains(t, succeeds(t, "models", "rollback"), first.Version)
	code, _, stderr = recsysLite(t, "models", "rollback")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "no version of an earlier fit")
	require.Len(t, second.Versions, 3)

	code, _, _ = recsysLite(t, "models", "promote", "no-such-version")
	require.Equal(t, exitFailure, code)
	code, _, _ = recsysLite(t, "train", "als", "--gate", "--gate-test-size", "1")
	require.Equal(t, exitUsage, code)
	code, _, stderr = recsysLite(t, "train", "als", "--gate", "--gate-metric", "coverage@10", "--params", `{"factors": 4}`)
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "coverage@10")

	succeeds(t, "train", "lightfm", "--use-item-features", "--output", "model_artifacts/als", "--params", `{"no_components": 4, "epochs": 2}`)
	code, _, stderr = recsysLite(t, good...)
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "the current recipe, lightfm: it learns from item features and the dataset has none")
	require.Contains(t, stderr, "--use-item-features")
}

func TestRetrainCron(t *testing.T) {
	shop(t)
	write(t, "tastes.csv", tastes())
	succeeds(t, "ingest", "--events", "tastes.csv", "--db", "data/recsys.db")
	succeeds(t, "train", "als", "--params", `{"factors": 8, "iterations": 6}`)
	log := background(t, "worker", "--interval", "3600", "--retrain-cron", "@every 1s")
	line := log.find(t, "retrained")
	require.Contains(t, line, "promoted=true")
	require.Contains(t, line, "made as the current model is")
	versions := versionsOf(t).Versions
	require.True(t, versions[0].Current)
	require.Len(t, versions, 2)
	for _, args := range [][]string{{"--once", "--retrain-cron", "@daily"}, {"--once", "--gate-metric", "recall@10"}, {"--gate-test-size", "0.1"}} {
		code, _, stderr := recsysLite(t, append([]string{"worker"}, args...)...)
		require.Equal(t, exitUsage, code, "%v", args)
		require.Contains(t, stderr, args[len(args)-2], "what would be ignored is refused")
	}
	code, _, stderr := recsysLite(t, "worker", "--retrain-cron", "every day")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--retrain-cron")
}
