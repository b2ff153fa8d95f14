package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/recsys-lite/recsys/eval"
)

// meanings explains the metrics to who has not read package eval.
var meanings = map[string]string{
	"ndcg":             "hits, weighted by how far up they stand, over the best possible list",
	"ndcg_full":        "the same, over an ideal list of all held-out items",
	"recall":           "part of what was bought next that the list has",
	"hr":               "part of the users whose list has any hit",
	"mrr":              "1 / rank of the first hit",
	"map":              "precision at the ranks of the hits, averaged",
	"precision":        "part of the list that was bought next",
	"hr_conservative":  "hits where all equal scores count as better",
	"mrr_conservative": "1 / rank, where all equal scores count as better",
	"coverage":         "part of the catalogue that is in any list",
	"gini":             "0 when all items are recommended equally often, near 1 when few get everything",
	"novelty":          "how rare the items of a list are, in bits",
	"diversity":        "how different the buyers of a list's items are",
}

func meaning(metric string, r *eval.Result) string {
	if r.Predictions > 0 {
		switch metric {
		case "hr":
			return "part of the predictions whose list has the item that came next"
		case "mrr":
			return "1 / rank of the item that came next"
		}
	}
	return meanings[metric]
}

// order of the metrics in tables: accuracy first.
var order = []string{"ndcg", "ndcg_full", "recall", "precision", "hr", "hr_conservative", "mrr", "mrr_conservative", "map", "coverage", "gini", "novelty", "diversity"}

// lower is better for these, and neither is for those of neutral.
var (
	lower   = map[string]bool{"gini": true}
	neutral = map[string]bool{"novelty": true, "diversity": true}
)

// tables are the metrics by cut-off, those of main first.
func tables(models []Model, main int) []metricTable {
	byK := make(map[int][]string)
	for name := range models[0].Result.Metrics {
		kind, _, _ := strings.Cut(name, "@")
		byK[cutoff(name)] = append(byK[cutoff(name)], kind)
	}
	var out []metricTable
	ks := slices.Sorted(maps.Keys(byK))
	for _, k := range append([]int{main}, slices.DeleteFunc(ks, func(k int) bool { return k == main })...) {
		t := metricTable{Main: k == main, K: strconv.Itoa(k)}
		for _, m := range models {
			t.Models = append(t.Models, m.Name)
		}
		kinds := byK[k]
		slices.SortFunc(kinds, func(a, b string) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
		for _, kind := range kinds {
			name := fmt.Sprintf("%s@%d", kind, k)
			row := metricRow{Name: name, Meaning: meaning(kind, models[0].Result), Baseline: models[0].Result.Baseline[name]}
			best := 0
			for n, m := range models {
				row.Cells = append(row.Cells, metricCell{Value: m.Result.Metrics[name], Interval: intervalOf(m.Result.Intervals, name)})
				if v := m.Result.Metrics[name]; !lower[kind] && v > row.Cells[best].Value || lower[kind] && v < row.Cells[best].Value {
					best = n
				}
			}
			if len(models) > 1 && !neutral[kind] {
				row.Cells[best].Best = true
			}
			if d, ok := models[0].Result.Gain[name]; ok && len(models) == 1 {
				row.Gain = &d
			}
			t.Rows = append(t.Rows, row)
		}
		out = append(out, t)
	}
	return out
}
