package recsys

import (
	"math"
	"slices"
	"sync"
	"time"
)

// popularityHalfLife is the age at which a purchase counts half for what is popular.
const popularityHalfLife = 90 * 24 * time.Hour

// cascade appends what ranks when the model does not, or no further: what is popular in the
// category, then in the country, then everywhere.
func (v *view) cascade(tiers []tier, category, country string) []tier {
	if items := v.fields.category.list(category); category != "" && len(items) > 0 {
		tiers = append(tiers, scoreTier(SourceCategoryPopular, func() []float32 {
			popular, scores := v.popular(popularityHalfLife), nothing(v.Items.Len())
			for _, i := range items {
				if popular[i] > 0 {
					scores[i] = popular[i]
				}
			}
			return scores
		}))
	}
	if column, ok := v.countries()[country]; ok {
		tiers = append(tiers, scoreTier(SourceCountryPopular, func() []float32 { return v.popularIn(column) }))
	}
	return append(tiers, v.popularTier(SourcePopular, popularityHalfLife))
}

func (v *view) popularTier(source Source, halfLife time.Duration) tier {
	return scoreTier(source, func() []float32 { return v.popular(halfLife) })
}

// nothing is scores of which none can be recommended.
func nothing(n int) []float32 {
	scores := make([]float32, n)
	for i := range scores {
		scores[i] = float32(math.Inf(-1))
	}
	return scores
}

// popularities are the popularity of every item by half-life. Who finds one missing works it
// out while the others wait.
type popularities struct {
	mu         sync.Mutex
	byHalfLife map[time.Duration][]float32
}

// maxHalfLives bounds how many popularities of unusual half-lives a view keeps.
const maxHalfLives = 16

// popular is the popularity of every item: each user who has it counts 0.5^(age/halfLife), by
// the age of the user's last event with it before the last event of all, or 1 where the
// times are not known. The slice is shared.
func (v *view) popular(halfLife time.Duration) []float32 {
	// Whoever asks for ever new half-lives keeps nobody waiting for the usual ones.
	p := &v.lazy.unusual
	if halfLife == popularityHalfLife || halfLife == trendingHalfLife {
		p = &v.lazy.usual
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if scores, ok := p.byHalfLife[halfLife]; ok {
		return scores
	}
	scores := v.decayed(halfLife, func(int) bool { return true })
	if p.byHalfLife == nil || len(p.byHalfLife) == maxHalfLives {
		p.byHalfLife = map[time.Duration][]float32{}
	}
	p.byHalfLife[halfLife] = scores
	return scores
}

// decayed is popular for the users that are counted.
func (v *view) decayed(halfLife time.Duration, counted func(u int) bool) []float32 {
	sums := make([]float64, v.Items.Len())
	last := make([]int64, v.Items.Len()) // of the user at hand; 0: no event
	now := v.newest()
	rate := -1 / halfLife.Seconds()
	for u := range v.Interactions.Rows {
		if !counted(u) {
			continue
		}
		row, _ := v.Interactions.Row(u)
		if v.Sequences == nil {
			for _, i := range row {
				sums[i]++
			}
			continue
		}
		items, times := v.Sequences.Of(u)
		for p, i := range items {
			last[i] = times[p] + 1 // in time order: the latest stays
		}
		for _, i := range row {
			if at := last[i]; at > 0 {
				sums[i] += math.Exp2(float64(now-at+1) * rate)
			}
		}
		for _, i := range items {
			last[i] = 0
		}
	}
	scores := make([]float32, len(sums))
	for i, s := range sums {
		scores[i] = float32(s)
	}
	return scores
}

// newest is the time of the last event, 0 where there is none.
func (v *view) newest() int64 {
	if v.Sequences == nil || len(v.Sequences.Times) == 0 {
		return 0
	}
	return slices.Max(v.Sequences.Times)
}

// countryFeature is how the columns of Snapshot.UserFeatures that tell a country begin.
const countryFeature = "country="

// countries are the columns of the user features by country.
func (v *view) countries() map[string]int32 {
	v.lazy.countriesOnce.Do(func() {
		v.lazy.countries = map[string]int32{}
		if v.UserFeatures == nil {
			return
		}
		for c, name := range v.UserFeatures.Names {
			if len(name) > len(countryFeature) && name[:len(countryFeature)] == countryFeature {
				v.lazy.countries[name[len(countryFeature):]] = int32(c)
			}
		}
	})
	return v.lazy.countries
}

// popularIn is the popularity among the users of a country; items that none of them has
// cannot be recommended.
func (v *view) popularIn(column int32) []float32 {
	v.lazy.mu.Lock()
	defer v.lazy.mu.Unlock()
	if scores, ok := v.lazy.popularIn[column]; ok {
		return scores
	}
	scores := v.decayed(popularityHalfLife, func(u int) bool {
		features, _ := v.UserFeatures.Matrix.Row(u)
		_, has := slices.BinarySearch(features, column)
		return has
	})
	for i, s := range scores {
		if s <= 0 {
			scores[i] = float32(math.Inf(-1))
		}
	}
	if v.lazy.popularIn == nil {
		v.lazy.popularIn = map[int32][]float32{}
	}
	v.lazy.popularIn[column] = scores
	return scores
}

// countryOf is a user's country as the snapshot has it, or "".
func (v *view) countryOf(user int32) string {
	if v.UserFeatures == nil || user == NoUser {
		return ""
	}
	features, _ := v.UserFeatures.Matrix.Row(int(user))
	for _, f := range features {
		name := v.UserFeatures.Names[f]
		if len(name) > len(countryFeature) && name[:len(countryFeature)] == countryFeature {
			return name[len(countryFeature):]
		}
	}
	return ""
}
