package index

import (
	"context"
	"math"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// The streams of random numbers, see rng.New.
const (
	streamCentroids = iota
	streamLevels
	streamQueries
	streamUsers
)

const (
	// trainPerList is the number of vectors per centroid that k-means learns from.
	trainPerList = 64
	rounds       = 8
	assignChunk  = 128
)

// clusters holds the centroids of an IVF.
type clusters struct {
	n, dim    int
	centroids []float32 // n × dim
	bias      []float32 // −½ their squared lengths
	packed    []float32 // centroids as f32.PackRight leaves them
}

func newClusters(centroids []float32, dim int) *clusters {
	c := &clusters{n: len(centroids) / dim, dim: dim, centroids: centroids}
	c.bias = make([]float32, c.n)
	c.packed = make([]float32, f32.PackedRight(c.n, dim))
	c.refresh()
	return c
}

func (c *clusters) refresh() {
	for i := range c.bias {
		c.bias[i] = -f32.SquaredNorm(c.centroids[i*c.dim:(i+1)*c.dim]) / 2
	}
	f32.PackRight(c.packed, f32.Matrix{Data: c.centroids, Stride: c.dim, Transposed: true}, c.n, c.dim)
}

// assign writes the nearest centroid of each vector to dst, the lower one of equals.
func (c *clusters) assign(ctx context.Context, dst []int32, vectors []float32, workers int) error {
	scratch := make([]assigner, par.Workers(workers))
	return par.Chunks(ctx, len(dst), assignChunk, workers, func(worker, lo, hi int) error {
		s := &scratch[worker]
		if s.scores == nil {
			s.scores = make([]float32, assignChunk*c.n)
			s.left = make([]float32, f32.PackedLeft(assignChunk, c.dim))
		}
		m := hi - lo
		// x·c − ½c² ranks centroids as their distances from x do.
		for i := range m {
			copy(s.scores[i*c.n:(i+1)*c.n], c.bias)
		}
		f32.PackLeft(s.left, 1, f32.Matrix{Data: vectors[lo*c.dim : hi*c.dim], Stride: c.dim}, m, c.dim)
		f32.GemmPacked(f32.Matrix{Data: s.scores, Stride: c.n}, s.left, c.packed, m, c.n, c.dim)
		for i := range m {
			row := s.scores[i*c.n : (i+1)*c.n]
			best := f32.FindGreater(row, math.Nextafter32(f32.Max(row), float32(math.Inf(-1))))
			dst[lo+i] = int32(max(best, 0))
		}
		return nil
	})
}

type assigner struct{ scores, left []float32 }

// kmeans finds n centroids by Lloyd's algorithm on a sample of the vectors. An empty cluster
// takes over half of the largest, as in Faiss.
func kmeans(ctx context.Context, vectors recsys.Matrix, n int, o *Options) (*clusters, error) {
	dim := vectors.Cols
	if vectors.Rows == 0 {
		return newClusters(make([]float32, n*dim), dim), nil
	}
	sample := sampleRows(vectors.Rows, n*trainPerList, rng.New(o.Seed, streamCentroids))
	train := make([]float32, 0, len(sample)*dim)
	for _, r := range sample {
		train = append(train, vectors.Row(r)...)
	}
	// The sample is in random order, so its head is a random choice.
	c := newClusters(slices.Clone(train[:n*dim]), dim)
	of := make([]int32, len(sample))
	members := make([][]int32, n)
	for round := range rounds {
		if err := c.assign(ctx, of, train, o.Workers); err != nil {
			return nil, err
		}
		for l := range members {
			members[l] = members[l][:0]
		}
		for i, l := range of {
			members[l] = append(members[l], int32(i))
		}
		par.Do(n, o.Workers, func(l int) {
			if len(members[l]) == 0 {
				return
			}
			mean := c.centroids[l*dim : (l+1)*dim]
			clear(mean)
			f32.AddRows(mean, train, members[l], nil)
			f32.Scale(1/float32(len(members[l])), mean)
		})
		c.split(members)
		c.refresh()
		o.Report(recsys.Progress{Stage: "cluster", Done: round + 1, Total: rounds, Loss: math.NaN()})
	}
	return c, nil
}

// split moves each empty cluster close to the largest one.
func (c *clusters) split(members [][]int32) {
	const apart = 1. / 1024
	sizes := make([]int, len(members))
	for l := range members {
		sizes[l] = len(members[l])
	}
	for l := range sizes {
		if sizes[l] > 0 {
			continue
		}
		big := slices.Index(sizes, slices.Max(sizes))
		from, to := c.centroids[big*c.dim:(big+1)*c.dim], c.centroids[l*c.dim:(l+1)*c.dim]
		for i, v := range from {
			if to[i] = v; i%2 == 0 {
				to[i] -= v * apart
			}
		}
		sizes[l] = sizes[big] / 2
		sizes[big] -= sizes[l]
	}
}

// sampleRows draws min(n, most) distinct rows in random order.
func sampleRows(n, most int, r *rng.Rand) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	most = min(n, most)
	for i := range most {
		j := i + r.Intn(n-i)
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows[:most]
}
