package eval

import (
	"context"
	"math"
	"slices"

	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

var (
	nan    = math.NaN()
	negInf = float32(math.Inf(-1))
)

// sample holds the metrics of each unit (a user, or a session), which resampling draws whole.
type sample struct {
	names  []string
	values []float64 // units × names, row-major
	// weight is the number of predictions in each unit when values are their sums; nil when
	// each unit counts 1.
	weight []float64
}

func newSample(units int, names []string) sample {
	return sample{names: names, values: make([]float64, units*len(names))}
}

func (s *sample) units() int { return len(s.values) / len(s.names) }

func (s *sample) row(n int) []float64 {
	return s.values[n*len(s.names) : (n+1)*len(s.names)]
}

// means is the estimate itself.
func (s *sample) means() []float64 {
	count := make([]int32, s.units())
	for i := range count {
		count[i] = 1
	}
	out := make([]float64, len(s.names))
	s.mean(count, out)
	return out
}

// byName is the estimate by the names of the metrics.
func byName(s *sample) map[string]float64 {
	out := make(map[string]float64, len(s.names))
	for i, v := range s.means() {
		out[s.names[i]] = v
	}
	return out
}

// mean writes the means when unit n was drawn count[n] times.
func (s *sample) mean(count []int32, dst []float64) {
	clear(dst)
	var total float64
	for n, c := range count {
		if c == 0 {
			continue
		}
		f := float64(c)
		for i, v := range s.row(n) {
			dst[i] += f * v
		}
		if s.weight != nil {
			f *= s.weight[n]
		}
		total += f
	}
	for i := range dst {
		dst[i] /= total
	}
}

// bootstrap returns the means of each sample over n resamples of their common units (Efron,
// 1979): means[i] is resamples × names of samples[i]. Every sample sees the same draws, so that
// differences are paired. Resample r is drawn from the stream (seed, r).
func bootstrap(ctx context.Context, n int, seed uint64, workers int, samples ...*sample) ([][]float64, error) {
	means := make([][]float64, len(samples))
	for i, s := range samples {
		means[i] = make([]float64, n*len(s.names))
	}
	units := samples[0].units()
	counts := make([][]int32, par.Workers(workers))
	err := par.Chunks(ctx, n, 16, workers, func(w, lo, hi int) error {
		if counts[w] == nil {
			counts[w] = make([]int32, units)
		}
		count := counts[w]
		r := &rng.Rand{}
		for b := lo; b < hi; b++ {
			clear(count)
			r.Seed(seed, uint64(b))
			for range units {
				count[r.Intn(units)]++
			}
			for i, s := range samples {
				s.mean(count, means[i][b*len(s.names):(b+1)*len(s.names)])
			}
		}
		return nil
	})
	return means, err
}

// percentiles returns the bounds that leave 2.5 % of the values on either side; it sorts them.
func percentiles(values []float64) Interval {
	slices.Sort(values)
	tail := int(math.Floor(0.025 * float64(len(values))))
	return Interval{values[tail], values[len(values)-1-tail]}
}
