package f32

// The block sizes of a product: gemmDepth values of the inner dimension, gemmRows rows
// of the left factor and gemmCols columns of the right one are packed at a time. Rows and columns are
// multiples of every tile shape.
const (
	gemmDepth = 256
	gemmRows  = 192
	gemmCols  = 1536
)

// GemmNN adds a product: c (m×n) += a (m×k) · b (k×n). It is
//
//	for i := range m {
//		for j := range n {
//			for l := range k {
//				c[i*n+j] += a[i*k+l] * b[l*n+j]
//			}
//		}
//	}
func GemmNN(c, a, b []float32, m, n, k int) {
	Gemm(Matrix{c[: m*n : len(c)], n, false}, 1, Matrix{a[: m*k : len(a)], k, false}, Matrix{b[: k*n : len(b)], n, false}, m, n, k)
}

// GemmNT adds a product with b transposed: c (m×n) += a (m×k) · bᵀ, b being n×k. It is
//
//	for i := range m {
//		for j := range n {
//			for l := range k {
//				c[i*n+j] += a[i*k+l] * b[j*k+l]
//			}
//		}
//	}
func GemmNT(c, a, b []float32, m, n, k int) {
	Gemm(Matrix{c[: m*n : len(c)], n, false}, 1, Matrix{a[: m*k : len(a)], k, false}, Matrix{b[: n*k : len(b)], k, true}, m, n, k)
}

// GemmTN adds a product with a transposed: c (m×n) += aᵀ · b (k×n), a being k×m. It is
//
//	for i := range m {
//		for j := range n {
//			for l := range k {
//				c[i*n+j] += a[l*m+i] * b[l*n+j]
//			}
//		}
//	}
func GemmTN(c, a, b []float32, m, n, k int) {
	Gemm(Matrix{c[: m*n : len(c)], n, false}, 1, Matrix{a[: k*m : len(a)], m, true}, Matrix{b[: k*n : len(b)], n, false}, m, n, k)
}

// Matrix is a view of row-major data, possibly a part of a larger matrix.
type Matrix struct {
	Data       []float32
	Stride     int  // from the start of a stored row to that of the next
	Transposed bool // element (i, j) lies at Data[j*Stride+i], not Data[i*Stride+j]
}

// at returns the part of x that starts at element (i, j).
func (x Matrix) at(i, j int) Matrix {
	if x.Transposed {
		i, j = j, i
	}
	x.Data = x.Data[i*x.Stride+j:]
	return x
}

// Gemm adds a multiple of a product of parts of larger matrices, alpha·a·b, to c, which must not
// be transposed. It is
//
//	for i := range m {
//		for j := range n {
//			for l := range k {
//				c(i, j) += alpha * a(i, l) * b(l, j)
//			}
//		}
//	}
func Gemm(c Matrix, alpha float32, a, b Matrix, m, n, k int) {
	if m == 0 || n == 0 || k == 0 {
		return
	}
	tile := gemmShape()
	depth := min(k, gemmDepth)
	rows, cols := roundUp(min(m, gemmRows), tile.rows), roundUp(min(n, gemmCols), tile.cols)
	s := scratches.Get().(*scratch)
	buf := s.take((rows + cols) * depth)
	left, right := buf[:rows*depth], buf[rows*depth:]
	for j := 0; j < n; j += gemmCols {
		nn := min(n-j, gemmCols)
		for l := 0; l < k; l += gemmDepth {
			kk := min(k-l, gemmDepth)
			PackRight(right, b.at(l, j), nn, kk)
			for i := 0; i < m; i += gemmRows {
				mm := min(m-i, gemmRows)
				PackLeft(left, alpha, a.at(i, l), mm, kk)
				GemmPacked(c.at(i, j), left, right, mm, nn, kk)
			}
		}
	}
	scratches.Put(s)
}
