package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/eval"
)

func TestEvaluateSeveralKinds(t *testing.T) {
	tasteShop(t)
	out := succeeds(t, "evaluate", "popularity", "ease", "itemknn", "--bootstrap", "200")
	require.Contains(t, out, "is better by (95 %)")
	require.Regexp(t, `(?m)^ease +0\.\d+ +0\.\d+ … 0\.\d+ `, out)
	require.Equal(t, 1, strings.Count(out, "\npopularity "), "it is one of the kinds, and not listed twice")
	require.Less(t, strings.Index(out, "\nease"), strings.Index(out, "\npopularity"), "the best comes first")

	var c struct {
		Metric string
		Models []struct {
			Model      string
			Metrics    map[string]float64
			Params     map[string]any
			FitSeconds float64 `json:"fit_seconds"`
			Detail     eval.Detail
		}
		Behind map[string]map[string]eval.Difference
	}
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "evaluate", "popularity", "ease", "--json", "--bootstrap", "200")), &c))
	require.Equal(t, "ndcg@10", c.Metric)
	require.Equal(t, "ease", c.Models[0].Model)
	require.NotEmpty(t, c.Models[0].Params)
	require.InDelta(t, c.Models[0].Metrics["ndcg@10"]-c.Models[1].Metrics["ndcg@10"], c.Behind["popularity"]["ndcg@10"].Mean, 1e-12)
	require.True(t, c.Behind["popularity"]["ndcg@10"].Significant())
	require.NotEmpty(t, c.Models[0].Detail.Users)

	// The same figures as alone.
	var alone struct{ Metrics map[string]float64 }
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "evaluate", "ease", "--json", "--bootstrap", "200")), &alone))
	require.Equal(t, alone.Metrics, c.Models[0].Metrics)

	for _, args := range [][]string{
		{"ease", "ease"}, {"ease", "als", "--params", "{}"}, {"ease", "svd"}, {"ease", "--report-users"},
	} {
		code, _, stderr := recsysLite(t, append([]string{"evaluate"}, args...)...)
		require.Equal(t, exitUsage, code, "%v\n%s", args, stderr)
	}
}

func TestEvaluateSegmentsOnTheTerminal(t *testing.T) {
	tasteShop(t)
	out := succeeds(t, "evaluate", "ease")
	for _, want := range []string{"heavy users", "head items", "recall@10"} {
		require.Contains(t, out, want)
	}
	out = succeeds(t, "evaluate", "sessionknn", "--protocol", "next-item", "--bootstrap", "0")
	require.NotContains(t, out, "heavy users")
	require.Regexp(t, `(?m)^(short|medium|long) sessions +\d+ +\d+–\d+ events +mrr@10 `, out)
	require.Regexp(t, `(?m)^(head|mid|tail) items +\d+ +\d+–\d+ sessions +mrr@10 `, out)
}

func TestReportPage(t *testing.T) {
	tasteShop(t)
	write(t, "items.csv", "item_id,title\ni0,Tea & <b>pot</b>\ni1,Cup\n")
	succeeds(t, "ingest", "--items", "items.csv")
	out := succeeds(t, "evaluate", "ease", "als", "bpr", "popularity", "--report", "out/r", "--bootstrap", "100")
	require.Contains(t, out, "report: out/r/report.html")
	page := read(t, "out/r/report.html")
	for _, want := range []string{"compared", "Tea &amp; &lt;b&gt;pot&lt;/b&gt;", "User 1", "Training loss of bpr", "Popularity bias", "the first is better by"} {
		require.Contains(t, page, want)
	}
	users := regexp.MustCompile(`\bu\d+\b`)
	require.NotRegexp(t, users, page, "users are numbered")
	require.NotContains(t, page, "https:")

	succeeds(t, "evaluate", "ease", "--report", "named", "--report-users", "--bootstrap", "0")
	require.Regexp(t, users, read(t, "named/report.html"))
	succeeds(t, "evaluate", "sessionknn", "--protocol", "next-item", "--report", "sessions", "--ks", "5")
	page = read(t, "sessions/report.html")
	for _, want := range []string{"mrr_conservative@5", "In which sessions it works", "intervals over sessions", "the item that came next"} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "For whom it works")
	var r struct {
		SessionDetail eval.SessionDetail `json:"session_detail"`
	}
	require.NoError(t, json.Unmarshal([]byte(succeeds(t, "evaluate", "sessionknn", "--protocol", "next-item", "--json", "--bootstrap", "0")), &r))
	require.NotEmpty(t, r.SessionDetail.Sessions)
	require.NotEmpty(t, r.SessionDetail.Targets)

	succeeds(t, "optimize", "als", "--trials", "3", "--params", `{"factors": 4}`, "--output", "o")
	page = read(t, "o/report.html")
	require.Contains(t, page, "User 1")
	for _, want := range []string{"All 3 trials", "Best parameters", "Training loss of als", "which no trial has seen", "head"} {
		require.Contains(t, page, want)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
