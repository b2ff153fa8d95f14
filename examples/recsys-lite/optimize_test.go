package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/rng"
)

// tasteShop is a database of users in two groups, each with items of its own, over 100 days.
func tasteShop(t testing.TB) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "events.csv", tastes())
	succeeds(t, "ingest", "--events", "events.csv", "--db", "data/recsys.db")
}

func tastes() string {
	var b strings.Builder
	b.WriteString("user_id,item_id,ts,qty\n")
	r := rng.New(3)
	for u := range 80 {
		for range 10 {
			fmt.Fprintf(&b, "u%d,i%d,%d,1\n", u, 2*r.Intn(12)+u%2, 1_300_000_000+86400*r.Intn(100))
		}
	}
	return b.String()
}

func optimized(t *testing.T, args ...string) summary {
	t.Helper()
	var s summary
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, append([]string{"optimize", "--json"}, args...)...)), &s))
	return s
}

// The documented command.
func TestOptimize(t *testing.T) {
	tasteShop(t)
	out := succeeds(t, "optimize", "als", "--db", "data/recsys.db", "--trials", "4", "--metric", "ndcg@20", "--output", "model_artifacts/als_optimized",
		"--params", `{"iterations": 2, "factors": 8}`)
	for _, want := range []string{"4 trials: 4 complete", "trial 0 is the defaults", "validation (from", "seen by no trial", "popularity", "published in model_artifacts/als_optimized"} {
		require.Contains(t, out, want)
	}
	require.NotContains(t, out, "factors  ", "what is fixed is not searched")
	require.Contains(t, succeeds(t, "recommend", "--model-dir", "model_artifacts/als_optimized", "--user-id", "u3"), "als-")

	picture, err := os.ReadFile("model_artifacts/als_optimized/trials.png")
	require.NoError(t, err)
	_, err = png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	table, err := os.ReadFile("model_artifacts/als_optimized/trials.csv")
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(string(table), "\n"))
	require.Contains(t, string(table), "kind,trial,state,ndcg@20,early_ndcg@20,seconds,error,alpha,regularization")
	paths, err := filepath.Glob("model_artifacts/als_optimized/versions/*/manifest.json")
	require.NoError(t, err)
	require.Len(t, paths, 1)
	manifest, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	var m struct {
		Users       int
		Params      struct{ Factors, Iterations int }
		Metrics     map[string]float64
		Annotations struct{ Study summary }
	}
	require.NoError(t, json.Unmarshal(manifest, &m))
	require.Equal(t, 80, m.Users)
	require.Equal(t, 8, m.Params.Factors)
	require.Contains(t, m.Metrics, "ndcg@20")
	require.Equal(t, m.Metrics["ndcg@20"], m.Annotations.Study.Test.Value)
}

// The same seed gives the same trials, at once or in two runs, for any number of threads.
func TestOptimizeResumes(t *testing.T) {
	tasteShop(t)
	whole := optimized(t, "bpr", "--params", `{"iterations": 3, "factors": 4}`, "--trials", "6", "--output", "whole", "--seed", "4")
	optimized(t, "bpr", "--params", `{"iterations": 3, "factors": 4}`, "--trials", "3", "--output", "parts", "--seed", "4", "--threads", "2")
	code, _, stderr := recsysLite(t, "optimize", "bpr", "--params", `{"iterations": 3, "factors": 4}`, "--trials", "6", "--output", "parts", "--seed", "4")
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "going on after 3 trials")
	require.Equal(t, studyOf(t, "whole/study-bpr.jsonl"), studyOf(t, "parts/study-bpr.jsonl"))
	require.NotZero(t, whole.Validation.Value)

	code, _, stderr = recsysLite(t, "optimize", "bpr", "--params", `{"iterations": 3, "factors": 4}`, "--metric", "hr@5", "--output", "parts", "--seed", "4")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "metric was ndcg@10, is now hr@5")
	require.Contains(t, stderr, "--restart")
	optimized(t, "bpr", "--params", `{"iterations": 3, "factors": 4}`, "--metric", "hr@5", "--output", "parts", "--seed", "4", "--trials", "2", "--restart")
	require.FileExists(t, "parts/study-bpr.jsonl.old")
}

