package eval

import "slices"

// Bias is the popularity bias of a model. The popularity of an item is the share of the
// training part's users who have it.
type Bias struct {
	// History is the mean, over the measured users, of the mean popularity of what they have
	// in training; HeldOut is the mean popularity of what was held out (0 for items that are
	// not in the catalogue).
	History float64 `json:"history"`
	HeldOut float64 `json:"held_out"`
	// Recommended is the mean popularity of what the model recommends, by "popularity@10"; the
	// lift, "lift@10", is by what part it exceeds History (Abdollahpouri et al., 2019).
	Recommended map[string]float64 `json:"recommended"`
	// Baseline is that of popularity.
	Baseline map[string]float64 `json:"baseline"`
	// Consumption is the Gini index of the training interactions over the items; the
	// recommendations' is the metric "gini@10".
	Consumption float64 `json:"consumption"`
	// Curves are the Lorenz curves behind the Gini indices.
	Curves Curves `json:"-"`
}

// Curves are Lorenz curves, those of recommendations by cut-off. Entry i of n is the share that
// the i/(n−1) of the items get which get least.
type Curves struct {
	Consumption           []float64
	Recommended, Baseline map[int][]float64
}

func (t *task) bias(own, base *measured) Bias {
	x, owners := t.split.Train.Interactions, t.catalogue.owners
	popularity := func(i int32) float64 { return float64(owners.RowLen(int(i))) / float64(x.Rows) }
	b := Bias{Recommended: map[string]float64{}, Baseline: map[string]float64{}, Curves: Curves{Recommended: map[int][]float64{}, Baseline: map[int][]float64{}}}
	var heldOut float64
	pairs := 0
	for n, u := range t.users {
		items, _ := x.Row(int(u))
		var sum float64
		for _, i := range items {
			sum += popularity(i)
		}
		b.History += sum / float64(max(len(items), 1)) / float64(len(t.users))
		for _, i := range t.relevant[n] {
			heldOut += popularity(i)
		}
		pairs += len(t.relevant[n]) + int(t.missing[n])
	}
	b.HeldOut = heldOut / float64(max(pairs, 1))
	consumed := make([]int64, x.Cols)
	for i := range consumed {
		consumed[i] = int64(owners.RowLen(i))
	}
	b.Consumption, b.Curves.Consumption = gini(consumed), lorenz(consumed)
	for _, of := range []struct {
		m      *measured
		dst    map[string]float64
		curves map[int][]float64
	}{{own, b.Recommended, b.Curves.Recommended}, {base, b.Baseline, b.Curves.Baseline}} {
		for c, k := range t.o.Ks {
			var sum, all float64
			for i, n := range of.m.counts[c] {
				sum += float64(n) * popularity(int32(i))
				all += float64(n)
			}
			of.dst[at("popularity", k)] = sum / max(all, 1)
			if b.History > 0 {
				of.dst[at("lift", k)] = (sum/max(all, 1) - b.History) / b.History
			}
			of.curves[k] = lorenz(of.m.counts[c])
		}
	}
	return b
}

// lorenzPoints is the resolution of a Lorenz curve, both ends counted.
const lorenzPoints = 513

// lorenz returns the curve of counts at equal steps, linear between the items.
func lorenz(counts []int64) []float64 {
	sums := slices.Clone(counts)
	slices.Sort(sums)
	var total int64
	for i, c := range sums {
		total += c
		sums[i] = total
	}
	out := make([]float64, lorenzPoints)
	if total == 0 {
		return out
	}
	for p := range out {
		x := float64(p) / (lorenzPoints - 1) * float64(len(sums))
		whole := int(x)
		var y float64
		if whole > 0 {
			y = float64(sums[whole-1])
		}
		if whole < len(sums) {
			next := float64(sums[whole])
			if whole > 0 {
				next -= float64(sums[whole-1])
			}
			y += (x - float64(whole)) * next
		}
		out[p] = y / float64(total)
	}
	return out
}
