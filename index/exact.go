package index

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/topk"
)

// exactBlock is the number of vectors of a block: what a change of one of them copies.
const exactBlock = piece

// Exact scans every allowed vector.
type Exact struct {
	dim     int
	threads int
	state   atomic.Pointer[exactState]
	// places says where an id lies, for Add and Remove; nil until the first of them.
	places map[int32]int
}

// exactState is what one search sees. All blocks but the last are full.
type exactState struct {
	blocks []block
	n      int
}

// NewExact returns an empty index for vectors of length dim, whose searches share the work
// of one query among threads goroutines (0 means 1).
func NewExact(dim, threads int) (*Exact, error) {
	if err := checkDim(dim); err != nil {
		return nil, err
	}
	if err := (Search{Threads: threads}).validate(); err != nil {
		return nil, err
	}
	x := &Exact{dim: dim, threads: max(threads, 1)}
	x.state.Store(&exactState{})
	return x, nil
}

// Dim is the length of a vector.
func (x *Exact) Dim() int { return x.dim }

// Len is the number of vectors held.
func (x *Exact) Len() int { return x.state.Load().n }

// Search implements [recsys.Index].
func (x *Exact) Search(ctx context.Context, query []float32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	if err := checkSearch(x.dim, query, k); err != nil {
		return nil, err
	}
	state := x.state.Load()
	k = min(k, state.n)
	if k == 0 {
		return []recsys.Scored{}, ctx.Err()
	}
	h := topk.New(k)
	if _, err := scanBlocks(ctx, h, k, len(state.blocks), 8, x.threads, query, allowed, func(i int) *block { return &state.blocks[i] }); err != nil {
		return nil, err
	}
	return ranked(h), nil
}

// scanBlocks offers the allowed vectors of n blocks to h, chunk blocks at a time by one of
// threads goroutines, and returns how many those are. The best k do not depend on the order
// in which they are offered.
func scanBlocks(ctx context.Context, h *topk.Heap, k, n, chunk, threads int, query []float32, allowed *recsys.Bitset, at func(i int) *block) (int, error) {
	if threads == 1 || n <= chunk {
		s := scanners.Get().(*scanner)
		defer scanners.Put(s)
		scanned := 0
		for i := range n {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			scanned += s.scan(h, at(i), query, allowed)
		}
		return scanned, nil
	}
	heaps := make([]*topk.Heap, threads)
	var scanned atomic.Int64
	err := par.Chunks(ctx, n, chunk, threads, func(worker, lo, hi int) error {
		if heaps[worker] == nil {
			heaps[worker] = topk.New(k)
		}
		s := scanners.Get().(*scanner)
		defer scanners.Put(s)
		for i := lo; i < hi; i++ {
			scanned.Add(int64(s.scan(heaps[worker], at(i), query, allowed)))
		}
		return nil
	})
	for _, part := range heaps {
		if part != nil {
			h.Merge(part)
		}
	}
	return int(scanned.Load()), err
}

// exactChange is a state in the making: it copies a block before it first writes to it.
type exactChange struct {
	exactState
	dim   int
	owned map[int]bool
}

func (x *Exact) change() *exactChange {
	old := x.state.Load()
	if x.places == nil {
		x.places = make(map[int32]int, old.n)
		for b := range old.blocks {
			for i, id := range old.blocks[b].ids {
				x.places[id] = b*exactBlock + i
			}
		}
	}
	return &exactChange{exactState: exactState{slices.Clone(old.blocks), old.n}, dim: x.dim, owned: map[int]bool{}}
}

func (c *exactChange) own(i int) *block {
	if !c.owned[i] {
		c.blocks[i] = c.blocks[i].clone(0, c.dim)
		c.owned[i] = true
	}
	return &c.blocks[i]
}

func (c *exactChange) append(id int32, v []float32) {
	if c.n == len(c.blocks)*exactBlock {
		c.owned[len(c.blocks)] = true
		c.blocks = append(c.blocks, block{})
	}
	c.blocks[len(c.blocks)-1].append(id, v)
	c.n++
}

// Add implements [recsys.Index]. It copies the blocks of 1,024 vectors in which it replaces
// one.
func (x *Exact) Add(ctx context.Context, ids []int32, vectors []float32) error {
	if err := checkAdd(x.dim, ids, vectors); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c := x.change()
	for i, id := range ids {
		v := vectors[i*x.dim : (i+1)*x.dim]
		if at, ok := x.places[id]; ok {
			c.own(at/exactBlock).replace(at%exactBlock, id, v)
			continue
		}
		x.places[id] = c.n
		c.append(id, v)
	}
	x.state.Store(&c.exactState)
	return nil
}

// Remove implements [recsys.Index]: the last vector takes the place of a removed one.
func (x *Exact) Remove(ids []int32) {
	c := x.change()
	for _, id := range ids {
		at, ok := x.places[id]
		if !ok {
			continue
		}
		delete(x.places, id)
		end := &c.blocks[len(c.blocks)-1]
		row := len(end.ids) - 1
		if last := end.ids[row]; last != id {
			c.own(at/exactBlock).replace(at%exactBlock, last, end.row(row, x.dim))
			x.places[last] = at
		}
		// own may have moved the last block.
		c.blocks[len(c.blocks)-1].drop(x.dim)
		c.n--
		if row == 0 {
			c.blocks = c.blocks[:len(c.blocks)-1]
			delete(c.owned, len(c.blocks))
		}
	}
	x.state.Store(&c.exactState)
}

// Vectors returns a copy of what the index holds.
func (x *Exact) Vectors() (ids []int32, vectors []float32) {
	state := x.state.Load()
	ids, vectors = make([]int32, 0, state.n), make([]float32, 0, state.n*x.dim)
	for i := range state.blocks {
		ids = append(ids, state.blocks[i].ids...)
		vectors = append(vectors, state.blocks[i].data...)
	}
	return ids, vectors
}

// MarshalBinary saves the index for [Open].
func (x *Exact) MarshalBinary() ([]byte, error) {
	state := x.state.Load()
	w := newWriter(KindExact, x.dim, state.n*(x.dim+1))
	w.count(state.n)
	for i := range state.blocks {
		w.int32s(state.blocks[i].ids)
	}
	for i := range state.blocks {
		w.float32s(state.blocks[i].data)
	}
	return w.finish(), nil
}

func openExact(r *reader, s Search) (*Exact, error) {
	x, err := NewExact(r.dim, s.Threads)
	if err != nil {
		return nil, err
	}
	n := r.count(4 + 4*r.dim)
	ids := r.ids(n)
	data := r.vectors(n)
	if err := r.end(); err != nil {
		return nil, err
	}
	x.fill(ids, data)
	return x, nil
}

// fill makes distinct ids and their vectors, which it keeps, the content.
func (x *Exact) fill(ids []int32, data []float32) {
	state := &exactState{n: len(ids), blocks: make([]block, 0, (len(ids)+exactBlock-1)/exactBlock)}
	for lo := 0; lo < len(ids); lo += exactBlock {
		hi := min(lo+exactBlock, len(ids))
		b := block{ids: ids[lo:hi:hi], data: data[lo*x.dim : hi*x.dim : hi*x.dim], run: true}
		for i, id := range b.ids {
			b.run = b.run && id == b.ids[0]+int32(i)
		}
		state.blocks = append(state.blocks, b)
	}
	x.state.Store(state)
}
