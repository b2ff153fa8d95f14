package recsys

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/topk"
)

// RecommendUnseen ranks for all users of d at once, as for a mailing: for each the k best
// items among those without an interaction, exactly what Recommend returns with the user's
// own items disallowed. m must know the users and items of d. A VectorModel is several times
// faster than a call per user. The result is the same for any number of workers.
func RecommendUnseen(ctx context.Context, m Model, d *Dataset, k int, run Run) ([][]Scored, error) {
	users, items := m.Shape()
	x := d.Interactions
	if x == nil || x.Rows != users || x.Cols != items {
		return nil, fmt.Errorf("%w: the interactions do not have the model's shape, %d users × %d items", ErrInvalidQuery, users, items)
	}
	if k < 0 {
		return nil, fmt.Errorf("%w: k = %d", ErrInvalidQuery, k)
	}
	out := make([][]Scored, users)
	if v, ok := m.(VectorModel); ok {
		return out, newUnseen(v, d, min(k, items), run.Workers).run(ctx, out)
	}
	err := par.Chunks(ctx, users, 16, run.Workers, func(_, lo, hi int) error {
		allowed := FullBitset(items)
		for u := lo; u < hi; u++ {
			q := d.query(u, k)
			q.Allowed = allowed
			for _, i := range q.History.Items {
				allowed.Clear(i)
			}
			var err error
			if out[u], err = m.Recommend(ctx, q); err != nil {
				return err
			}
			for _, i := range q.History.Items {
				allowed.Set(i)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// query asks for what user u wants.
func (d *Dataset) query(u, k int) Query {
	q := Query{User: int32(u), K: k}
	q.History.Items, q.History.Weights = d.Interactions.Row(u)
	if d.Sequences != nil {
		q.History.Sequence, q.History.Times = d.Sequences.Of(u)
	}
	return q
}

// A block of users is scored against a strip of items at a time: the scores stay in the
// second-level cache.
const (
	unseenUsers = 96
	unseenItems = 512
)

// unseen ranks with a model of vectors. Items come by falling length of their vectors, in
// strips: as ⟨u,v⟩ ≤ ‖u‖·‖v‖, a user whose k-th best score is above what the next strip can
// reach is done (Teflioudi, Gemulla, Mykytiuk, "LEMP: fast retrieval of large entries in a
// matrix product", SIGMOD 2015).
type unseen struct {
	model   VectorModel
	d       *Dataset
	k       int
	threads int
	dim     int
	order   []int32   // items by falling length
	longest []float32 // per strip
	packed  []float32 // strips one after the other
	strip   int       // floats of a packed strip
}

func newUnseen(m VectorModel, d *Dataset, k, workers int) *unseen {
	v := m.ItemVectors()
	s := &unseen{model: m, d: d, k: k, threads: workers, dim: v.Cols, order: make([]int32, v.Rows)}
	norms := make([]float32, v.Rows)
	for i := range s.order {
		s.order[i] = int32(i)
		norms[i] = float32(math.Sqrt(float64(f32.SquaredNorm(v.Row(i)))))
	}
	slices.SortFunc(s.order, func(a, b int32) int {
		switch {
		case norms[a] > norms[b]:
			return -1
		case norms[a] < norms[b]:
			return 1
		default:
			return int(a) - int(b)
		}
	})
	strips := (v.Rows + unseenItems - 1) / unseenItems
	s.strip = f32.PackedRight(unseenItems, s.dim)
	s.longest, s.packed = make([]float32, strips), make([]float32, strips*s.strip)
	par.Do(strips, workers, func(t int) {
		part := s.items(t)
		rows := make([]float32, 0, unseenItems*s.dim)
		for _, i := range part {
			rows = append(rows, v.Row(int(i))...)
		}
		s.longest[t] = norms[part[0]]
		f32.PackRight(s.packed[t*s.strip:(t+1)*s.strip], f32.Matrix{Data: rows, Stride: s.dim, Transposed: true}, len(part), s.dim)
	})
	return s
}

// items are those of strip t.
func (s *unseen) items(t int) []int32 {
	return s.order[t*unseenItems : min((t+1)*unseenItems, len(s.order))]
}

func (s *unseen) run(ctx context.Context, out [][]Scored) error {
	workers := make([]*unseenWorker, par.Workers(s.threads))
	return par.Chunks(ctx, len(out), unseenUsers, s.threads, func(worker, lo, hi int) error {
		if workers[worker] == nil {
			workers[worker] = s.worker()
		}
		return workers[worker].block(ctx, out, lo, hi)
	})
}

// unseenWorker is the memory of one goroutine.
type unseenWorker struct {
	*unseen
	vectors, packed, scores []float32
	open                    []*unseenUser // who is not done
	users                   [unseenUsers]unseenUser
}

// unseenUser is a user of the block under way.
type unseenUser struct {
	at     int // in the block
	length float32
	heap   *topk.Heap
	had    *Bitset
}

func (s *unseen) worker() *unseenWorker {
	w := &unseenWorker{unseen: s, vectors: make([]float32, unseenUsers*s.dim),
		packed: make([]float32, f32.PackedLeft(unseenUsers, s.dim)), scores: make([]float32, unseenUsers*unseenItems)}
	for at := range w.users {
		w.users[at] = unseenUser{at: at, heap: topk.New(s.k), had: NewBitset(len(s.order))}
	}
	return w
}

// block ranks for users lo to hi.
func (w *unseenWorker) block(ctx context.Context, out [][]Scored, lo, hi int) error {
	w.open = w.open[:0]
	for u := lo; u < hi; u++ {
		p := &w.users[u-lo]
		q := w.d.query(u, w.k)
		v := w.vectors[p.at*w.dim : (p.at+1)*w.dim]
		if err := w.model.QueryVector(ctx, q, v); err != nil {
			return err
		}
		p.length = float32(math.Sqrt(float64(f32.SquaredNorm(v))))
		p.heap.Reset()
		for _, i := range q.History.Items {
			p.had.Set(i)
		}
		w.open = append(w.open, p)
	}
	w.pack()
	packed := len(w.open)
	for t := range w.longest {
		w.open = slices.DeleteFunc(w.open, func(p *unseenUser) bool {
			return p.length*w.longest[t]*(1+boundSlack) < p.heap.Threshold()
		})
		if len(w.open) == 0 {
			break
		}
		if len(w.open) < packed {
			w.pack()
			packed = len(w.open)
		}
		w.score(t)
	}
	for u := lo; u < hi; u++ {
		p := &w.users[u-lo]
		items, _ := w.d.Interactions.Row(u)
		for _, i := range items {
			p.had.Clear(i)
		}
		out[u] = sorted(p.heap)
	}
	return nil
}

// boundSlack covers the rounding of a length and of a product, which grows with the dimension
// at most as 2⁻²⁴ times that.
const boundSlack = 1e-3

// pack lays out the vectors of the open users.
func (w *unseenWorker) pack() {
	for at, p := range w.open {
		if p.at != at {
			copy(w.vectors[at*w.dim:(at+1)*w.dim], w.vectors[p.at*w.dim:(p.at+1)*w.dim])
		}
	}
	f32.PackLeft(w.packed, 1, f32.Matrix{Data: w.vectors, Stride: w.dim}, len(w.open), w.dim)
}

// score offers the items of strip t to the open users.
func (w *unseenWorker) score(t int) {
	part := w.items(t)
	n := len(part)
	scores := w.scores[:len(w.open)*n]
	clear(scores)
	f32.GemmPacked(f32.Matrix{Data: scores, Stride: n}, w.packed, w.packedStrip(t), len(w.open), n, w.dim)
	for r, p := range w.open {
		p.offer(scores[r*n:(r+1)*n], part)
	}
}

func (w *unseenWorker) packedStrip(t int) []float32 {
	return w.unseen.packed[t*w.strip : (t+1)*w.strip]
}

// offer offers scores[j] as items[j], and looks only at those that have a chance.
func (p *unseenUser) offer(scores []float32, items []int32) {
	for at := 0; ; at++ {
		// One that equals the threshold may win by its lower index.
		bar := math.Nextafter32(p.heap.Threshold(), float32(math.Inf(-1)))
		j := f32.FindGreater(scores[at:], bar)
		if j < 0 {
			return
		}
		at += j
		if i := items[at]; !p.had.Has(i) {
			p.heap.Push(i, scores[at])
		}
	}
}
