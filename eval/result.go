package eval

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/recsys-lite/recsys"
)

// Result is what a model scored. Metrics are named by kind and cut-off: "ndcg@10".
//
//	ndcg       DCG over the ideal DCG of min(k, |T|) held-out items
//	ndcg_full  DCG over the ideal DCG of all held-out items, also beyond k
//	recall     hits over the number that Options.Recall says
//	hr, mrr    whether anything, and 1/rank of the first thing, was found
//	map        mean over the hits of the precision at their rank, over min(k, |T|)
//	precision  hits over k
//	coverage   share of the catalogue in at least one list
//	gini       inequality of how often items are recommended, never among them
//	novelty    mean of −log2(users who had the item / users); no user counts as one
//	diversity  mean over a list's pairs of 1 − cosine of the sets of users who had them
type Result struct {
	// Model is for the caller to fill in.
	Model string `json:"model,omitempty"`
	Split string `json:"split"`
	// Users is the number of users (or sessions) measured; users without held-out items are
	// not among them.
	Users int `json:"users"`
	// Predictions is the number of rankings of a NextItem measurement.
	Predictions int                `json:"predictions,omitempty"`
	Metrics     map[string]float64 `json:"metrics"`
	// Intervals hold the metric with a probability of 95 %, by bootstrap over the users.
	// Coverage and gini are no means over users and have none.
	Intervals map[string]Interval `json:"intervals,omitempty"`
	// Baseline is what popularity scored on the same users.
	Baseline map[string]float64 `json:"baseline"`
	// Gain is the paired difference of the model and the baseline.
	Gain map[string]Difference `json:"gain,omitempty"`
	// NewUsers of the test part have no training interaction and were left out.
	NewUsers int `json:"new_users"`
	// UnknownItems is the number of held-out items that are not in the catalogue; they count
	// as missed unless Options.SkipCold is set.
	UnknownItems int `json:"unknown_items"`
	// SeenItems is the number of held-out items left out because the user has had them and
	// repeats are off.
	SeenItems int `json:"seen_items"`
	// Detail is nil unless Options.Detail asked for it.
	Detail *Detail `json:"detail,omitempty"`
	// SessionDetail is nil unless NextItemOptions.Detail asked for it.
	SessionDetail *SessionDetail `json:"session_detail,omitempty"`
	// Conventions says in words what was measured.
	Conventions map[string]string `json:"conventions"`

	sample sample
}

// Interval is a lower and an upper bound.
type Interval [2]float64

// Difference is by how much one model's metric exceeds another's on the same users.
type Difference struct {
	Mean float64 `json:"mean"`
	// Interval holds the difference with a probability of 95 %.
	Interval Interval `json:"interval"`
	// P is the two-sided probability of a difference at least as large if there were none.
	P float64 `json:"p"`
}

// Significant says whether the difference is more than chance, at 5 %.
func (d Difference) Significant() bool { return d.P < 0.05 }

// Compare is the paired bootstrap of a against b, measured on the same split with the same
// options: by how much a is better, for every metric that is a mean over users. n and seed
// are as Bootstrap and Seed of Options. A result that was read from JSON lacks its users and
// cannot be compared; that error wraps recsys.ErrInvalidData.
func Compare(ctx context.Context, a, b *Result, n int, seed uint64) (map[string]Difference, error) {
	if len(a.sample.names) == 0 || len(b.sample.names) == 0 {
		return nil, fmt.Errorf("%w: a result read from JSON has no users to pair: compare what Run or NextItem returned", recsys.ErrInvalidData)
	}
	if !slices.Equal(a.sample.names, b.sample.names) || a.sample.units() != b.sample.units() || a.Split != b.Split ||
		!slices.Equal(a.sample.weight, b.sample.weight) {
		return nil, fmt.Errorf("%w: results of different splits or options cannot be compared", recsys.ErrInvalidData)
	}
	if n = resamples(n); n == 0 {
		return nil, fmt.Errorf("%w: a comparison needs resamples", recsys.ErrInvalidConfig)
	}
	means, err := bootstrap(ctx, n, seed, 0, &a.sample, &b.sample)
	if err != nil {
		return nil, err
	}
	return differences(&a.sample, &b.sample, means[0], means[1]), nil
}

