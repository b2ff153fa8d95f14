package eval

import (
	"context"
	"fmt"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/topk"
)

// Run measures a model that was fitted on s.Train, and popularity beside it. Every user with
// held-out items is asked for a ranking of the whole catalogue; the query carries the user's
// index and the training history. The result is the same for any number of workers.
func Run(ctx context.Context, m Scorer, s *Split, o Options) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	if err := checkModel(m, s.Train); err != nil {
		return nil, err
	}
	o.Ks = cutoffs(o.Ks)
	t := newTask(s, o)
	if len(t.users) == 0 {
		return nil, fmt.Errorf("%w: no user has a held-out item that counts", recsys.ErrEmptyDataset)
	}
	base, err := t.measure(ctx, newPopularity(s.Train.Interactions), nil)
	if err != nil {
		return nil, fmt.Errorf("eval: popularity: %w", err)
	}
	own, err := t.measure(ctx, m, o.Run.Progress)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	r := &Result{
		Split: s.Name, Users: len(t.users), NewUsers: s.NewUsers, UnknownItems: t.unknown, SeenItems: t.seen,
		Conventions: o.conventions(), Metrics: own.metrics(), Baseline: base.metrics(),
		sample: own.sample,
	}
	if o.Detail {
		if r.Detail, err = t.detail(ctx, own, base); err != nil {
			return nil, err
		}
	}
	return r, r.intervals(ctx, base.sample, resamples(o.Bootstrap), o.Seed, o.Run.Workers)
}

// task is what does not depend on the model.
type task struct {
	split     *Split
	o         Options
	users     []int32 // those with held-out items
	relevant  [][]int32
	missing   []int32 // per entry of users: held-out items that are not in the catalogue
	gains     gains
	catalogue *catalogue
	groups    []uint8 // of the items; nil without Options.Detail
	// unknown and seen count pairs whose item is not in the catalogue, and pairs left out
	// because the user has had the item.
	unknown, seen int
}

func newTask(s *Split, o Options) *task {
	t := &task{split: s, o: o, catalogue: newCatalogue(s.Train.Interactions)}
	if o.Detail {
		t.groups = groupItems(t.catalogue.owners)
	}
	largest := o.Ks[len(o.Ks)-1]
	for u := range s.Test.Rows {
		held, _ := s.Test.Row(u)
		if !o.Repeats {
			had, _ := s.Train.Interactions.Row(u)
			kept := without(held, had)
			t.seen += len(held) - len(kept)
			held = kept
		}
		var missing int32
		if s.Unknown != nil {
			missing = s.Unknown[u]
		}
		t.unknown += int(missing)
		if o.SkipCold {
			held, missing = t.catalogue.sold(held), 0
		}
		n := len(held) + int(missing)
		if n == 0 {
			continue
		}
		t.users = append(t.users, int32(u))
		t.relevant = append(t.relevant, held)
		t.missing = append(t.missing, missing)
		largest = max(largest, n)
	}
	t.gains = newGains(largest)
	return t
}

// without returns a less b, both ascending; a itself when they are disjoint.
func without(a, b []int32) []int32 {
	var out []int32
	j, same := 0, true
	for n, x := range a {
		for j < len(b) && b[j] < x {
			j++
		}
		if j < len(b) && b[j] == x {
			if same {
				out, same = append(out, a[:n]...), false
			}
		} else if !same {
			out = append(out, x)
		}
	}
	if same {
		return a
	}
	return out
}

// measured is what one model scored.
type measured struct {
	ks     []int
	sample sample
	counts [][]int64 // per cut-off: how often each item was recommended
	// found counts the hits by users × cut-offs × groups of items; nil without groups.
	found []int32
}

// worker is the scratch memory of one goroutine.
type worker struct {
	scorer  *scorer
	queries []recsys.Query
	allowed *recsys.Bitset
	heap    *topk.Heap
	hits    []bool
	sum     []float32
	counts  [][]int64
}

