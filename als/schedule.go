package als

import (
	"slices"

	"github.com/recsys-lite/recsys/internal/f32"
)

// schedule is the order in which the rows of one side are solved, cut into chunks of about
// equal cost. It depends on the data alone. Long rows come first, so that no long one is left
// for the end, and rows of a length lie together. A chunk, but for the last, is of whole batches.
type schedule struct {
	order  []int32
	bounds []int // chunk k is order[bounds[k]:bounds[k+1]]
}

// chunkCost is the work of a chunk in multiply-adds: a fraction of a millisecond with fast
// kernels, and short enough for a prompt cancel with slow ones.
const chunkCost = 1 << 23

// newSchedule orders rows of which row r has indptr[r+1] − indptr[r] interactions.
func newSchedule(indptr []int64, d int) *schedule {
	s := &schedule{order: make([]int32, len(indptr)-1), bounds: []int{0}}
	length := func(r int32) int { return int(indptr[r+1] - indptr[r]) }
	for i := range s.order {
		s.order[i] = int32(i)
	}
	slices.SortStableFunc(s.order, func(a, b int32) int { return length(b) - length(a) })
	cost, together := 0, f32.BatchSize(d)
	for k, r := range s.order {
		cost += length(r)*d*d/2 + d*d*d/6
		if cost >= chunkCost && (k+1)%together == 0 || k == len(s.order)-1 {
			s.bounds = append(s.bounds, k+1)
			cost = 0
		}
	}
	return s
}

func (s *schedule) chunks() int { return len(s.bounds) - 1 }
