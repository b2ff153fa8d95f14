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

func TestAtLeast(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for words := range 7 {
			for off := range 5 {
				x, _ := guarded(r, 64*words, off)
				want := make([]uint64, words)
				for i := range x {
					switch r.IntN(4) {
					case 0:
						x[i] = .25 // as much as the bar
					case 1:
						x[i] = float32(math.NaN())
					}
					if x[i] >= .25 {
						want[i/64] |= 1 << (i % 64)
					}
				}
				whole := make([]uint64, words+2)
				for i := range whole {
					whole[i] = guard
				}
				AtLeast(whole[1:words+1], x, .25)
				for i, w := range append(append([]uint64{guard}, want...), guard) {
					if whole[i] != w {
						t.Fatalf("word %d of %d is %b, want %b", i-1, words, whole[i], w)
					}
				}
			}
		}
		dst, x := make([]uint64, 3), random(r, 192)
		x[70] = float32(math.Inf(-1))
		if AtLeast(dst, x, x[70]); dst[1] != 1<<64-1 {
			t.Errorf("-Inf is at least -Inf: %b", dst[1])
		}
		noAllocs(t, "AtLeast", func() { AtLeast(dst, x, 0) })
		defer func() {
			if recover() == nil {
				t.Error("191 values beside 3 words: no panic")
			}
		}()
		AtLeast(dst, x[:191], 0)
	})
}