// intervals fills Intervals and Gain.
func (r *Result) intervals(ctx context.Context, base sample, n int, seed uint64, workers int) (err error) {
	if n == 0 {
		return nil
	}
	r.Intervals, r.Gain, err = r.sample.against(ctx, &base, n, seed, workers)
	return err
}

// against returns the intervals of a sample's means, and the paired differences to another.
func (s *sample) against(ctx context.Context, base *sample, n int, seed uint64, workers int) (map[string]Interval, map[string]Difference, error) {
	means, err := bootstrap(ctx, n, seed, workers, s, base)
	if err != nil {
		return nil, nil, err
	}
	gain := differences(s, base, means[0], means[1])
	intervals := make(map[string]Interval, len(s.names))
	for i, name := range s.names {
		intervals[name] = percentiles(column(means[0], i, len(s.names)))
	}
	return intervals, gain, nil
}

func differences(a, b *sample, means, others []float64) map[string]Difference {
	out := make(map[string]Difference, len(a.names))
	own, other := a.means(), b.means()
	for i, name := range a.names {
		diff := column(means, i, len(a.names))
		var below, above float64
		for r, v := range column(others, i, len(b.names)) {
			diff[r] -= v
			if diff[r] <= 0 {
				below++
			}
			if diff[r] >= 0 {
				above++
			}
		}
		out[name] = Difference{
			Mean: own[i] - other[i],
			// With n resamples nothing below 2/(n+1) can be told.
			P:        min(1, 2*(min(below, above)+1)/float64(len(diff)+1)),
			Interval: percentiles(diff),
		}
	}
	return out
}

func column(rows []float64, i, columns int) []float64 {
	out := make([]float64, len(rows)/columns)
	for r := range out {
		out[r] = rows[r*columns+i]
	}
	return out
}

func at(name string, k int) string { return name + "@" + strconv.Itoa(k) }

func userNames(ks []int) []string {
	var names []string
	for _, k := range ks {
		for _, name := range userMetrics {
			names = append(names, at(name, k))
		}
	}
	return names
}

func (m *measured) metrics() map[string]float64 {
	out := byName(&m.sample)
	for c, k := range m.ks {
		out[at("coverage", k)] = coverage(m.counts[c])
		out[at("gini", k)] = gini(m.counts[c])
	}
	return out
}

const itemSegmentsInWords = "head and tail: the most and the least popular items that make up 20 % of the training interactions each; unsold: nobody has them in training"

func (o Options) conventions() map[string]string {
	c := map[string]string{
		"ranking":   "every item of the catalogue that the user has not had in training; held-out items that the user has had do not count",
		"ties":      "equal scores by the lower item index",
		"recall":    "hits / held-out items",
		"ndcg":      "ideal DCG of min(k, held-out items)",
		"ndcg_full": "ideal DCG of all held-out items",
		"query":     "user index and training history",
		"intervals": fmt.Sprintf("95 %%, bootstrap over users, %d resamples, seed %d", resamples(o.Bootstrap), o.Seed),
	}
	if o.Repeats {
		c["ranking"] = "every item of the catalogue, repeats allowed"
	}
	if o.Detail {
		c["user segments"] = fmt.Sprintf("new: at most %d items in training; light and heavy: up to the median of the others, and above", fewItems)
		c["item segments"] = itemSegmentsInWords
	}
	if o.SkipCold {
		c["cold items"] = "held-out items that nobody has in training do not count"
	}
	if o.Recall == ByReachable {
		c["recall"] = "hits / min(k, held-out items)"
	}
	if o.FoldIn {
		c["query"] = "training history only, the user folded in"
	}
	if resamples(o.Bootstrap) == 0 {
		delete(c, "intervals")
	}
	return c
}
