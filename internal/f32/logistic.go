package f32

import "math"

// Logistic is 1/(1+e⁻ˣ) of one value, to within 2·10⁻⁷, and NaN for NaN. It takes a fraction of
// the time of math.Exp.
func Logistic(x float32) float32 { return 1 / (1 + odds(-x)) }

// odds is eˣ, but at least 2⁻¹²⁶ and at most 2¹²⁶.
func odds(x float32) float32 {
	// As 2^n·2^f with |f| ≤ ½, and 2^f by its series.
	t := min(max(x*math.Log2E, -126), 126)
	n := int32(t+128.5) - 128
	f := t - float32(n)
	p := 1 + f*(0.69314718+f*(0.24022651+f*(0.05550411+f*(0.00961813+f*(0.00133336+f*0.00015404)))))
	return p * math.Float32frombits(uint32(n+127)<<23)
}
