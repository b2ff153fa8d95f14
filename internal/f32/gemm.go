package f32

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
	c, a, b = c[:m*n], a[:m*k], b[:k*n]
	for i := range m {
		for l := range k {
			axpy(a[i*k+l], b[l*n:(l+1)*n], c[i*n:(i+1)*n])
		}
	}
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
	c, a, b = c[:m*n], a[:m*k], b[:n*k]
	for i := range m {
		for j := range n {
			c[i*n+j] += dot(a[i*k:(i+1)*k], b[j*k:(j+1)*k])
		}
	}
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
	c, a, b = c[:m*n], a[:k*m], b[:k*n]
	for l := range k {
		for i := range m {
			axpy(a[l*m+i], b[l*n:(l+1)*n], c[i*n:(i+1)*n])
		}
	}
}
