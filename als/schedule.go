package als

import (
	"slices"

	"github.com/recsys-lite/recsys"
)

// schedule is the order in which the rows of one side are solved, cut into chunks of about
// equal cost. It depends on the data alone. Long rows come first, so that no long one is left
// for the end, and rows of a length lie together.
type schedule struct {
	order  []int32
	bounds []int // chunk k is order[bounds[k]:bounds[k+1]]
}

// chunkCost is the work of a chunk in multiply-adds: a fraction of a millisecond with fast
// kernels, and short enough for a prompt cancel with slow ones.
const chunkCost = 1 << 23

func newSchedule(x *recsys.CSR, d int) *schedule {
	s := &schedule{order: make([]int32, x.Rows), bounds: []int{0}}
	for i := range s.order {
		s.order[i] = int32(i)
	}
	slices.SortStableFunc(s.order, func(a, b int32) int { return x.RowLen(int(b)) - x.RowLen(int(a)) })
	cost := 0
	for k, r := range s.order {
		cost += x.RowLen(int(r))*d*d/2 + d*d*d/6
		if cost >= chunkCost || k == len(s.order)-1 {
			s.bounds = append(s.bounds, k+1)
			cost = 0
		}
	}
	return s
}

func (s *schedule) chunks() int { return len(s.bounds) - 1 }
