package f32

import (
	"math"
	"testing"
)

// steps draws preferences over a few rows, so that one step often reads what the last ones wrote.
func preferences(n, users, items int) []Preference {
	r := testRand()
	s := make([]Preference, n)
	for i := range s {
		better := r.IntN(items)
		s[i] = Preference{User: int32(r.IntN(users)), Better: int32(better), Worse: int32((better + 1 + r.IntN(items-1)) % items)}
	}
	return s
}

func TestRankerSteps(t *testing.T) {
	const users, items = 3, 4
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, d := range lengths()[1:] {
			for _, n := range []int{0, 1, 2, 4, 5, 13} {
				off := n % 3
				u, uw := guarded(r, users*d, off)
				q, qw := guarded(r, items*d, off+1)
				b, bw := guarded(r, items, off)
				for i := range u {
					u[i] /= float32(math.Sqrt(float64(d)))
				}
				m := &Ranker{D: d, Users: u, Items: q, Bias: b, Rate: 0.3, KeepUser: 0.9, KeepBetter: 0.8, KeepWorse: 0.7, KeepBias: 0.6}
				wide := [3][]float64{widen(u), widen(q), widen(b)}
				steps := preferences(n, users, items)
				want := rankerReference(m, wide, steps)
				near(t, at("sum of z", d, n), m.Steps(steps), want, 3+want)
				for k, got := range [][]float32{u, q, b} {
					for i, v := range got {
						near(t, at("parameter", d, n, k, i), v, wide[k][i], 10)
					}
				}
				checkGuard(t, uw, off, users*d)
				checkGuard(t, qw, off+1, items*d)
				checkGuard(t, bw, off, items)
			}
		}
		m := &Ranker{D: 64, Users: random(r, 10*64), Items: random(r, 10*64), Bias: random(r, 10)}
		steps := preferences(50, 10, 10)
		noAllocs(t, "Steps", func() { m.Steps(steps) })
	})
}

// rankerReference is the loop of the comment at Steps in float64.
func rankerReference(m *Ranker, w [3][]float64, steps []Preference) (sum float64) {
	users, items, bias := w[0], w[1], w[2]
	for _, s := range steps {
		p, a, b := users[int(s.User)*m.D:], items[int(s.Better)*m.D:], items[int(s.Worse)*m.D:]
		x := bias[s.Better] - bias[s.Worse]
		for f := range m.D {
			x += p[f] * (a[f] - b[f])
		}
		z := 1 / (1 + math.Exp(x))
		g := float64(m.Rate) * z
		for f := range m.D {
			pf, af, bf := p[f], a[f], b[f]
			p[f] = float64(m.KeepUser)*pf + g*(af-bf)
			a[f] = float64(m.KeepBetter)*af + g*pf
			b[f] = float64(m.KeepWorse)*bf - g*pf
		}
		bias[s.Better] = float64(m.KeepBias)*bias[s.Better] + g
		bias[s.Worse] = float64(m.KeepBias)*bias[s.Worse] - g
		sum += z
	}
	return sum
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// The probability of a step of vectors that are zero is that of the biases alone.
func TestRankerProbability(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		m := &Ranker{D: 1, Users: []float32{0}, Items: []float32{0, 0}, Bias: []float32{0, 0}}
		for x := -130.0; x <= 130; x += 0.01 {
			m.Bias[0], m.Bias[1] = 0, float32(x)
			z := m.Steps([]Preference{{0, 0, 1}})
			if want := 1 / (1 + math.Exp(-x)); math.Abs(float64(z)-want) > 2e-7 {
				t.Fatalf("z = %g at %g, want %g", z, x, want)
			}
		}
		for x, want := range map[float64]float64{math.Inf(1): 1, math.Inf(-1): 0} {
			m.Bias[0], m.Bias[1] = 0, float32(x)
			near(t, at("z at infinity"), m.Steps([]Preference{{0, 0, 1}}), want, 1e-24)
		}
		m.Bias[0], m.Bias[1] = 0, float32(math.NaN())
		if z := m.Steps([]Preference{{0, 0, 1}}); z == z {
			t.Fatalf("z = %g of what is no number", z)
		}
	})
}

func TestRankerOutside(t *testing.T) {
	m := &Ranker{D: 2, Users: make([]float32, 4), Items: make([]float32, 6), Bias: make([]float32, 3)}
	for _, s := range []Preference{{2, 0, 1}, {-1, 0, 1}, {0, 3, 0}, {0, 0, 3}, {0, -1, 0}, {0, 0, -1}, {0, 1, 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v did not panic", s)
				}
			}()
			m.Steps([]Preference{{0, 0, 1}, s})
		}()
	}
}

func TestLogistic(t *testing.T) {
	for x := float32(-130); x <= 130; x += 0.01 {
		if want := 1 / (1 + math.Exp(-float64(x))); math.Abs(float64(Logistic(x))-want) > 2e-7 {
			t.Fatalf("Logistic(%g) = %g, want %g", x, Logistic(x), want)
		}
	}
	inf := float32(math.Inf(1))
	near(t, at("∞"), Logistic(inf), 1, 0)
	near(t, at("-∞"), Logistic(-inf), 0, 1e-24)
	if z := Logistic(float32(math.NaN())); z == z {
		t.Fatalf("Logistic(NaN) = %g", z)
	}
}

// Blocks as BPR trains them: rows that are in the second-level cache.
func BenchmarkRankerSteps(b *testing.B) {
	const users, items, n = 355, 218, 4000
	for _, d := range []int{64, 128} {
		b.Run(name(d), func(b *testing.B) {
			r := testRand()
			m := &Ranker{D: d, Users: random(r, users*d), Items: random(r, items*d), Bias: random(r, items),
				Rate: 1e-9, KeepUser: 1, KeepBetter: 1, KeepWorse: 1, KeepBias: 1}
			steps := preferences(n, users, items)
			benchmark(b, n*11*d, func() { m.Steps(steps) })
		})
	}
}
