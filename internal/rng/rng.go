// Package rng gives reproducible random streams: a seed and a path of numbers (epoch, block,
// user …) name a stream, so that work may be handed to any number of goroutines and still
// draw the same values.
package rng

import (
	"math"
	"math/bits"
)

// Rand is a xoshiro256++ generator (Blackman, Vigna, 2019). It is not safe for concurrent use.
type Rand struct{ s [4]uint64 }

// New returns the stream named by seed and path.
func New(seed uint64, path ...uint64) *Rand {
	r := &Rand{}
	r.Seed(seed, path...)
	return r
}

// Seed moves r to the start of the stream named by seed and path.
func (r *Rand) Seed(seed uint64, path ...uint64) {
	x := splitmix(&seed)
	for _, p := range path {
		x ^= p
		x = splitmix(&x)
	}
	for i := range r.s {
		r.s[i] = splitmix(&x)
	}
}

// gamma is what SplitMix64 advances by.
const gamma = 0x9e3779b97f4a7c15

// splitmix advances x and returns its next output (Steele, Lea, Flood, 2014).
func splitmix(x *uint64) uint64 {
	*x += gamma
	z := *x
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Nth returns 64 random bits, the n-th of the SplitMix64 sequence named by key: for loops that come back
// to the same numbers in another order.
func Nth(key, n uint64) uint64 {
	key += n * gamma
	return splitmix(&key)
}

// Uint64 returns 64 random bits.
func (r *Rand) Uint64() uint64 {
	s := &r.s
	out := bits.RotateLeft64(s[0]+s[3], 23) + s[0]
	t := s[1] << 17
	s[2] ^= s[0]
	s[3] ^= s[1]
	s[1] ^= s[2]
	s[0] ^= s[3]
	s[2] ^= t
	s[3] = bits.RotateLeft64(s[3], 45)
	return out
}

// Intn returns a number in [0, n); n must be positive and below 2³². The multiply-shift
// leaves a bias below n/2³², far under what a sampler notices.
func (r *Rand) Intn(n int) int { return Below(uint32(r.Uint64()>>32), n) }

// Below turns random bits into a number in [0, n), as Intn does.
func Below(random uint32, n int) int { return int(uint64(random) * uint64(n) >> 32) }

// Float64 returns a number in [0, 1).
func (r *Rand) Float64() float64 { return float64(r.Uint64()>>11) * 0x1p-53 }

// Float32 returns a number in [0, 1).
func (r *Rand) Float32() float32 { return float32(r.Uint64()>>40) * 0x1p-24 }

// Normal returns a draw from the standard normal distribution (Box, Muller, 1958).
func (r *Rand) Normal() float64 {
	u := 1 - r.Float64()
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*r.Float64())
}

// Fill writes independent normal draws of the given standard deviation to x.
func (r *Rand) Fill(x []float32, stddev float64) {
	for i := range x {
		x[i] = float32(stddev * r.Normal())
	}
}

// Shuffle permutes n elements by calls of swap (Fisher, Yates).
func (r *Rand) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, r.Intn(i+1))
	}
}
