package f32

import (
	"fmt"
	"math"
)

// SkipGram trains vectors of two sides by skip-gram with negative sampling, step by step.
type SkipGram struct {
	D             int       // values of a row, at least 1
	Input, Output []float32 // rows of D values; they must not overlap
	Targets       int       // of a step, at least 1: the context and the negatives
	Rate          float32   // the length of a step

	moves []float32 // of the targets of a step, in steps along the input row
}

// Steps takes a step for each row of inputs in turn and returns the sum of the losses before the
// steps. The targets of step s, rows of Output, start at targets[s*Targets]: the context, then
// negatives, of which those that are the context do not count. It is
//
//	for s, i := range inputs {
//		v, idx := row i of Input, targets[s*Targets:(s+1)*Targets]
//		for k, t := range idx {
//			x := Dot(v, row t of Output)
//			switch {
//			case k == 0:
//				loss += log(1 + exp(-x))
//				moves[k] = Rate / (1 + exp(x))
//			case t != idx[0]:
//				loss += log(1 + exp(x))
//				moves[k] = -Rate / (1 + exp(-x))
//			default:
//				moves[k] = 0
//			}
//		}
//		next := clone(v)
//		for k, t := range idx {
//			row := row t of Output
//			for f := range v {
//				next[f] += moves[k] * row[f]
//				row[f] += moves[k] * v[f]
//			}
//		}
//		copy(v, next)
//	}
//
// with every x beyond ±86 taken as that. A move is exact to within 2·10⁻⁷ of Rate. It panics if
// targets is not Targets times as long as inputs, or a row lies outside.
func (m *SkipGram) Steps(inputs, targets []int32) (loss float64) {
	if m.D < 1 || m.Targets < 1 || len(targets) != len(inputs)*m.Targets {
		panic(fmt.Sprintf("f32: %d inputs with %d targets, not %d of %d values each", len(inputs), len(targets), m.Targets, m.D))
	}
	checkRows(m.Input, inputs, m.D)
	checkRows(m.Output, targets, m.D)
	if n := 4 * groupsOfFour(m.Targets); len(m.moves) < n {
		m.moves = make([]float32, n)
	}
	// As many at a time as the exponents of an oddsProduct can hold.
	most := max(1, 1<<22/m.Targets)
	for len(inputs) > 0 {
		n := min(len(inputs), most)
		loss += skipGramSteps(m, inputs[:n], targets[:n*m.Targets])
		inputs, targets = inputs[n:], targets[n*m.Targets:]
	}
	return loss
}

func groupsOfFour(n int) int { return (n + 3) / 4 }

func skipGramStepsGo(m *SkipGram, inputs, targets []int32) (loss float64) {
	moves := m.moves[:m.Targets]
	product := 1.
	for s, i := range inputs {
		v, idx := m.Input[int(i)*m.D:(int(i)+1)*m.D], targets[s*m.Targets:(s+1)*m.Targets]
		gemvRows(moves, m.Output, idx, v)
		for k, x := range moves {
			sign := float32(1)
			if k == 0 {
				sign = -1
			} else if idx[k] == idx[0] {
				moves[k] = 0
				continue
			}
			against := odds(sign * x)
			moves[k] = -sign * m.Rate * (against / (1 + against))
			if product *= float64(1 + against); product > 1e250 {
				loss, product = loss+math.Log(product), 1
			}
		}
		moveTargets(v, m.Output, idx, moves)
	}
	return loss + math.Log(product)
}

// moveTargets takes the vectors in parts, as long as memory for v's next values that does not escape.
func moveTargets(v, u []float32, idx []int32, moves []float32) {
	var next [128]float32
	for from := 0; from < len(v); from += len(next) {
		part := v[from:min(from+len(next), len(v))]
		n := copy(next[:], part)
		for k, r := range idx {
			row := u[int(r)*len(v)+from:][:n]
			axpy(moves[k], row, next[:n])
			axpy(moves[k], part, row)
		}
		copy(part, next[:])
	}
}
