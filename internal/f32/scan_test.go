package f32

import (
	"math"
	"testing"
)

func TestMaxAndFindGreater(t *testing.T) {
	nan := float32(math.NaN())
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		if got := Max(nil); !math.IsInf(float64(got), -1) {
			t.Errorf("Max(nil) = %g", got)
		}
		if got := FindGreater(nil, 0); got != -1 {
			t.Errorf("FindGreater(nil) = %d", got)
		}
		for _, n := range lengths() {
			for at := range n {
				x, _ := guarded(r, n, at%5)
				for i := range x {
					x[i] = -2 - r.Float32()
				}
				x[r.IntN(n)] = nan
				x[at] = -1
				if n > 1 && at < n-1 {
					x[n-1] = -1.5
				}
				if got := Max(x); got != -1 {
					t.Fatalf("%d values: Max = %g, want the -1 at %d", n, got, at)
				}
				if got := FindGreater(x, -1.25); got != at {
					t.Fatalf("%d values: FindGreater = %d, want %d", n, got, at)
				}
				if got := FindGreater(x, -1); got != -1 {
					t.Fatalf("%d values: FindGreater = %d for a value that only equals", n, got)
				}
			}
		}
		x := random(r, 300)
		noAllocs(t, "Max", func() { Max(x) })
		noAllocs(t, "FindGreater", func() { FindGreater(x, 1e9) })
	})
}
