//go:build amd64 && !purego

package f32

import "math"

func skipGramSteps(m *SkipGram, inputs, targets []int32) float64 {
	if impl == levelGo {
		return skipGramStepsGo(m, inputs, targets)
	}
	odds := oddsProduct{fractions: [4]float32{1, 1, 1, 1}}
	product, exponents := &odds.fractions[0], &odds.exponents[0]
	if impl == levelAVX512 {
		skipGramAVX512(&m.Input[0], &m.Output[0], m.D, &inputs[0], &targets[0], len(inputs), m.Targets, &m.moves[0], m.Rate, product, exponents)
	} else {
		skipGramAVX2(&m.Input[0], &m.Output[0], m.D, &inputs[0], &targets[0], len(inputs), m.Targets, &m.moves[0], m.Rate, product, exponents)
	}
	return odds.log(len(inputs) * groupsOfFour(m.Targets))
}

// oddsProduct is the product of numbers that a float32 can hold one by one: in each lane a
// number in [1, 2) and the sum of the exponents, with the bias of a float32's exponent.
type oddsProduct struct {
	fractions [4]float32
	exponents [4]int32
}

// log is the logarithm of the product, n numbers in each lane.
func (p *oddsProduct) log(n int) (sum float64) {
	for lane, f := range p.fractions {
		sum += math.Log(float64(f)) + math.Ln2*float64(int(p.exponents[lane])-127*n)
	}
	return sum
}
