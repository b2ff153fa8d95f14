package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/model"
)

// jsonCases has command lines for every command with --json, by the command; they run in the
// directory of jsonShop, in the order of their names. --json is appended.
var jsonCases = map[string][]string{
	"blend":                     {"blend", "model_artifacts/als=0.7", "model_artifacts/popularity=0.3"},
	"evaluate":                  {"evaluate", "popularity", "--split", "last", "--bootstrap", "10"},
	"ingest":                    {"ingest", "--events", "events.csv", "--items", "items.csv", "--db", "fresh.db"},
	"keys new":                  {"keys", "new", "--name", "shop"},
	"optimize":                  {"optimize", "als", "--db", "tastes.db", "--trials", "2", "--params", `{"factors": 4, "iterations": 2}`},
	"recommend":                 {"recommend", "--user-id", "w3"},
	"similar":                   {"similar", "--item-id", "pot"},
	"train":                     {"train", "ease"},
	"version":                   {"version"},
	"models list":               {"models", "list"},
	"models promote":            {"models", "promote", "VERSION"},
	"models rollback":           {"models", "rollback", "--model-dir", "model_artifacts/again"},
	"worker":                    {"worker", "--once"},
	"queue-ingest dead-letters": {"queue-ingest", "dead-letters"},
}

// jsonShop is a shop with two models, and tastes.db with events enough for a search.
func jsonShop(t *testing.T) {
	t.Helper()
	shop(t)
	write(t, "tastes.csv", tastes())
	succeeds(t, "ingest", "--events", "tastes.csv", "--db", "tastes.db")
	succeeds(t, "train", "als", "--params", `{"factors": 8}`)
	succeeds(t, "train", "popularity")
	succeeds(t, "train", "popularity", "--output", "model_artifacts/again")
	succeeds(t, "train", "popularity", "--output", "model_artifacts/again")
}

// jsonCase is a command line of jsonCases with --json; VERSION is the current one of als.
func jsonCase(t *testing.T, args []string) []string {
	t.Helper()
	args = append(slices.Clone(args), "--json")
	if at := slices.Index(args, "VERSION"); at >= 0 {
		current, err := model.Current("model_artifacts/als")
		require.NoError(t, err)
		args[at] = current
	}
	for at, arg := range args {
		if make := jsonStandIns[arg]; make != nil {
			args[at] = make(t)
		}
	}
	return args
}

// jsonStandIns make what an argument of jsonCases stands for.
var jsonStandIns = map[string]func(*testing.T) string{}

// Every command with --json prints one JSON value and nothing else.
func TestEveryCommandPrintsJSON(t *testing.T) {
	jsonShop(t)
	walk(tree(t), func(cmd *cobra.Command) {
		if cmd.Flags().Lookup("json") == nil {
			return
		}
		name := strings.TrimPrefix(cmd.CommandPath(), "recsys-lite ")
		args, ok := jsonCases[name]
		if !ok {
			t.Errorf("'%s' has --json: add a command line that runs it to jsonCases in json_test.go", cmd.CommandPath())
			return
		}
		out := succeeds(t, jsonCase(t, args)...)
		dec := json.NewDecoder(strings.NewReader(out))
		var v any
		require.NoError(t, dec.Decode(&v), "%s\n%s", name, out)
		require.NotEmpty(t, v, name)
		require.ErrorIs(t, dec.Decode(&v), io.EOF, "%s prints more than one value:\n%s", name, out)
	})
}

// Interrupted before it begins, a command ends as such, or is so short that it ends well; it never
// reports a failure.
func TestEveryCommandIsInterrupted(t *testing.T) {
	jsonShop(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, args := range jsonCases {
		var out, errs bytes.Buffer
		code := run(ctx, jsonCase(t, args), &out, &errs)
		require.Contains(t, []int{0, exitInterrupted}, code, "%s\n%s", name, errs.String())
		if code != 0 {
			require.Empty(t, out.String(), name)
		}
	}
}
