package datasets

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Shape is the size of a synthetic dataset. Events are distinct pairs of user and item.
type Shape struct {
	Users, Items, Events int
	// Least is the smallest number of events of a user.
	Least int
}

// S1 has the size of MovieLens 1M, S2 that of a shop.
var (
	S1 = Shape{Users: 6040, Items: 3706, Events: 1_000_000, Least: 20}
	S2 = Shape{Users: 50_000, Items: 20_000, Events: 5_000_000, Least: 10}
)

// The world that synthetic users live in.
const (
	tasteDim  = 16  // dimensions of taste
	genres    = 18  // clusters of items
	sharpness = 5   // weight of taste in the logarithm of a choice's odds
	powerLaw  = 0.9 // exponent of the power law, counted from firstRank
	firstRank = 30  // where that law starts

	genreSpread    = 0.6  // of items around their genre
	userSpread     = 0.25 // of users around their mixture of genres
	mixture        = 0.12 // how few genres a user has: the α of a Dirichlet distribution
	activitySpread = 1.05 // of the logarithm of a user's number of events
	wander         = 0.35 // how far the order of events is from a sweep through taste
)

// FeaturesPerItem is how many of its 80 features an item of a synthetic dataset has.
const FeaturesPerItem = 4

// Synthetic draws a dataset: items by a power law, users who choose by latent taste and
// popularity, log-normal activity, events in an order that the next item can be guessed from.
// A shape names one dataset: the same bytes for any number of workers.
func Synthetic(s Shape) *recsys.Dataset {
	r := rng.New(uint64(s.Users)<<32^uint64(s.Items), uint64(s.Events))
	taste, genre := itemTastes(s.Items, r)
	byPopularity := newPopular(s.Items, r)
	counts := activity(s, r)
	d := &recsys.Dataset{
		Interactions: &recsys.CSR{Rows: s.Users, Cols: s.Items, Indptr: make([]int64, s.Users+1)},
		Sequences:    &recsys.Sequences{Indptr: make([]int64, s.Users+1)},
		ItemFeatures: features4(genre, r),
	}
	for u, n := range counts {
		d.Interactions.Indptr[u+1] = d.Interactions.Indptr[u] + int64(n)
	}
	copy(d.Sequences.Indptr, d.Interactions.Indptr)
	d.Interactions.Indices = make([]int32, s.Events)
	d.Sequences.Items, d.Sequences.Times = make([]int32, s.Events), make([]int64, s.Events)
	seed := r.Uint64()
	// Neither the background context nor the body can fail.
	_ = par.Chunks(context.Background(), s.Users, 64, 0, func(_, lo, hi int) error {
		had := recsys.NewBitset(s.Items)
		for u := lo; u < hi; u++ {
			from, to := d.Sequences.Indptr[u], d.Sequences.Indptr[u+1]
			choose(d.Sequences.Items[from:to], taste, byPopularity, had, rng.New(seed, uint64(u)))
			row := d.Interactions.Indices[from:to]
			copy(row, d.Sequences.Items[from:to])
			slices.Sort(row)
			for at := range to - from {
				d.Sequences.Times[from+at] = at + 1
			}
		}
		return nil
	})
	return d
}

// Head is the first users of d.
func Head(d *recsys.Dataset, users int) *recsys.Dataset {
	n := d.Interactions.Indptr[users]
	x := *d.Interactions
	x.Rows, x.Indptr, x.Indices = users, x.Indptr[:users+1], x.Indices[:n]
	return &recsys.Dataset{Interactions: &x, ItemFeatures: d.ItemFeatures,
		Sequences: &recsys.Sequences{Indptr: x.Indptr, Items: d.Sequences.Items[:n], Times: d.Sequences.Times[:n]}}
}

type vector [tasteDim]float32

func (v *vector) dot(w *vector) (s float32) {
	for k, x := range v {
		s += x * w[k]
	}
	return s
}

func (v *vector) add(scale float64, r *rng.Rand) {
	for k := range v {
		v[k] += float32(scale * r.Normal())
	}
}

func (v *vector) normalise() {
	length := float32(math.Sqrt(float64(v.dot(v))))
	for k := range v {
		v[k] /= length
	}
}

// itemTastes places items around the centres of their genres.
func itemTastes(items int, r *rng.Rand) (taste []vector, genre []int32) {
	var centres [genres]vector
	for g := range centres {
		centres[g].add(1, r)
	}
	taste, genre = make([]vector, items), make([]int32, items)
	for i := range taste {
		genre[i] = int32(r.Intn(genres))
		taste[i] = centres[genre[i]]
		taste[i].add(genreSpread, r)
		taste[i].normalise()
	}
	return taste, genre
}

