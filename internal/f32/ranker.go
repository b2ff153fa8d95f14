package f32

import "fmt"

// Ranker trains vectors of two sides and the biases of one by pairwise ranking, step by step.
type Ranker struct {
	D     int       // values of a row, at least 1
	Users []float32 // rows of D values
	Items []float32 // rows of D values
	Bias  []float32 // of each item

	Rate float32 // the length of a step
	// What a step multiplies what it touches by, before it moves it.
	KeepUser, KeepBetter, KeepWorse, KeepBias float32
}

// Preference is what a step learns from: a user prefers one item to another.
type Preference struct{ User, Better, Worse int32 }

// Steps takes a step for each preference in turn and returns the sum of the probabilities z that
// the model gave to the opposite. It is
//
//	for _, s := range steps {
//		p, a, b := row s.User of Users, rows s.Better and s.Worse of Items
//		z := 1 / (1 + exp(Bias[s.Better] - Bias[s.Worse] + DotDiff(p, a, b)))
//		PairStep(p, a, b, Rate*z, KeepUser, KeepBetter, KeepWorse)
//		Bias[s.Better] = KeepBias*Bias[s.Better] + Rate*z
//		Bias[s.Worse] = KeepBias*Bias[s.Worse] - Rate*z
//		sum += z
//	}
//
// with z as Logistic has it. It panics if a row lies outside, or Better is Worse.
func (r *Ranker) Steps(steps []Preference) (sum float32) {
	users, items := len(r.Users)/r.D, min(len(r.Items)/r.D, len(r.Bias))
	for _, s := range steps {
		if uint(s.User) >= uint(users) || uint(s.Better) >= uint(items) || uint(s.Worse) >= uint(items) || s.Better == s.Worse {
			panic(fmt.Sprintf("f32: preference %+v outside of %d users and %d items", s, users, items))
		}
	}
	if len(steps) == 0 {
		return 0
	}
	return rankerSteps(r, steps)
}

func rankerStepsGo(r *Ranker, steps []Preference) (sum float32) {
	row := func(m []float32, i int32) []float32 { return m[int(i)*r.D : (int(i)+1)*r.D] }
	for _, s := range steps {
		p, a, b := row(r.Users, s.User), row(r.Items, s.Better), row(r.Items, s.Worse)
		z := Logistic(r.Bias[s.Worse] - r.Bias[s.Better] - dotDiff(p, a, b))
		step := r.Rate * z
		pairStep(p, a, b, step, r.KeepUser, r.KeepBetter, r.KeepWorse)
		r.Bias[s.Better] = r.KeepBias*r.Bias[s.Better] + step
		r.Bias[s.Worse] = r.KeepBias*r.Bias[s.Worse] - step
		sum += z
	}
	return sum
}
