package f32

// roundUp returns the least multiple of m that is not below n.
func roundUp(n, m int) int { return (n + m - 1) / m * m }

// PackedLeft returns how many floats PackLeft needs for m rows of k values.
func PackedLeft(m, k int) int { return roundUp(m, gemmShape().rows) * k }

// PackedRight returns how many floats PackRight needs for n columns of k values.
func PackedRight(n, k int) int { return roundUp(n, gemmShape().cols) * k }

// PackLeft copies alpha·a (m×k) into the order in which GemmPacked reads its left factor: panels of as
// many rows as a tile has, in each panel column after column.
func PackLeft(dst []float32, alpha float32, a Matrix, m, k int) {
	w := gemmShape().rows
	packPanels(dst, w, a, !a.Transposed, m, k)
	if alpha != 1 {
		scale(alpha, dst[:roundUp(m, w)*k])
	}
}

// PackRight copies b (k×n) into the order in which GemmPacked reads its right factor: panels of as many
// columns as a tile has, in each panel row after row.
func PackRight(dst []float32, b Matrix, n, k int) {
	packPanels(dst, gemmShape().cols, b, b.Transposed, n, k)
}

// packPanels packs n vectors of k values in panels of w vectors, padding the last with zeros. A
// vector is a stored row if rows is set, else a stored column.
func packPanels(dst []float32, w int, x Matrix, rows bool, n, k int) {
	for i := 0; i < n; i += w {
		valid := min(w, n-i)
		panel := dst[:w*k]
		if valid < w {
			clear(panel)
		}
		if rows {
			packRowsAcross(dst, w, x.Data[i*x.Stride:], x.Stride, valid, n-i, k)
		} else if valid == w {
			copyPanel(panel, w, x.Data[i:], x.Stride, k)
		} else {
			for l := range k {
				copy(panel[l*w:l*w+valid], x.Data[l*x.Stride+i:])
			}
		}
		dst = dst[w*k:]
	}
}

// packRowsAcross lays valid rows out across a panel of width w. left rows exist.
func packRowsAcross(panel []float32, w int, rows []float32, stride, valid, left, k int) {
	switch {
	case w%8 == 0:
		transpose(panel, w, rows, stride, valid, k)
	case valid == w && w > 8:
		// Eight at a time; the last eight overlap the ones before.
		transpose(panel, w, rows, stride, 8, k)
		transpose(panel[w-8:], w, rows[(w-8)*stride:], stride, 8, k)
	case valid == w && left >= 8 && w > 4:
		// Eight across a narrower panel: each row of the panel overwrites what the one
		// before spilled, and the next panel what the last row did.
		whole := k &^ 7
		transpose(panel, w, rows, stride, 8, whole)
		if whole < k {
			transpose(panel[whole*w:], w, rows[whole:], stride, valid, k-whole)
		}
	default:
		transpose(panel, w, rows, stride, valid, k)
	}
}

// PackLeftOfRight sets dst to what PackLeft makes of alpha·bᵀ, given what PackRight made of b (k×n).
func PackLeftOfRight(dst []float32, alpha float32, right []float32, n, k int) {
	shape := gemmShape()
	w, cols := shape.rows, shape.cols
	for i := 0; i < n; i += w {
		panel := dst[i*k : (i+w)*k]
		from, at := right[i/cols*cols*k:], i%cols
		// What a panel on the left takes from a second one on the right is copied over what
		// the first copy put there.
		copyPanel(panel, w, from[at:], cols, k-1)
		copy(panel[(k-1)*w:], from[(k-1)*cols+at:k*cols])
		first := cols - at
		switch {
		case first >= w:
		case i+first < n:
			next := from[cols*k:]
			for l := range k {
				copy(panel[l*w+first:(l+1)*w], next[l*cols:])
			}
		default:
			for l := range k {
				clear(panel[l*w+first : (l+1)*w])
			}
		}
	}
	if alpha != 1 {
		scale(alpha, dst[:roundUp(n, w)*k])
	}
}

// Triangle says which factor of a product is triangular, and on which side of its diagonal
// its values lie.
type Triangle uint8

const (
	Whole Triangle = iota // neither
	LeftLower
	LeftUpper
	RightLower
	RightUpper
)

// GemmPacked adds the product of packed factors to c (m×n): c += left·right, over the inner
// dimension k.
func GemmPacked(c Matrix, left, right []float32, m, n, k int) {
	GemmPackedTriangular(c, left, right, m, n, k, Whole)
}

// GemmPackedLower is GemmPacked for a square c (n×n) of which only the lower triangle
// matters: it skips the tiles that lie wholly above the diagonal.
func GemmPackedLower(c Matrix, left, right []float32, n, k int) {
	tile := gemmShape()
	for j := 0; j < n; j += tile.cols {
		for i := j / tile.rows * tile.rows; i < n; i += tile.rows {
			gemmTile(k, left[i*k:], tile.rows, right[j*k:], tile.cols, c.Data[i*c.Stride+j:], c.Stride, n-i, n-j)
		}
	}
}

// GemmPackedTriangular is GemmPacked with a triangular factor, left (m = k) or right (n = k), the
// other half of which holds zeros: it skips most of those.
func GemmPackedTriangular(c Matrix, left, right []float32, m, n, k int, t Triangle) {
	tile := gemmShape()
	for j := 0; j < n; j += tile.cols {
		gemmPanel(c.Data[j:], c.Stride, left, right, m, n, k, j, t)
	}
}

// GemmIntoPacked is GemmPackedTriangular for a c that is packed as by PackRight(c, …, n, m), so that
// it can be the right factor of another product.
func GemmIntoPacked(c, left, right []float32, m, n, k int, t Triangle) {
	tile := gemmShape()
	for j := 0; j < n; j += tile.cols {
		gemmPanel(c[j*m:], tile.cols, left, right, m, roundUp(n, tile.cols), k, j, t)
	}
}

// gemmPanel computes the columns of c from j on, one tile wide. The first of them is at c[0].
func gemmPanel(c []float32, ldc int, left, right []float32, m, n, k, j int, t Triangle) {
	tile := gemmShape()
	for i := 0; i < m; i += tile.rows {
		from, to := 0, k
		switch t {
		case LeftLower:
			to = min(i+tile.rows, k)
		case LeftUpper:
			from = i
		case RightLower:
			from = j
		case RightUpper:
			to = min(j+tile.cols, k)
		}
		gemmTile(to-from, left[i*k+from*tile.rows:], tile.rows, right[j*k+from*tile.cols:], tile.cols, c[i*ldc:], ldc, m-i, n-j)
	}
}
