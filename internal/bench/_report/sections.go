package main

import (
	"fmt"
	"strings"

	"golang.org/x/perf/benchmath"
)

// section is a table of the report.
type section struct {
	title, text string
	runs        []job
	columns     []column
}

// column shows a unit that benchmarks report, scaled; a result without it leaves it empty.
type column struct {
	head, unit string
	scale      float64
	spread     bool
	// ofPeak shows the share of the machine's peak instead.
	ofPeak bool
}

const here = "./internal/bench"

var sections = []section{
	{
		title: "Training",
		text: `Time of a pass: a fit of several passes, everything included, divided by their number. S1 is 6,040 users × 3,706
items × 1.0 M events, S2 50,000 × 20,000 × 5.0 M. GRU4Rec (cross-entropy,
100 units, 64 sessions side by side) learns the first tenth of S1; item2vec has 100 dimensions and window 5.`,
		runs: []job{
			{pkg: here, bench: "^Benchmark(ALS|BPR|LightFM)$", benchtime: "5x"},
			{pkg: here, bench: "^Benchmark(Item2vec|GRU4Rec)$", benchtime: "1x"},
		},
		columns: []column{{head: "s/pass", unit: "sec/op", scale: 1, spread: true}, {head: "tokens/s", unit: "tokens/s", scale: 1},
			{head: "events/s", unit: "events/s", scale: 1}},
	},
	{
		title: "EASE",
		text:  "The whole fit in float32, Gram matrix included. GFLOP/s count the n³ operations of Cholesky factor and inverse.",
		runs: []job{
			{pkg: here, bench: "^BenchmarkEASE$/^items=3706$", benchtime: "3x"},
			{pkg: here, bench: "^BenchmarkEASE$/^items=10000$", benchtime: "1x"},
			{pkg: here, bench: "^BenchmarkEASE$/^items=20000$", benchtime: "1x", once: true},
		},
		columns: []column{{head: "s", unit: "sec/op", scale: 1, spread: true}, {head: "GFLOP/s", unit: "GFLOP/s", scale: 1}},
	},
	{
		title: "Ranking",
		text: `Exact. One request by one goroutine: the best 10 of 20,000 items for a known user, by the
model and as a request of an engine, which reads a sketch of the vectors first (retail: 3,624 items, Online Retail); the vector of an unknown user of
50 events; the same written into the model. RecommendUnseen ranks for all users of a set, their own items left out, on
all cores. Catalogue is a request of an engine by number of items: with equal norms
it reads the sketches of all, 1.5 MB at 20,000, 12 MB at 160,000 and 49 MB, more than the third-level cache
holds, at 640,000; with norms that spread like those of a shop, of the longest only.`,
		runs: []job{
			{pkg: here, bench: "^Benchmark(Recommend|Engine|FoldIn)$", benchtime: "3000x"},
			{pkg: here, bench: "^BenchmarkRecommendUnseen$", benchtime: "5x"},
			{pkg: here, bench: "^BenchmarkCatalogue$", benchtime: "200x"},
		},
		columns: []column{{head: "µs", unit: "sec/op", scale: 1e6, spread: true}, {head: "p50 µs", unit: "p50-sec", scale: 1e6}, {head: "p99 µs", unit: "p99-sec", scale: 1e6},
			{head: "users/s", unit: "users/s", scale: 1}, {head: "ns/item", unit: "sec/item", scale: 1e9}},
	},
	{
		title: "Kernels",
		text:  "On one core. Peak is fused multiply-adds that touch no memory, in the widest vectors the kernels use. What does next to no arithmetic (max, findGreater, atLeast, transpose, topkMerge) and the elementwise functions count one operation per value; codeBounds counts operations on bytes, of which a vector holds four times as many, overlaps three operations per word of 64 bits.",
		runs:  []job{{pkg: here, bench: "^Benchmark(Peak|Kernel)$", benchtime: "50ms"}},
		columns: []column{{head: "GFLOP/s", unit: "GFLOP/s", scale: 1, spread: true},
			{head: "of the peak", unit: "GFLOP/s", scale: 1, ofPeak: true}},
	},
	{
		title: "Memory and growth",
		text: `The peak of a fit, data included, beside the size of data and parameters (S2; GRU4Rec: S1; EASE: 10,000 items), with the
garbage collector at work often enough to leave little garbage. Growth is ALS with 64 factors on 1 to 20 million events. Open
reads an artifact of 1 M × 64 factors, checksums included.`,
		runs: []job{
			{pkg: here, bench: "^BenchmarkMemory$/^(als|bpr|lightfm|item2vec|ease|itemknn|sessionknn)", benchtime: "1x", once: true},
			// Alone: the garbage that the collector leaves is a share of all that is held, and the
			// data of the others are a multiple of this model's.
			{pkg: here, bench: "^BenchmarkMemory$/^gru4rec", benchtime: "1x", once: true},
			{pkg: here, bench: "^BenchmarkGrowth$", benchtime: "1x", once: true},
			{pkg: "./model", bench: "^BenchmarkOpen$", benchtime: "1x"},
		},
		columns: []column{{head: "s", unit: "sec/op", scale: 1}, {head: "peak, MiB", unit: "peak-MiB", scale: 1},
			{head: "peak ÷ (data + parameters)", unit: "peak/(data+parameters)", scale: 1}, {head: "ns/event and pass", unit: "sec/event", scale: 1e9}},
	},
}

