package lightfm

import (
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// rule turns gradients into steps.
type rule struct {
	schedule  Schedule
	rate      float32
	rho, epsi float32
}

func (c *Config) rule() rule {
	return rule{schedule: c.Schedule, rate: float32(c.LearningRate), rho: float32(c.Rho), epsi: float32(c.Epsilon)}
}

// table is the parameters of a set of features: a row is a vector with the bias behind it.
type table struct {
	d int // length of a row
	// w are the parameters, grad the sums (Adagrad) or running means (Adadelta) of squared
	// gradients, and step, of Adadelta only, the running means of squared steps.
	w, grad, step []float32
}

func (r *rule) newTable(rows, d int) table {
	t := table{d: d, w: make([]float32, rows*d), grad: make([]float32, rows*d)}
	if r.schedule == Adadelta {
		t.step = make([]float32, rows*d)
		return t
	}
	for i := range t.grad {
		t.grad[i] = 1
	}
	return t
}

// init draws the vectors, each from a stream of its own: a row does not depend on how many
// others there are. Biases start at 0.
func (t *table) init(seed, stream uint64) {
	var r rng.Rand
	for i := range t.rows() {
		r.Seed(seed, stream, uint64(i))
		row := t.row(i)
		for f := range row[:t.d-1] {
			row[f] = (r.Float32() - 0.5) / float32(t.d-1)
		}
	}
}

func (t *table) rows() int { return len(t.w) / t.d }

func (t *table) row(i int) []float32 { return t.w[i*t.d : (i+1)*t.d : (i+1)*t.d] }

// take moves row i of t against gradient g.
func (r *rule) take(t *table, i int, g []float32) {
	lo, hi := i*t.d, (i+1)*t.d
	if r.schedule == Adagrad {
		f32.Adagrad(t.w[lo:hi], t.grad[lo:hi], g, r.rate, 0)
		return
	}
	w, grad, step := t.w[lo:hi], t.grad[lo:hi], t.step[lo:hi]
	for f, v := range g {
		grad[f] = r.rho*grad[f] + (1-r.rho)*v*v
		move := v * sqrt(step[f]+r.epsi) / sqrt(grad[f]+r.epsi)
		step[f] = r.rho*step[f] + (1-r.rho)*move*move
		w[f] -= move
	}
}

// decay takes the steps of the penalty alpha/2·‖w‖² that are due after a number of steps, each
// parameter at its own rate η_w, as one implicit step w/(1 + alpha·steps·η_w): it never
// overshoots, however many are due.
func (r *rule) decay(t *table, lo, hi int, alpha, steps float64) {
	a := float32(alpha * steps)
	for f := lo * t.d; f < hi*t.d; f++ {
		rate := r.rate / sqrt(t.grad[f])
		if r.schedule == Adadelta {
			rate = sqrt(t.step[f]+r.epsi) / sqrt(t.grad[f]+r.epsi)
		}
		t.w[f] /= 1 + a*rate
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
