//go:build !amd64 || purego

package f32

func hasOverlaps() bool { return false }

func addOverlaps(_ []float32, _ int, _, _ []uint64, _, _, _ int) (rows, cols int) { return 0, 0 }
