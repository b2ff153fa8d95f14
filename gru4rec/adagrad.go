package gru4rec

import "github.com/recsys-lite/recsys/internal/f32"

// epsilon lies inside the root of Adagrad.
const epsilon = 1e-6

// weights is a tensor in training, with the state of its optimiser.
type weights struct {
	w        []float32
	acc      []float32 // Σ g²
	velocity []float32 // nil without momentum
}

// optimiser is Adagrad with the momentum of the official code:
//
//	acc += g²
//	v = momentum·v − rate·g/√(acc + 1e-6)
//	w += v
type optimiser struct{ rate, momentum float32 }

func (o optimiser) track(w []float32) *weights {
	t := &weights{w: w, acc: make([]float32, len(w))}
	if o.momentum > 0 {
		t.velocity = make([]float32, len(w))
	}
	return t
}

// step updates the len(g) elements of t from at on.
func (o optimiser) step(t *weights, at int, g []float32) {
	w, acc := t.w[at:at+len(g)], t.acc[at:at+len(g)]
	if o.momentum == 0 {
		f32.Adagrad(w, acc, g, o.rate, epsilon)
		return
	}
	v := t.velocity[at : at+len(g)]
	f32.Scale(o.momentum, v)
	f32.Adagrad(v, acc, g, o.rate, epsilon)
	f32.Add(w, v)
}
