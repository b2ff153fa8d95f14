package bench

import (
	"sync"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// set is a dataset that is drawn when the first benchmark asks for it.
type set struct {
	name string
	data func() *recsys.Dataset
}

var sets = []set{
	{"S1", sync.OnceValue(func() *recsys.Dataset { return datasets.Synthetic(datasets.S1) })},
	{"S2", sync.OnceValue(func() *recsys.Dataset { return datasets.Synthetic(datasets.S2) })},
}

// matrix is the set without sequences and features.
func (s *set) matrix() *recsys.Dataset {
	return &recsys.Dataset{Interactions: s.data().Interactions}
}

// head is the first tenth of S1.
var head = sync.OnceValue(func() *recsys.Dataset { return datasets.Head(sets[0].data(), datasets.S1.Users/10) })

// forEASE is a dataset of so many items.
func forEASE(items int) *recsys.Dataset {
	switch items {
	case datasets.S1.Items:
		return sets[0].matrix()
	case datasets.S2.Items:
		return sets[1].matrix()
	default:
		return middle()
	}
}

var middle = sync.OnceValue(func() *recsys.Dataset {
	return &recsys.Dataset{Interactions: datasets.Synthetic(datasets.Shape{Users: 25_000, Items: 10_000, Events: 2_500_000, Least: 10}).Interactions}
})