// studyOf is the trials of a study file without their times.
func studyOf(t *testing.T, path string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []map[string]any
	for line := range strings.Lines(string(text)) {
		var trial map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &trial))
		delete(trial, "seconds")
		all = append(all, trial)
	}
	return all
}

// No event of the test part reaches the search: other test events, same trials.
func TestOptimizeNeverSeesTheTestPart(t *testing.T) {
	tasteShop(t)
	optimized(t, "ease", "--trials", "3", "--output", "one")
	events, err := os.ReadFile("events.csv")
	require.NoError(t, err)
	var swapped strings.Builder
	for line := range strings.Lines(string(events)) {
		f := strings.Split(strings.TrimSpace(line), ",")
		// The newest tenth is from about day 90 on.
		if len(f) == 4 && f[2] > fmt.Sprint(1_300_000_000+86400*92) && f[2] != "ts" {
			f[1] = "i0"
		}
		swapped.WriteString(strings.Join(f, ",") + "\n")
	}
	write(t, "swapped.csv", swapped.String())
	succeeds(t, "ingest", "--events", "swapped.csv", "--db", "swapped.db")
	optimized(t, "ease", "--trials", "3", "--output", "two", "--db", "swapped.db")
	one, two := studyOf(t, "one/study-ease.jsonl"), studyOf(t, "two/study-ease.jsonl")
	require.Equal(t, one[1:], two[1:])
}

func TestOptimizeInterrupted(t *testing.T) {
	tasteShop(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out bytes.Buffer
	// The first line that reports a finished trial interrupts.
	code := run(ctx, []string{"optimize", "ease", "--trials", "50", "--output", "o"}, &out, &stopper{when: "trial 2", stop: cancel, Buffer: &out})
	require.Equal(t, exitInterrupted, code, out.String())
	require.Contains(t, out.String(), "3 finished trials kept in o")
	require.Len(t, studyOf(t, "o/study-ease.jsonl"), 1+3)
	require.FileExists(t, "o/trials.csv")
	require.NoDirExists(t, "o/versions")
}

type stopper struct {
	*bytes.Buffer
	when string
	stop func()
}

func (s *stopper) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.when) {
		s.stop()
	}
	return s.Buffer.Write(p)
}

func TestOptimizeAuto(t *testing.T) {
	tasteShop(t)
	out := succeeds(t, "optimize", "auto", "--trials", "1", "--output", "o")
	for _, want := range []string{"als", "ease", "hybrid", "popularity", "behind the winner", "seen by no trial"} {
		require.Contains(t, out, want)
	}
	require.FileExists(t, "o/trials-ease.png")
	require.Contains(t, succeeds(t, "recommend", "--model-dir", "o", "--user-id", "u3"), "rank")
}

func TestOptimizeFaults(t *testing.T) {
	tasteShop(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, exitUsage, "KIND"},
		{[]string{"svd"}, exitUsage, "known are als"},
		{[]string{"als", "--metric", "auc@10"}, exitUsage, "ndcg, ndcg_full, recall, hr, mrr, map, precision"},
		{[]string{"als", "--metric", "ndcg@10", "--protocol", "next-item"}, exitUsage, "hr, mrr"},
		{[]string{"als", "--trials", "0"}, exitUsage, "--trials"},
		{[]string{"als", "--validation-size", "0"}, exitUsage, "--validation-size"},
		{[]string{"als", "--test-size", "1"}, exitUsage, "--test-size"},
		{[]string{"als", "--prune-share", "1"}, exitUsage, "--prune-share"},
		{[]string{"als", "--params", `{"factor": 3}`}, exitUsage, "known are"},
		{[]string{"ease", "--params", `{"regularization": 3}`}, exitUsage, "nothing to search"},
		{[]string{"als", "--use-item-features"}, exitUsage, "lightfm"},
		{[]string{"auto", "--params", `{}`}, exitUsage, "one KIND"},
		{[]string{"als", "--db", "absent.db"}, exitFailure, "absent.db"},
	} {
		code, _, stderr := recsysLite(t, append([]string{"optimize"}, c.args...)...)
		require.Equal(t, c.code, code, "%v\n%s", c.args, stderr)
		require.Contains(t, stderr, c.want, "%v", c.args)
	}
}
