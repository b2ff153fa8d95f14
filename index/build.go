package index

import (
	"context"
	"encoding"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
)

// Index is what [Build] and [Open] return.
type Index interface {
	recsys.Index
	encoding.BinaryMarshaler
}

// Build returns an index of the kind ("exact", "ivf" or "hnsw") over the rows of vectors,
// which it copies; the number of a row is its id. It returns ErrInvalidConfig for an unknown
// kind or options, ErrInvalidData for vectors that are not finite, or the context's error.
func Build(ctx context.Context, kind string, vectors recsys.Matrix, o Options) (Index, error) {
	if err := checkDim(vectors.Cols); err != nil {
		return nil, err
	}
	if vectors.Rows < 0 || len(vectors.Data) != vectors.Rows*vectors.Cols {
		return nil, fmt.Errorf("%w: index: a matrix of %d × %d with %d values", recsys.ErrInvalidData, vectors.Rows, vectors.Cols, len(vectors.Data))
	}
	if err := checkVectors("vector", vectors.Data, vectors.Cols); err != nil {
		return nil, fmt.Errorf("%w: index: %w", recsys.ErrInvalidData, err)
	}
	ids := make([]int32, vectors.Rows)
	for i := range ids {
		ids[i] = int32(i)
	}
	switch kind {
	case KindExact, KindIVF, KindHNSW:
	default:
		return nil, fmt.Errorf("%w: index kind %q, the kinds are %q, %q and %q", recsys.ErrInvalidConfig, kind, KindExact, KindIVF, KindHNSW)
	}
	if err := o.validate(kind, vectors.Cols); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch kind {
	case KindExact:
		x, err := NewExact(vectors.Cols, o.Search.Threads)
		if err != nil {
			return nil, err
		}
		x.fill(ids, slices.Clone(vectors.Data))
		return x, nil
	case KindIVF:
		x, err := buildIVF(ctx, ids, vectors, o)
		if err != nil {
			return nil, err
		}
		return x, nil
	default:
		x, err := buildHNSW(ctx, ids, vectors, o)
		if err != nil {
			return nil, err
		}
		return x, nil
	}
}

// Open reads what MarshalBinary of any kind of index wrote. Settings in s that belong to
// another kind than the one found are passed over, so that a program can offer all of them
// before it knows what was stored. It returns ErrCorrupt for bytes that are no index or were
// damaged, and ErrFutureVersion for those of a later release.
func Open(data []byte, s Search) (Index, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	r, err := newReader(data)
	if err != nil {
		return nil, err
	}
	switch r.kind {
	case KindExact:
		x, err := openExact(r, s)
		if err != nil {
			return nil, err
		}
		return x, nil
	case KindIVF:
		x, err := openIVF(r, s)
		if err != nil {
			return nil, err
		}
		return x, nil
	default:
		x, err := openHNSW(r, s)
		if err != nil {
			return nil, err
		}
		return x, nil
	}
}
