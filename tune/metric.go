package tune

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/recsys-lite/recsys"
)

// Protocol is how quality is measured.
type Protocol string

const (
	// Users ranks the catalogue once for every user (eval.Run).
	Users Protocol = "users"
	// NextItem predicts every event of every session (eval.NextItem).
	NextItem Protocol = "next-item"
)

// metricNames are the metrics for which more is better and which are means over users, so
// that they can be compared.
var metricNames = map[Protocol][]string{
	Users:    {"ndcg", "ndcg_full", "recall", "hr", "mrr", "map", "precision"},
	NextItem: {"hr", "mrr", "hr_conservative", "mrr_conservative"},
}

// Metric is what a search makes as large as it can: a name of package eval and a cut-off.
type Metric struct {
	Name string
	K    int
}

// ParseMetric reads a metric such as "ndcg@20"; capitals do not matter. The error wraps
// recsys.ErrInvalidConfig and lists the known names.
func ParseMetric(text string, p Protocol) (Metric, error) {
	names, ok := metricNames[p]
	if !ok {
		return Metric{}, fmt.Errorf("%w: protocol %q, known are %s and %s", recsys.ErrInvalidConfig, p, Users, NextItem)
	}
	name, cut, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "@")
	k, err := strconv.Atoi(cut)
	if !slices.Contains(names, name) || err != nil || k < 1 {
		return Metric{}, fmt.Errorf("%w: metric %q: want one of %s with a cut-off, such as %s@20", recsys.ErrInvalidConfig, text, strings.Join(names, ", "), names[0])
	}
	return Metric{Name: name, K: k}, nil
}

// String is the metric's name in the results of package eval.
func (m Metric) String() string { return m.Name + "@" + strconv.Itoa(m.K) }
