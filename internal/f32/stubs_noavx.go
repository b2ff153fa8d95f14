//go:build !amd64 || purego

package f32

// What only amd64 has kernels for.

func skipGramSteps(m *SkipGram, inputs, targets []int32) float64 {
	return skipGramStepsGo(m, inputs, targets)
}

func packRows(plain, weighted []float32, ld int, a []float32, d int, idx []int32, w []float32) {
	packRowsGo(plain, weighted, ld, a, d, idx, w)
}

func copyPanel(dst []float32, w int, src []float32, lds, k int) { copyPanelGo(dst, w, src, lds, k) }

func cholTile(u []float32, ld int, f *factored) bool { return cholTileGo(u, ld, f) }

func solveTiles(f *factored, x []float32, ld, n int) { solveTilesGo(f, x, ld, n) }

func maxIndex(x []int32) uint32 { return maxIndexGo(x) }

func rankerSteps(r *Ranker, steps []Preference) float32 { return rankerStepsGo(r, steps) }