// userTaste mixes the tastes of a few items: a user's genres.
func userTaste(items []vector, r *rng.Rand) (v vector) {
	for range genres {
		// Raising a uniform draw to a high power approximates a gamma draw of a small shape.
		weight := float32(math.Pow(r.Float64(), 1/mixture))
		item := &items[r.Intn(len(items))]
		for k, x := range item {
			v[k] += weight * x
		}
	}
	v.add(userSpread, r)
	v.normalise()
	return v
}

// popular draws items by popularity: a column of the table is an item, kept by a probability of
// keep/2³², and another that fills the rest of its share (Walker's alias method).
type popular []struct {
	keep        uint32
	item, other int32
}

func newPopular(items int, r *rng.Rand) popular {
	p, share, total := make(popular, items), make([]float64, items), 0.
	for i := range share {
		p[i].item = int32(i)
		share[i] = math.Pow(float64(i)+firstRank, -powerLaw)
		total += share[i]
	}
	r.Shuffle(items, func(i, j int) { p[i].item, p[j].item = p[j].item, p[i].item })
	var small, large []int
	for i := range share {
		share[i] *= float64(items) / total
		if share[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		i, j := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		p[i].keep, p[i].other = uint32(share[i]*(1<<32)), p[j].item
		if share[j] -= 1 - share[i]; share[j] < 1 {
			large = large[:len(large)-1]
			small = append(small, j)
		}
	}
	for _, i := range append(small, large...) { // full, but for rounding
		p[i].other = p[i].item
	}
	return p
}

func (p popular) draw(r *rng.Rand) int32 {
	x := r.Uint64()
	c := &p[(x>>32)*uint64(len(p))>>32]
	if uint32(x) < c.keep {
		return c.item
	}
	return c.other
}

// activity draws the number of events of each user.
func activity(s Shape, r *rng.Rand) []int {
	share, total := make([]float64, s.Users), 0.
	for u := range share {
		share[u] = math.Exp(activitySpread * r.Normal())
		total += share[u]
	}
	counts, left := make([]int, s.Users), s.Events
	for u := range counts {
		counts[u] = min(s.Least+int(share[u]/total*float64(s.Events-s.Least*s.Users)), s.Items/2)
		left -= counts[u]
	}
	for left > 0 {
		if u := r.Intn(s.Users); counts[u] < s.Items/2 {
			counts[u]++
			left--
		}
	}
	return counts
}

// oddsSteps is the number of steps in which taste, the cosine of user and item, turns into odds.
const oddsSteps = 2048

// odds are those of taking an item, by cosine from −1 up; rounding may take that past 1.
var odds = func() (p [oddsSteps + 2]float32) {
	for n := range p {
		p[n] = float32(math.Exp(sharpness * (float64(n)*2/oddsSteps - 2)))
	}
	return p
}()

// choose fills events with distinct items. An item comes up by its popularity and is taken by
// how near it is to the user's taste, which is the same as drawing by the product of the two
// without replacement.
func choose(events []int32, taste []vector, p popular, had *recsys.Bitset, r *rng.Rand) {
	user := userTaste(taste, r)
	for n := 0; n < len(events); {
		i := p.draw(r)
		if had.Has(i) || r.Float32() >= odds[int((1+f32.Dot(user[:], taste[i][:]))*oddsSteps/2)] {
			continue
		}
		had.Set(i)
		events[n] = i
		n++
	}
	for _, i := range events {
		had.Clear(i)
	}
	// In time, a user wanders away from where the events begin.
	start := &taste[events[r.Intn(len(events))]]
	type step struct {
		item int32
		at   float64
	}
	steps := make([]step, len(events))
	for n, i := range events {
		steps[n] = step{i, wander*r.Normal() - float64(taste[i].dot(start))}
	}
	slices.SortFunc(steps, func(a, b step) int {
		if a.at < b.at {
			return -1
		}
		return 1
	})
	for n := range steps {
		events[n] = steps[n].item
	}
}

// features4 gives an item its genre and three features that say nothing.
func features4(genre []int32, r *rng.Rand) *recsys.Features {
	const each = 20
	f := &recsys.Features{Matrix: &recsys.CSR{Rows: len(genre), Cols: FeaturesPerItem * each, Indptr: make([]int64, 1)}}
	for n := range f.Matrix.Cols {
		f.Names = append(f.Names, "feature "+strconv.Itoa(n))
	}
	for _, g := range genre {
		f.Matrix.Indices = append(f.Matrix.Indices, g)
		for k := 1; k < FeaturesPerItem; k++ {
			f.Matrix.Indices = append(f.Matrix.Indices, int32(k*each+r.Intn(each)))
		}
		f.Matrix.Indptr = append(f.Matrix.Indptr, int64(len(f.Matrix.Indices)))
	}
	return f
}
