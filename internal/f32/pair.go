package f32

// DotDiff compares two vectors along a third. It is
//
//	var s float32
//	for i := range p {
//		s += p[i] * (a[i] - b[i])
//	}
//	return s
//
// It panics if a or b is shorter than p.
func DotDiff(p, a, b []float32) float32 {
	return dotDiff(p, a[:len(p):len(a)], b[:len(p):len(b)])
}

// PairStep takes one step of pairwise ranking, each vector shrunk by a factor of
// its own. It is
//
//	for i := range p {
//		pi, ai, bi := p[i], a[i], b[i]
//		p[i] = sp*pi + step*(ai-bi)
//		a[i] = sa*ai + step*pi
//		b[i] = sb*bi - step*pi
//	}
//
// It panics if a or b is shorter than p.
func PairStep(p, a, b []float32, step, sp, sa, sb float32) {
	pairStep(p, a[:len(p):len(a)], b[:len(p):len(b)], step, sp, sa, sb)
}

// PairGradient writes the gradient of weight·⟨p, b − a⟩. It is
//
//	for i := range p {
//		gp[i] = weight * (b[i] - a[i])
//		ga[i] = -weight * p[i]
//		gb[i] = weight * p[i]
//	}
//
// It panics if another slice is shorter than p.
func PairGradient(gp, ga, gb, p, a, b []float32, weight float32) {
	n := len(p)
	pairGradient(gp[:n:len(gp)], ga[:n:len(ga)], gb[:n:len(gb)], p, a[:n:len(a)], b[:n:len(b)], weight)
}

func dotDiffGo(p, a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	a, b = a[:len(p)], b[:len(p)]
	i := 0
	for ; i+4 <= len(p); i += 4 {
		p, a, b := p[i:i+4:i+4], a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += p[0] * (a[0] - b[0])
		s1 += p[1] * (a[1] - b[1])
		s2 += p[2] * (a[2] - b[2])
		s3 += p[3] * (a[3] - b[3])
	}
	for ; i < len(p); i++ {
		s0 += p[i] * (a[i] - b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func pairStepGo(p, a, b []float32, step, sp, sa, sb float32) {
	a, b = a[:len(p)], b[:len(p)]
	for i, pi := range p {
		ai, bi := a[i], b[i]
		p[i] = sp*pi + step*(ai-bi)
		a[i] = sa*ai + step*pi
		b[i] = sb*bi - step*pi
	}
}

func pairGradientGo(gp, ga, gb, p, a, b []float32, weight float32) {
	for i, v := range p {
		gp[i] = weight * (b[i] - a[i])
		gb[i] = weight * v
		ga[i] = -gb[i]
	}
}
