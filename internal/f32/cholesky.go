package f32

// factored is a factored diagonal tile, without gaps, and the reciprocals of its diagonal.
type factored struct {
	tile [16 * 16]float32
	inv  [16]float32
}

// Cholesky factors a symmetric positive definite a (n×n, lower triangle) in place
// into l·lᵀ. It is
//
//	for i := range n {
//		for j := range i + 1 {
//			s := a[i*n+j] - Dot(a[i*n:i*n+j], a[j*n:j*n+j])
//			if i > j {
//				a[i*n+j] = s / a[j*n+j]
//			} else if s > 0 {
//				a[i*n+i] = sqrt(s)
//			} else {
//				return false
//			}
//		}
//	}
//	return true
//
// What lies above the diagonal is neither used nor written. If it returns false, a is not positive
// definite (or holds a NaN) and is as it was. It keeps a copy of a meanwhile, and is meant for
// matrices that fit the second-level cache.
func Cholesky(a []float32, n int) bool {
	if n == 0 {
		return true
	}
	a = a[: n*n : len(a)]
	w := bandWidth()
	padded := (n + w - 1) / w * w
	ld := oddLines(padded)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	u := s.take(padded * ld)
	readLower(u, ld, padded, a, n)

	// Band after band of the upper factor: subtract the bands above, factor the tile on the
	// diagonal, solve for the tiles right of it.
	var f factored
	for p := 0; p < padded; p += w {
		band := u[p*ld:]
		if p > 0 {
			for j := p; j < padded; j += w {
				updateTile(p, u[p:], u[j:], band[j:], ld)
			}
		}
		if !cholTile(band[p:], ld, &f) {
			return false
		}
		if right := p + w; right < padded {
			solveTiles(&f, band[right:], ld, (padded-right)/w)
		}
	}
	writeLower(a, n, u, ld)
	return true
}

// strip is how many rows readLower and writeLower move at once.
const strip = 8

// readLower sets the upper triangle of u to the transpose of the lower one of a (n×n), bordered
// by a unit matrix up to the size padded. Left of the diagonal u holds anything.
func readLower(u []float32, ld, padded int, a []float32, n int) {
	for i := 0; i < n; i += strip {
		rows := min(strip, n-i)
		transpose(u[i:], ld, a[i*n:], n, rows, i+rows)
	}
	for j := range padded {
		clear(u[j*ld+n : j*ld+padded])
	}
	for j := n; j < padded; j++ {
		u[j*ld+j] = 1
	}
}

// writeLower sets the lower triangle of a (n×n) to the transpose of the upper one of u.
func writeLower(a []float32, n int, u []float32, ld int) {
	for j := 0; j < n; j += strip {
		rows := min(strip, n-j)
		for k := range rows {
			for i := range k + 1 {
				a[(j+k)*n+j+i] = u[(j+i)*ld+j+k]
			}
		}
		if below := j + rows; below < n {
			transpose(a[below*n+j:], n, u[j*ld+below:], ld, rows, n-below)
		}
	}
}
