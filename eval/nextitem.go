package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
)

// NextItemOptions says how sessions are measured. The zero value takes every default.
type NextItemOptions struct {
	// Ks are the cut-offs; nil means 10 and 20.
	Ks []int
	// MaxSessions measures the first that many sessions; 0 means all.
	MaxSessions int
	// Bootstrap and Seed are as in Options; sessions are resampled whole.
	Bootstrap int
	Seed      uint64
	// Detail asks for Result.SessionDetail: segments by the length of sessions and by the
	// popularity of what comes next.
	Detail bool
	// Run: Progress counts sessions ("evaluate").
	Run recsys.Run
}

// Validate reports every option that is out of range.
func (o NextItemOptions) Validate() error {
	var errs []error
	if o.MaxSessions < 0 {
		errs = append(errs, fmt.Errorf("%w: the first %d sessions, it must not be negative", recsys.ErrInvalidConfig, o.MaxSessions))
	}
	return errors.Join(append(errs, checkKs(o.Ks))...)
}

// NextItem measures a session model fitted on s.Train: every event of every session of
// s.Sessions from the second on is predicted from those before it, with all items ranked and
// none excluded. Metrics are means over predictions:
//
//	hr, mrr                            the rank counts equal scores of a lower index as better
//	hr_conservative, mrr_conservative  the rank counts all equal scores as better, so that a
//	                                   model that gives everything one score finds nothing
//
// An event of an item that is not in Train is a miss as target and left out of histories.
func NextItem(ctx context.Context, m Scorer, s *Split, o NextItemOptions) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if s == nil || s.Train == nil || s.Sessions == nil {
		return nil, fmt.Errorf("%w: a next-item measurement needs a training part and sessions", recsys.ErrInvalidData)
	}
	if err := s.Train.Validate(); err != nil {
		return nil, fmt.Errorf("training part: %w", err)
	}
	if err := checkModel(m, s.Train); err != nil {
		return nil, err
	}
	if err := checkSessions(s.Sessions, s.Train.Interactions.Cols); err != nil {
		return nil, err
	}
	t := &sessionTask{sessions: s.Sessions, ks: cutoffs(o.Ks), run: o.Run}
	r := &Result{Split: s.Name, Conventions: o.conventions()}
	limit := s.Sessions.Users()
	if o.MaxSessions > 0 {
		limit = min(limit, o.MaxSessions)
	}
	for u := range limit {
		items, _ := s.Sessions.Of(u)
		if len(items) < 2 {
			continue
		}
		t.units = append(t.units, u)
		t.weight = append(t.weight, float64(len(items)-1))
		r.Predictions += len(items) - 1
		for _, i := range items[1:] {
			if i < 0 {
				r.UnknownItems++
			}
		}
	}
	if o.Detail {
		t.part(s.Train.Interactions)
	}
	if r.Users = len(t.units); r.Users == 0 {
		return nil, fmt.Errorf("%w: no session has a second event to predict", recsys.ErrEmptyDataset)
	}
	base, err := t.measure(ctx, newPopularity(s.Train.Interactions), nil)
	if err != nil {
		return nil, fmt.Errorf("eval: popularity: %w", err)
	}
	own, err := t.measure(ctx, m, o.Run.Progress)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	r.Metrics, r.Baseline, r.sample = byName(&own.sample), byName(&base.sample), own.sample
	if o.Detail {
		if r.SessionDetail, err = t.detail(ctx, o, own, base); err != nil {
			return nil, err
		}
	}
	return r, r.intervals(ctx, base.sample, resamples(o.Bootstrap), o.Seed, o.Run.Workers)
}

var sessionMetrics = [...]string{"hr", "mrr", "hr_conservative", "mrr_conservative"}

type sessionTask struct {
	sessions *recsys.Sequences
	ks       []int
	units    []int // sessions of two events or more
	weight   []float64
	run      recsys.Run
	targets  *targetGroups // nil without NextItemOptions.Detail
}

// sessionScores is what a model scored: sums over the predictions of each session.
type sessionScores struct {
	sample
	// byTarget are the sums by sessions × groups of items × metrics; nil without groups.
	byTarget []float64
}