func (s *section) mark() string { return "section " + strings.ToLower(s.title) }

// result holds the values of a benchmark, by unit.
type result struct {
	name   string
	values map[string][]float64
}

func (r *result) summary(unit string) benchmath.Summary {
	sample := benchmath.NewSample(r.values[unit], &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(sample, 0.95)
}

// markdown is the section's table. Columns that no result fills are left out.
func (s *section) markdown(results []*result, peak float64) string {
	var out strings.Builder
	fmt.Fprintf(&out, "## %s\n\n%s\n\n", s.title, s.text)
	var columns []column
	for _, c := range s.columns {
		for _, r := range results {
			if len(r.values[c.unit]) > 0 {
				columns = append(columns, c)
				break
			}
		}
	}
	out.WriteString("| benchmark |")
	for _, c := range columns {
		fmt.Fprintf(&out, " %s |", c.head)
		if c.spread {
			out.WriteString(" ± |")
		}
	}
	out.WriteString("\n|---|")
	for _, c := range columns {
		out.WriteString("---|")
		if c.spread {
			out.WriteString("---|")
		}
	}
	out.WriteString("\n")
	for _, r := range results {
		fmt.Fprintf(&out, "| %s |", r.name)
		for _, c := range columns {
			out.WriteString(c.cells(r, peak))
		}
		out.WriteString("\n")
	}
	out.WriteString("\n")
	return out.String()
}

func (c *column) cells(r *result, peak float64) string {
	if len(r.values[c.unit]) == 0 {
		if c.spread {
			return " | |"
		}
		return " |"
	}
	sum := r.summary(c.unit)
	switch {
	case c.ofPeak:
		if r.name == "Peak" || peak == 0 {
			return " |"
		}
		return fmt.Sprintf(" %.0f %% |", 100*sum.Center/peak)
	case c.spread && len(r.values[c.unit]) == 1:
		return fmt.Sprintf(" %s | one run |", number(sum.Center*c.scale))
	case c.spread:
		return fmt.Sprintf(" %s | %s |", number(sum.Center*c.scale), sum.PctRangeString())
	default:
		return fmt.Sprintf(" %s |", number(sum.Center*c.scale))
	}
}

// number writes three significant digits, thousands apart.
func number(x float64) string {
	if x < 100 {
		return strings.TrimSuffix(fmt.Sprintf("%.3g", x), ".0")
	}
	digits := fmt.Sprintf("%.0f", x)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
