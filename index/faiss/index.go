//go:build faiss

package faiss

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/internal/topk"
)

// ErrClosed: the index was closed.
var ErrClosed = errors.New("faiss: the index is closed")

// Index serves from Faiss. Beside it lie the vectors in an [index.Exact], which answers
// where Faiss cannot: this release of Faiss has no filters in its C interface, so a search
// asks for more than k and drops what is not allowed, and where that leaves too few, or
// would ask for too many, all allowed vectors are scanned.
//
// Faiss does not search while it adds: a search waits for Add and Remove. It cannot be
// interrupted either: a context counts before a call into it.
type Index struct {
	o     Options
	exact *index.Exact

	mu     sync.RWMutex
	lib    *library // nil while there is nothing
	closed bool
	ids    []int32         // by row; −1: removed
	rows   map[int32]int32 // by id
}

var _ recsys.Index = (*Index)(nil)

// Build returns an index over the rows of vectors, which it copies; the number of a row is
// its id. Close gives its memory back.
func Build(ctx context.Context, vectors recsys.Matrix, o Options) (*Index, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	built, err := index.Build(ctx, index.KindExact, vectors, index.Options{})
	if err != nil {
		return nil, err
	}
	x := &Index{o: o, exact: built.(*index.Exact), rows: make(map[int32]int32, vectors.Rows)}
	if vectors.Rows > 0 {
		if x.lib, err = newLibrary(vectors.Cols, o, vectors.Data); err != nil {
			return nil, err
		}
		runtime.AddCleanup(x, (*library).free, x.lib)
	}
	for i := range int32(vectors.Rows) {
		x.ids = append(x.ids, i)
		x.rows[i] = i
	}
	return x, nil
}

// Close frees what Faiss holds. Nothing but Close may be called afterwards.
func (x *Index) Close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed = true; x.lib != nil {
		x.lib.free()
	}
}

// Dim is the length of a vector.
func (x *Index) Dim() int { return x.exact.Dim() }

// SetSearch replaces Probe of an IVF or Ef of an HNSW; 0 means the default. It waits for the
// searches under way.
func (x *Index) SetSearch(value int) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return ErrClosed
	}
	o := x.o
	if o.Kind == IVF {
		o.Probe = value
	} else {
		o.Ef = value
	}
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if x.lib != nil {
		if err := x.lib.set(o); err != nil {
			return fmt.Errorf("faiss: %w", err)
		}
	}
	x.o = o
	return nil
}

// Len is the number of vectors held.
func (x *Index) Len() int { return x.exact.Len() }

// Add implements [recsys.Index]. The clusters of an IVF are found anew when there are four
// times the vectors they were found on.
func (x *Index) Add(ctx context.Context, ids []int32, vectors []float32) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return ErrClosed
	}
	// It checks the arguments, too.
	if err := x.exact.Add(ctx, ids, vectors); err != nil || len(ids) == 0 {
		return err
	}
	if x.lib == nil {
		return x.rebuild()
	}
	if err := x.lib.add(vectors); err != nil {
		// Faiss may hold some of them now. Without it all vectors are scanned.
		x.lib.free()
		x.lib, x.ids = nil, nil
		clear(x.rows)
		return fmt.Errorf("%w; the vectors are added, but until the next Add every search is a scan", err)
	}
	for _, id := range ids {
		x.drop(id)
		x.rows[id] = int32(len(x.ids))
		x.ids = append(x.ids, id)
	}
	return x.tidy()
}

// drop forgets the row of an id.
func (x *Index) drop(id int32) {
	if row, ok := x.rows[id]; ok {
		x.ids[row] = -1
		delete(x.rows, id)
	}
}

// Remove implements [recsys.Index]. When more than a quarter of what Faiss holds is removed,
// it is built anew.
func (x *Index) Remove(ids []int32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return
	}
	x.exact.Remove(ids)
	for _, id := range ids {
		x.drop(id)
	}
	// A failure (Faiss is out of memory) leaves the removed rows where they are: searches pass
	// over them, and the next change tries again.
	_ = x.tidy()
}

func (x *Index) tidy() error {
	gone := len(x.ids) - len(x.rows)
	if gone*4 > len(x.ids) || x.o.Kind == IVF && x.lib != nil && len(x.rows) > 4*x.lib.trained {
		return x.rebuild()
	}
	return nil
}

// rebuild makes a new Faiss index of what is held.
func (x *Index) rebuild() error {
	ids, vectors := x.exact.Vectors()
	var lib *library
	if len(ids) > 0 {
		var err error
		if lib, err = newLibrary(x.Dim(), x.o, vectors); err != nil {
			return err
		}
		runtime.AddCleanup(x, (*library).free, lib)
	}
	if x.lib != nil {
		x.lib.free()
	}
	x.lib, x.ids = lib, ids
	clear(x.rows)
	for row, id := range ids {
		x.rows[id] = int32(row)
	}
	return nil
}

// Search implements [recsys.Index].
func (x *Index) Search(ctx context.Context, query []float32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return nil, ErrClosed
	}
	if k <= 0 || x.lib == nil || len(query) != x.Dim() {
		return x.exact.Search(ctx, query, k, allowed)
	}
	if err := index.CheckQuery(query); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k = min(k, x.Len())
	ask, ok := x.ask(k, allowed)
	if !ok {
		return x.exact.Search(ctx, query, k, allowed)
	}
	scores, rows, err := x.lib.search(query, ask)
	if err != nil {
		return nil, err
	}
	h := topk.New(k)
	for i, row := range rows {
		if id := x.ids[row]; id >= 0 && (allowed == nil || allowed.Has(id)) {
			h.Push(id, scores[i])
		}
	}
	if h.Len() < k {
		return x.exact.Search(ctx, query, k, allowed)
	}
	ids, best := h.Sorted()
	out := make([]recsys.Scored, len(ids))
	for i := range out {
		out[i] = recsys.Scored{Item: ids[i], Score: best[i]}
	}
	return out, nil
}

// ask is how many rows to ask Faiss for, so that k of them are likely to be allowed. ok is
// false where those are too many, and a scan of the allowed vectors is the better way.
func (x *Index) ask(k int, allowed *recsys.Bitset) (n int, ok bool) {
	live := len(x.rows)
	if allowed != nil {
		live = min(live, allowed.Count())
	}
	if live == len(x.ids) {
		return k, true
	}
	const most = 2048
	n = 2 * (k + 8) * len(x.ids) / max(live, 1)
	return n, n <= min(most, len(x.ids)/4)
}
