package recsys

import (
	"math"
	"strconv"
	"strings"
)

// priceTaste is the price level of a user: mean and spread of the logarithms of the prices of
// their items. The zero value knows of none.
type priceTaste struct {
	mean, spread float64
	known        bool
}

// leastSpread keeps a user of one item, or of equal prices, from ruling out all others: half
// and double the price still have an affinity of .8.
const leastSpread = 1.0

func (v *view) priceTaste(items []int32) priceTaste {
	n, sum, squares := 0., 0., 0.
	for _, i := range items {
		if p := v.price(i); p > 0 {
			l := math.Log(p)
			n, sum, squares = n+1, sum+l, squares+l*l
		}
	}
	if n == 0 {
		return priceTaste{}
	}
	mean := sum / n
	return priceTaste{mean, max(math.Sqrt(max(squares/n-mean*mean, 0)), leastSpread), true}
}

// affinity is 1 at the user's own level and falls off on both sides. Where one of the prices
// is not known, it is ½: neither for nor against the item.
func (t priceTaste) affinity(price float64) float64 {
	if !t.known || !(price > 0) {
		return .5
	}
	d := (math.Log(price) - t.mean) / t.spread
	return math.Exp(-d * d / 2)
}

// price is 0 where it is not known.
func (v *view) price(item int32) float64 {
	if v.Catalogue == nil || v.Catalogue[item].Price == nil {
		return 0
	}
	return *v.Catalogue[item].Price
}

// outOfStock are the items whose stock is known and not positive.
func (v *view) outOfStock() *Bitset {
	v.lazy.stockOnce.Do(func() {
		v.lazy.outOfStock = NewBitset(v.Items.Len())
		for i := range v.Catalogue {
			for _, name := range []string{"stock", "quantity"} {
				text, has := v.Catalogue[i].Attributes[name]
				if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); has && err == nil && n <= 0 {
					v.lazy.outOfStock.Set(int32(i))
				}
			}
		}
	})
	return v.lazy.outOfStock
}
