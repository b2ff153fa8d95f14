package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// forEachImpl runs f under every implementation that this machine has.
func forEachImpl(t *testing.T, f func(t *testing.T)) {
	for l := levelGo; l <= detect(); l++ {
		t.Run(l.String(), func(t *testing.T) {
			force(t, l)
			f(t)
		})
	}
}

func force(tb testing.TB, l level) {
	was := impl
	impl = l
	tb.Cleanup(func() { impl = was })
}

func testRand() *rand.Rand { return rand.New(rand.NewPCG(7, 11)) }

// guard is what surrounds the data of guarded.
const guard = 12345

// guarded returns n random values that start off floats after an aligned address, inside a larger slice
// whose other values are guard. Checking the larger slice shows writes that went astray.
func guarded(r *rand.Rand, n, off int) (data, whole []float32) {
	whole = make([]float32, off+n+32)
	for i := range whole {
		whole[i] = guard
	}
	data = whole[off : off+n : off+n]
	for i := range data {
		data[i] = float32(r.NormFloat64())
	}
	return data, whole
}

func checkGuard(t *testing.T, whole []float32, off, n int) {
	t.Helper()
	for i, v := range whole {
		if (i < off || i >= off+n) && v != guard {
			t.Fatalf("wrote outside: position %d of %d", i-off, n)
		}
	}
}

func random(r *rand.Rand, n int) []float32 {
	x, _ := guarded(r, n, 0)
	return x
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }

// place says what is checked and at which indices; it is only printed when a check fails.
type place struct {
	what string
	at   [4]int
	n    int
}

func at(what string, indices ...int) place {
	p := place{what: what}
	p.n = copy(p.at[:], indices)
	return p
}

func (p place) String() string { return fmt.Sprint(p.what, p.at[:p.n]) }

// near checks got against a reference computed in float64, in units of scale.
func near(t *testing.T, what place, got float32, want, scale float64) {
	t.Helper()
	if d := math.Abs(float64(got) - want); !(d <= 1e-6*scale+1e-30) {
		t.Fatalf("%v = %g, want %g (off by %g, allowed %g)", what, got, want, d, 1e-6*scale)
	}
}

func same(t *testing.T, what place, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%v: value %d is %g, want exactly %g", what, i, got[i], want[i])
		}
	}
}

func noAllocs(t *testing.T, what string, f func()) {
	t.Helper()
	f()
	if n := testing.AllocsPerRun(20, f); n != 0 {
		t.Errorf("%s allocates %v times", what, n)
	}
}

// lengths covers every tail of every kernel and both sides of the unrolled loops.
func lengths() []int {
	var n []int
	for i := range 70 {
		n = append(n, i)
	}
	return append(n, 95, 96, 97, 127, 128, 129, 255, 256, 257, 260)
}

// benchmark times f under every implementation and reports flops per call as GFLOP/s.
func benchmark(b *testing.B, flops int, f func()) {
	for l := levelGo; l <= detect(); l++ {
		b.Run(l.String(), func(b *testing.B) {
			force(b, l)
			f()
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(flops)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func name(parts ...int) string { return fmt.Sprint(parts) }
