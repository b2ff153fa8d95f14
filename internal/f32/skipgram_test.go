package f32

import (
	"math"
	"testing"
)

// drawSkipGram draws steps over a few rows, so that rows come twice in a step, a negative is the
// context, and a step reads what the last ones wrote.
func drawSkipGram(n, targets, inputRows, outputRows int) (inputs, all []int32) {
	r := testRand()
	for range n {
		inputs = append(inputs, int32(r.IntN(inputRows)))
		for range targets {
			all = append(all, int32(r.IntN(outputRows)))
		}
	}
	return inputs, all
}

func TestSkipGramSteps(t *testing.T) {
	const inputRows, outputRows = 3, 5
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		check := func(d, targets, n int) {
			off := (d + targets) % 4
			v, wholeV := guarded(r, inputRows*d, off)
			u, wholeU := guarded(r, outputRows*d, off+1)
			Scale(float32(1/math.Sqrt(float64(d))), v)
			Scale(float32(1/math.Sqrt(float64(d))), u)
			m := &SkipGram{D: d, Input: v, Output: u, Targets: targets, Rate: 0.3}
			wideV, wideU := widen(v), widen(u)
			inputs, all := drawSkipGram(n, targets, inputRows, outputRows)
			want := skipGramReference(m, wideV, wideU, inputs, all)
			near(t, at("loss", d, targets, n), float32(m.Steps(inputs, all)), want, 1+want)
			checkGuard(t, wholeV, off, inputRows*d)
			checkGuard(t, wholeU, off+1, outputRows*d)
			for i := range v {
				near(t, at("input", d, targets, n, i), v[i], wideV[i], 1+math.Abs(wideV[i]))
			}
			for i := range u {
				near(t, at("output", d, targets, n, i), u[i], wideU[i], 1+math.Abs(wideU[i]))
			}
		}
		for _, d := range lengths()[1:] {
			for _, targets := range []int{1, 2, 3, 6, 8, 11} {
				for _, n := range []int{0, 1, 2, 3, 5} {
					check(d, targets, n)
				}
			}
		}
		for targets := 1; targets <= 41; targets++ {
			check(33, targets, 4)
		}
		m := &SkipGram{D: 100, Input: random(r, 10*100), Output: random(r, 10*100), Targets: 6}
		inputs, all := drawSkipGram(50, 6, 10, 10)
		noAllocs(t, "Steps", func() { m.Steps(inputs, all) })
	})
}

// skipGramReference is the loop of the comment at Steps in float64.
func skipGramReference(m *SkipGram, input, output []float64, inputs, targets []int32) (loss float64) {
	for s, i := range inputs {
		v, idx := input[int(i)*m.D:int(i+1)*m.D], targets[s*m.Targets:(s+1)*m.Targets]
		moves := make([]float64, m.Targets)
		for k, t := range idx {
			x := 0.
			for f := range v {
				x += v[f] * output[int(t)*m.D+f]
			}
			switch {
			case k == 0:
				loss += math.Log1p(math.Exp(-x))
				moves[k] = float64(m.Rate) / (1 + math.Exp(x))
			case t != idx[0]:
				loss += math.Log1p(math.Exp(x))
				moves[k] = -float64(m.Rate) / (1 + math.Exp(-x))
			}
		}
		next := append([]float64(nil), v...)
		for k, t := range idx {
			row := output[int(t)*m.D:]
			for f := range v {
				next[f] += moves[k] * row[f]
				row[f] += moves[k] * v[f]
			}
		}
		copy(v, next)
	}
	return loss
}

// The moves and the loss of one product, also of a large one, and of what is no number.
func TestSkipGramProbability(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		m := &SkipGram{D: 1, Input: []float32{1}, Output: []float32{0, 0}, Targets: 2, Rate: 1}
		for x := -85.0; x <= 85; x += 0.01 {
			m.Input[0], m.Output[0], m.Output[1] = 1, float32(x), float32(-x)
			loss := m.Steps([]int32{0}, []int32{0, 1})
			move := 1 / (1 + math.Exp(x))
			near(t, at("loss"), float32(loss), 2*math.Log1p(math.Exp(-x)), 1+math.Abs(x))
			near(t, at("context"), m.Output[0], float64(float32(x))+move, 1+math.Abs(x))
			near(t, at("negative"), m.Output[1], -float64(float32(x))-move, 1+math.Abs(x))
		}
		for _, large := range []float64{1e3, -1e3, 1e30, -1e30, math.Inf(1), math.Inf(-1)} {
			m.Input[0], m.Output[0], m.Output[1] = 1, float32(large), 0
			loss := m.Steps([]int32{0}, []int32{0, 1})
			if want := math.Min(math.Max(0, -large), 86.6); math.Abs(loss-math.Ln2-want) > 1 {
				t.Fatalf("loss %g with a product of %g, want about %g", loss, large, want)
			}
		}
		m.Input[0], m.Output[0] = 1, float32(math.NaN())
		if loss := m.Steps([]int32{0}, []int32{0, 1}); loss == loss || m.Output[0] == m.Output[0] {
			t.Fatalf("loss %g of what is no number", loss)
		}
	})
}

// The sum of the losses of many steps keeps its digits.
func TestSkipGramLossOfMany(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		m := &SkipGram{D: 2, Input: []float32{0.6, 0.8}, Output: []float32{1, 0, 0, 2}, Targets: 5}
		const n = 20_000
		inputs, all := drawSkipGram(n, 5, 1, 2)
		want := skipGramReference(m, widen(m.Input), widen(m.Output), inputs, all)
		if got := m.Steps(inputs, all); math.Abs(got/want-1) > 1e-6 {
			t.Fatalf("loss %g, want %g", got, want)
		}
	})
}

func TestSkipGramOutside(t *testing.T) {
	m := &SkipGram{D: 2, Input: make([]float32, 4), Output: make([]float32, 6), Targets: 2}
	for _, s := range [][2][]int32{{{0, 2}, {0, 1, 0, 1}}, {{-1}, {0, 1}}, {{0}, {3, 0}}, {{0}, {0, -1}}, {{0}, {0, 1, 2}}, {{0, 1}, {0, 1}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v did not panic", s)
				}
			}()
			m.Steps(s[0], s[1])
		}()
	}
}

// Blocks as item2vec trains them: rows that are in the second-level cache.
func BenchmarkSkipGramSteps(b *testing.B) {
	const rows, n = 463, 4000
	for _, d := range []int{64, 112, 128} {
		for _, negatives := range []int{5, 10} {
			b.Run(name(d, negatives), func(b *testing.B) {
				r := testRand()
				m := &SkipGram{D: d, Input: random(r, rows*d), Output: random(r, rows*d), Targets: 1 + negatives, Rate: 1e-9}
				inputs, targets := drawSkipGram(n, m.Targets, rows, rows)
				benchmark(b, n*m.Targets*6*d, func() { m.Steps(inputs, targets) })
			})
		}
	}
}
