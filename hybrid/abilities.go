package hybrid

import (
	"context"
	"fmt"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// What the members can do decides what the blend can do, and with that its type.
type (
	finding struct{ *Model }
	growing struct{ *Model }
	full    struct {
		finding
		adder
	}
	// adder is growing without its methods of Model, which full has from finding.
	adder struct{ m *Model }
)

var (
	_ recsys.SimilarItems = finding{}
	_ recsys.ItemAdder    = growing{}
	_ recsys.SimilarItems = full{}
	_ recsys.ItemAdder    = full{}
	_ model.UserEraser    = full{}
)

func (m *Model) able() model.Model {
	switch similar := slices.Contains(m.similar, true); {
	case similar && m.grows:
		return full{finding{m}, adder{m}}
	case similar:
		return finding{m}
	case m.grows:
		return growing{m}
	}
	return m
}

// AddItems implements recsys.ItemAdder by each member's own. As the mean of a member's scores
// changes with the catalogue, so do, slightly, the blended scores of the known items.
func (g growing) AddItems(ctx context.Context, items recsys.NewItems) error {
	return adder{g.Model}.AddItems(ctx, items)
}

func (a adder) AddItems(ctx context.Context, items recsys.NewItems) error {
	return a.m.update(ctx, func(member model.Model) error {
		adder, ok := member.(recsys.ItemAdder)
		if !ok {
			return fmt.Errorf("hybrid: %w: a loaded member takes in no items", recsys.ErrUnsupported)
		}
		return adder.AddItems(ctx, items)
	})
}

// SimilarItems implements recsys.SimilarItems: the similarities that the members find are
// blended as scores are, with the weights summed over the classes of history. Where the weights
// of those members that find any are 0, all count alike.
func (f finding) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	b, err := f.fitted.ForItem(ctx, item, k, allowed)
	if err != nil {
		return nil, err
	}
	weights := make([]float32, len(b.members))
	var sum float32
	for at, w := range b.weights {
		if i := at % len(b.members); f.similar[i] {
			weights[i] += w
			sum += w
		}
	}
	for i := range weights {
		if sum == 0 && f.similar[i] {
			weights[i] = 1
		}
	}
	r := f.room(b.items)
	defer f.scratch.Put(r)
	err = f.blend(weights, r, r.out, func(i int, dst []float32) error {
		member, ok := b.members[i].(recsys.SimilarItems)
		if !ok {
			return fmt.Errorf("hybrid: %w: a loaded member finds no similar items", recsys.ErrUnsupported)
		}
		list, err := member.SimilarItems(ctx, item, b.items, nil)
		if err != nil {
			return err
		}
		for n := range dst {
			dst[n] = negInf
		}
		for _, s := range list {
			dst[s.Item] = s.Score
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.out[item] = negInf
	return recsys.TopK(r.out, k, allowed), nil
}
