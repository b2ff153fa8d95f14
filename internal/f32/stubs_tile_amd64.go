//go:build amd64 && !purego

package f32

var (
	gemmShapes = [...]shape{levelGo: shapeGo, levelAVX2: {6, 16}, levelAVX512: {12, 32}}
	syrkShapes = [...]shape{levelGo: shapeGo, levelAVX2: {6, 16}, levelAVX512: {16, 16}}
	bandWidths = [...]int{levelGo: bandWidthGo, levelAVX2: 8, levelAVX512: 16}
)

func gemmShape() shape { return gemmShapes[impl] }
func syrkShape() shape { return syrkShapes[impl] }
func bandWidth() int   { return bandWidths[impl] }

func packRows(plain, weighted []float32, ld int, a []float32, d int, idx []int32, w []float32) {
	switch impl {
	case levelAVX512:
		packRowsAVX512(&plain[0], &weighted[0], ld, &a[0], d, idx, &w[0])
	case levelAVX2:
		packRowsAVX2(&plain[0], &weighted[0], ld, &a[0], d, idx, &w[0])
	default:
		packRowsGo(plain, weighted, ld, a, d, idx, w)
	}
}

// copyPanel copies k rows of w values, lds apart, to dst without gaps, for the w of gemmShape.
func copyPanel(dst []float32, w int, src []float32, lds, k int) {
	switch {
	case impl == levelGo:
		copyPanelGo(dst, w, src, lds, k)
	case w == 6:
		copyPanel6AVX2(&dst[0], &src[0], lds, k)
	case w == 12:
		copyPanel12AVX512(&dst[0], &src[0], lds, k)
	case w == 16:
		copyPanel16AVX2(&dst[0], &src[0], lds, k)
	default:
		copyPanel32AVX512(&dst[0], &src[0], lds, k)
	}
}

// transpose moves whole 8×8 blocks with the kernel and the margins one by one.
func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if impl == levelGo {
		transposeGo(dst, ldd, src, lds, rows, cols)
		return
	}
	r, c := rows&^7, cols&^7
	if c > 0 {
		for i := 0; i < r; i += 8 {
			transpose8AVX2(&dst[i], ldd, &src[i*lds], lds, c/8)
		}
	} else {
		r = 0
	}
	if c < cols && r > 0 {
		transposeGo(dst[c*ldd:], ldd, src[c:], lds, r, cols-c)
	}
	if r < rows {
		transposeGo(dst[r:], ldd, src[r*lds:], lds, rows-r, cols)
	}
}

func gemmTile(k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc, m, n int) {
	switch {
	case impl == levelAVX512 && n > 16:
		m, n = min(m, 12), min(n, 32)
		switch {
		case m > 8:
			gemmTile12x32AVX512(k, &a[0], lda, &b[0], ldb, &c[0], ldc, m, n)
		case m > 4:
			gemmTile8x32AVX512(k, &a[0], lda, &b[0], ldb, &c[0], ldc, m, n)
		default:
			gemmTile4x32AVX512(k, &a[0], lda, &b[0], ldb, &c[0], ldc, m, n)
		}
	case impl == levelAVX512:
		switch m = min(m, 12); {
		case m > 8:
			gemmTile12x16AVX512(k, &a[0], lda, &b[0], ldb, &c[0], ldc, m, n)
		case m > 4:
			gemmTile8x16AVX512(k, &a[0], lda, &b[0], ldb, &c[0], ldc, m, n)
		default:
			gemmTile4x16AVX512(k, &a[0], lda, &b[0], ldb, &c[0], ldc, m, n)
		}
	case impl == levelAVX2 && m >= 6 && n >= 16:
		gemmTileAVX2(k, &a[0], lda, &b[0], ldb, &c[0], ldc)
	case impl == levelAVX2:
		var t [6 * 16]float32
		gemmTileAVX2(k, &a[0], lda, &b[0], ldb, &t[0], 16)
		for i := range min(m, 6) {
			add(c[i*ldc:], t[i*16:i*16+min(n, 16)])
		}
	default:
		gemmTileGo(k, a, lda, b, ldb, c, ldc, m, n)
	}
}

// allColumns and diagonal are the masks of a tile that lies wholly below the diagonal and of one on it.
var allColumns, diagonal = func() (all, diag [16]uint16) {
	for i := range all {
		all[i] = 0xffff
		diag[i] = 1<<(i+1) - 1
	}
	return
}()

// syrkTile adds to a tile of c whose first row lies below rows under its first
// diagonal element; m rows and n columns are left from its corner.
func syrkTile(k int, a, b []float32, ld int, c []float32, ldc, below, m, n int) {
	switch impl {
	case levelAVX512:
		masks := &allColumns
		switch {
		case m < 16 || n < 16:
			masks = &[16]uint16{}
			for i := range min(m, 16) {
				masks[i] = 1<<min(below+i+1, n, 16) - 1
			}
		case below == 0:
			masks = &diagonal
		}
		syrkTileAVX512(k, &a[0], ld, &b[0], ld, &c[0], ldc, &masks[0])
	case levelAVX2:
		if below >= 15 && m >= 6 && n >= 16 {
			gemmTileAVX2(k, &a[0], ld, &b[0], ld, &c[0], ldc)
			return
		}
		var t [6 * 16]float32
		gemmTileAVX2(k, &a[0], ld, &b[0], ld, &t[0], 16)
		for i := range min(m, 6) {
			add(c[i*ldc:], t[i*16:i*16+min(below+i+1, n, 16)])
		}
	default:
		syrkTileGo(k, a, b, ld, c, ldc, below, m, n)
	}
}

func updateTile(k int, a, b, c []float32, ld int) {
	switch impl {
	case levelAVX512:
		updateTileAVX512(k, &a[0], ld, &b[0], ld, &c[0], ld)
	case levelAVX2:
		updateTileAVX2(k, &a[0], ld, &b[0], ld, &c[0], ld)
	default:
		updateTileGo(k, a, b, c, ld)
	}
}

func cholTile(u []float32, ld int, f *factored) bool {
	switch impl {
	case levelAVX512:
		return cholTileAVX512(&u[0], ld, &f.tile[0], &f.inv[0])
	case levelAVX2:
		return cholTileAVX2(&u[0], ld, &f.tile[0], &f.inv[0])
	default:
		return cholTileGo(u, ld, f)
	}
}

func solveTiles(f *factored, x []float32, ld, n int) {
	switch impl {
	case levelAVX512:
		solveTilesAVX512(&f.tile[0], &f.inv[0], &x[0], ld, n)
	case levelAVX2:
		solveTilesAVX2(&f.tile[0], &f.inv[0], &x[0], ld, n)
	default:
		solveTilesGo(f, x, ld, n)
	}
}