func (t *task) measure(ctx context.Context, m Scorer, progress func(recsys.Progress)) (*measured, error) {
	_, items := m.Shape()
	ks := t.o.Ks
	out := &measured{ks: ks, sample: newSample(len(t.users), userNames(ks))}
	if t.groups != nil {
		out.found = make([]int32, len(t.users)*len(ks)*len(itemGroups))
	}
	workers := make([]*worker, par.Workers(t.o.Run.Workers))
	var mu sync.Mutex
	done := 0
	err := par.Chunks(ctx, len(t.users), blockSize(items), len(workers), func(w, lo, hi int) error {
		if workers[w] == nil {
			workers[w] = t.newWorker(m)
		}
		if err := t.block(ctx, workers[w], lo, hi, out); err != nil {
			return err
		}
		if progress != nil {
			mu.Lock()
			defer mu.Unlock()
			done += hi - lo
			progress(recsys.Progress{Stage: "evaluate", Done: done, Total: len(t.users), Loss: nan})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.counts = newCounts(len(ks), items)
	for _, w := range workers {
		if w == nil {
			continue
		}
		for c := range ks {
			for i, n := range w.counts[c] {
				out.counts[c][i] += n
			}
		}
	}
	return out, nil
}

func newCounts(ks, items int) [][]int64 {
	out := make([][]int64, ks)
	for c := range out {
		out[c] = make([]int64, items)
	}
	return out
}

func (t *task) newWorker(m Scorer) *worker {
	_, items := m.Shape()
	k := min(t.o.Ks[len(t.o.Ks)-1], items)
	return &worker{
		scorer:  newScorer(m),
		queries: make([]recsys.Query, 0, blockSize(items)),
		allowed: recsys.FullBitset(items),
		heap:    topk.New(k),
		hits:    make([]bool, k),
		sum:     make([]float32, t.split.Train.Interactions.Rows),
		counts:  newCounts(len(t.o.Ks), items),
	}
}

// block measures the users numbered lo to hi.
func (t *task) block(ctx context.Context, w *worker, lo, hi int, out *measured) error {
	w.queries = w.queries[:0]
	for n := lo; n < hi; n++ {
		w.queries = append(w.queries, t.query(int(t.users[n])))
	}
	scores, err := w.scorer.score(ctx, w.queries)
	if err != nil {
		return err
	}
	items := w.allowed.Len()
	for n := lo; n < hi; n++ {
		var had []int32
		if !t.o.Repeats {
			had, _ = t.split.Train.Interactions.Row(int(t.users[n]))
		}
		for _, i := range had {
			w.allowed.Clear(i)
		}
		w.heap.Reset()
		w.heap.Scan(scores[(n-lo)*items:(n-lo+1)*items], 0, w.allowed.Words())
		for _, i := range had {
			w.allowed.Set(i)
		}
		ranking, _ := w.heap.Sorted()
		t.judge(w, n, ranking, out)
	}
	return nil
}

// query is what a shop would ask for user u with what is known from the training part.
func (t *task) query(u int) recsys.Query {
	d := t.split.Train
	q := recsys.Query{User: int32(u), K: t.o.Ks[len(t.o.Ks)-1]}
	if t.o.FoldIn {
		q.User = recsys.NoUser
	}
	q.History.Items, q.History.Weights = d.Interactions.Row(u)
	if d.Sequences != nil {
		q.History.Sequence, q.History.Times = d.Sequences.Of(u)
	}
	return q
}

// judge writes the metrics of the ranking of entry n of users, and counts its hits by group.
func (t *task) judge(w *worker, n int, ranking []int32, out *measured) {
	dst := out.sample.row(n)
	hits := w.hits[:len(ranking)]
	for r, i := range ranking {
		hits[r] = contains(t.relevant[n], i)
	}
	accuracy(dst, hits, len(t.relevant[n])+int(t.missing[n]), t.o.Ks, t.o.Recall, t.gains)
	t.catalogue.beyond(dst, ranking, t.o.Ks, w.sum)
	for c, k := range t.o.Ks {
		for r, i := range ranking[:min(k, len(ranking))] {
			w.counts[c][i]++
			if out.found != nil && hits[r] {
				out.found[(n*len(t.o.Ks)+c)*len(itemGroups)+int(t.groups[i])]++
			}
		}
	}
}

// contains looks x up in an ascending list.
func contains(list []int32, x int32) bool {
	lo, hi := 0, len(list)
	for lo < hi {
		mid := (lo + hi) / 2
		if list[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(list) && list[lo] == x
}

func (s *Split) validate() error {
	if s == nil || s.Train == nil || s.Test == nil {
		return fmt.Errorf("%w: a split needs a training and a test part", recsys.ErrInvalidData)
	}
	if err := s.Train.Validate(); err != nil {
		return fmt.Errorf("training part: %w", err)
	}
	x := s.Train.Interactions
	if s.Test.Rows != x.Rows || s.Test.Cols != x.Cols || s.Unknown != nil && len(s.Unknown) != x.Rows {
		return fmt.Errorf("%w: a test part of %d×%d beside a training part of %d×%d", recsys.ErrInvalidData, s.Test.Rows, s.Test.Cols, x.Rows, x.Cols)
	}
	return s.Test.Validate()
}