func (t *sessionTask) measure(ctx context.Context, m Scorer, progress func(recsys.Progress)) (*sessionScores, error) {
	var names []string
	for _, k := range t.ks {
		for _, name := range sessionMetrics {
			names = append(names, at(name, k))
		}
	}
	out := &sessionScores{sample: newSample(len(t.units), names)}
	out.weight = t.weight
	if t.targets != nil {
		out.byTarget = make([]float64, len(t.units)*len(itemGroups)*len(names))
	}
	scorers := make([]*scorer, par.Workers(t.run.Workers))
	var mu sync.Mutex
	done := 0
	err := par.Chunks(ctx, len(t.units), 1, len(scorers), func(w, lo, _ int) error {
		if scorers[w] == nil {
			scorers[w] = newScorer(m)
		}
		if err := t.session(ctx, scorers[w], lo, out); err != nil {
			return err
		}
		if progress != nil {
			mu.Lock()
			defer mu.Unlock()
			done++
			progress(recsys.Progress{Stage: "evaluate", Done: done, Total: len(t.units), Loss: nan})
		}
		return nil
	})
	return out, err
}

// session adds up the metrics of one session's predictions; n is its place in t.units.
func (t *sessionTask) session(ctx context.Context, s *scorer, n int, out *sessionScores) error {
	items, times := t.sessions.Of(t.units[n])
	block := blockSize(s.n)
	for from := 1; from < len(items); from += block {
		to := min(from+block, len(items))
		queries := make([]recsys.Query, 0, to-from)
		for p := from; p < to; p++ {
			queries = append(queries, recsys.Query{User: recsys.NoUser, K: t.ks[len(t.ks)-1], History: history(items[:p], times[:p])})
		}
		scores, err := s.score(ctx, queries)
		if err != nil {
			return err
		}
		for p := from; p < to; p++ {
			ranked := scores[(p-from)*s.n : (p-from+1)*s.n]
			if t.targets == nil {
				t.add(ranked, items[p], out.row(n))
			} else {
				t.add(ranked, items[p], out.row(n), out.ofTarget(n, t.targets.of(items[p])))
			}
		}
	}
	return nil
}

// history is what is known of a session after these events.
func history(items []int32, times []int64) recsys.History {
	var h recsys.History
	for p, i := range items {
		if i >= 0 {
			h.Sequence, h.Times = append(h.Sequence, i), append(h.Times, times[p])
		}
	}
	h.Items = slices.Clone(h.Sequence)
	slices.Sort(h.Items)
	h.Items = slices.Compact(h.Items)
	return h
}

// add adds the metrics of one prediction to each dst.
func (t *sessionTask) add(scores []float32, target int32, dst ...[]float64) {
	if target < 0 {
		return
	}
	rank, conservative, ok := ranks(scores, target)
	if !ok {
		return
	}
	for _, sums := range dst {
		for c, k := range t.ks {
			m := sums[c*len(sessionMetrics):]
			if rank <= k {
				m[0]++
				m[1] += 1 / float64(rank)
			}
			if conservative <= k {
				m[2]++
				m[3] += 1 / float64(conservative)
			}
		}
	}
}

// ranks counts from 1 where target stands: with equal scores ordered by index, and behind all
// equal ones. It has no rank if its score is −Inf or NaN.
func ranks(scores []float32, target int32) (rank, conservative int, ok bool) {
	own := scores[target]
	if !(own > negInf) {
		return 0, 0, false
	}
	better, tiedBefore, tied := 0, 0, 0
	for i, v := range scores {
		switch {
		case v > own:
			better++
		case v == own:
			tied++
			if i < int(target) {
				tiedBefore++
			}
		}
	}
	return better + tiedBefore + 1, better + tied, true
}

// checkSessions is Sequences.Validate with −1 allowed.
func checkSessions(s *recsys.Sequences, items int) error {
	known := *s
	known.Items = slices.Clone(s.Items)
	for p, i := range known.Items {
		if i == -1 {
			known.Items[p] = 0
		}
	}
	if err := known.Validate(items); err != nil {
		return fmt.Errorf("sessions: %w", err)
	}
	return nil
}

func (o NextItemOptions) conventions() map[string]string {
	c := map[string]string{
		"protocol":     "next item at every position from the second on, every item ranked, means over predictions",
		"ties":         "equal scores by the lower item index",
		"conservative": "all equal scores count against the target",
		"query":        "the session's events so far, no user",
		"intervals":    fmt.Sprintf("95 %%, bootstrap over sessions, %d resamples, seed %d", resamples(o.Bootstrap), o.Seed),
	}
	if o.Detail {
		c["session segments"] = fmt.Sprintf("short: %d events; medium and long: up to the median of the others, and above", fewEvents)
		c["item segments"] = itemSegmentsInWords
	}
	if resamples(o.Bootstrap) == 0 {
		delete(c, "intervals")
	}
	return c
}
