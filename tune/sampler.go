package tune

import (
	"math"

	"github.com/recsys-lite/recsys/internal/rng"
)

const (
	// candidates is the number of draws from the good trials' density that compete.
	candidates = 32
	// goodShare is the share of the trials that count as good.
	goodShare = 0.15
	// maxGood keeps the good ones few in a long study.
	maxGood = 25
	// redraws bounds the search for a point that was not tried.
	redraws = 1000
)

// A sampler proposes points of the unit cube.
type sampler struct {
	dims []dimension
	seed uint64
	// tried says whether the values at a point were measured before.
	tried func(point []float64) bool
}

// spread is the number of points after the defaults that do not depend on results.
func (s *sampler) spread() int { return max(5, 2*len(s.dims)) }

// suggest returns the point of trial n ≥ 1. ranked are the points of the trials before it, best
// first, of which the last bad could not be measured. False: every point was tried.
func (s *sampler) suggest(n int, ranked [][]float64) ([]float64, bool) {
	r := rng.New(s.seed, uint64(n))
	if n <= s.spread() {
		if x := s.halton(n); !s.tried(x) {
			return x, true
		}
		return s.anywhere(r)
	}
	good := min(int(math.Ceil(goodShare*float64(len(ranked)))), maxGood)
	below, above := s.density(ranked[:good]), s.density(ranked[good:])
	var best []float64
	bestRatio := math.Inf(-1)
	for range candidates {
		x := below.draw(r)
		if ratio := below.log(x) - above.log(x); ratio > bestRatio && !s.tried(x) {
			best, bestRatio = x, ratio
		}
	}
	if best == nil {
		return s.anywhere(r)
	}
	return best, true
}

// anywhere draws uniformly among what was not tried.
func (s *sampler) anywhere(r *rng.Rand) ([]float64, bool) {
	x := make([]float64, len(s.dims))
	for range redraws {
		for d := range x {
			x[d] = r.Float64()
		}
		if s.tried(s.settle(x)) {
			continue
		}
		return x, true
	}
	return nil, false
}

// halton is point n of the Halton sequence, moved around the torus by an offset of the seed
// (Cranley, Patterson, 1976): it covers the cube more evenly than independent draws.
func (s *sampler) halton(n int) []float64 {
	offset := rng.New(s.seed, 0)
	x := make([]float64, len(s.dims))
	base := 1
	for d := range x {
		base = nextPrime(base)
		scale := 1.0
		for i := n; i > 0; i /= base {
			scale /= float64(base)
			x[d] += scale * float64(i%base)
		}
		_, x[d] = math.Modf(x[d] + offset.Float64())
	}
	return s.settle(x)
}

func nextPrime(n int) int {
next:
	for n++; ; n++ {
		for d := 2; d*d <= n; d++ {
			if n%d == 0 {
				continue next
			}
		}
		return n
	}
}

// settle moves a point to where the values there, as rounded, have their place.
func (s *sampler) settle(x []float64) []float64 {
	for d := range x {
		// A value of the space has a place in it.
		x[d], _ = s.dims[d].place(s.dims[d].value(x[d]))
	}
	return x
}

// density is a mixture of product kernels around points, all alike in weight, and the uniform
// density as one of them.
type density struct {
	s      *sampler
	points [][]float64
	width  float64   // standard deviation of a number's kernel
	stray  []float64 // per dimension: probability that a choice's kernel draws any choice
}

func (s *sampler) density(points [][]float64) *density {
	n := float64(max(len(points), 1))
	p := &density{s: s, points: points, stray: make([]float64, len(s.dims))}
	p.width = max(0.2*math.Pow(n, -1/(float64(len(s.dims))+4)), 0.01)
	for d := range s.dims {
		k := float64(len(s.dims[d].Choices))
		p.stray[d] = k / (k + n)
	}
	return p
}

func (p *density) draw(r *rng.Rand) []float64 {
	x := make([]float64, len(p.s.dims))
	c := r.Intn(len(p.points) + 1)
	for d := range x {
		switch {
		case c == len(p.points), len(p.s.dims[d].Choices) > 0 && r.Float64() < p.stray[d]:
			x[d] = r.Float64()
		case len(p.s.dims[d].Choices) > 0:
			x[d] = p.points[c][d]
		default:
			// By the inverse of the distribution function, so that no draw falls outside.
			lo, hi := normalCDF(-p.points[c][d]/p.width), normalCDF((1-p.points[c][d])/p.width)
			z := math.Sqrt2 * math.Erfinv(2*(lo+r.Float64()*(hi-lo))-1)
			x[d] = min(max(p.points[c][d]+z*p.width, 0), 1)
		}
	}
	return p.s.settle(x)
}

// log is the logarithm of the density at x.
func (p *density) log(x []float64) float64 {
	sum := 1.0
	for _, mu := range p.points {
		k := 1.0
		for d := range x {
			if n := float64(len(p.s.dims[d].Choices)); n > 0 {
				f := p.stray[d]
				if x[d] == mu[d] {
					f += n * (1 - p.stray[d])
				}
				k *= f
				continue
			}
			z := (x[d] - mu[d]) / p.width
			mass := normalCDF((1-mu[d])/p.width) - normalCDF(-mu[d]/p.width)
			k *= math.Exp(-z*z/2) / (math.Sqrt(2*math.Pi) * p.width * mass)
		}
		sum += k
	}
	return math.Log(sum / float64(len(p.points)+1))
}

func normalCDF(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }
