package recsys

import (
	"context"
	"slices"
)

// WhyNot says what became of one item on its way into an answer.
type WhyNot struct {
	ItemID string
	// Stages are what removed the item, in order: "unknown" (to the model), "unavailable",
	// "seen", "not-seen" (where only seen items are wanted), "filter:NAME", "rule:NAME" (a rule
	// that hides it), "cap" (of its category or brand), and "rank": it is
	// in the ranking, but not in the part that was asked for. "user:unknown" or
	// "user:forgotten" before it says that the ranking is by popularity, since nothing is known
	// of the user. Empty for an item of the answer.
	Stages []string
	// Rank is the item's place in the whole ranking, from 1; 0 where it has none.
	Rank int
	// Score and Source are those of the ranking; meaningless where Rank is 0.
	Score  float32
	Source Source
}

// whyNot traces the item that a asks about.
func (l *listing) whyNot(ctx context.Context, a *ask, rules *ruling) (*WhyNot, error) {
	why := &WhyNot{ItemID: a.whyNot}
	item, ok := l.v.known(a.whyNot)
	if !ok {
		why.Stages = []string{"unknown"}
		return why, nil
	}
	meta := l.v.item(item)
	if meta.Unavailable {
		why.Stages = append(why.Stages, "unavailable")
	}
	if stage := a.excluded(item); stage != "" {
		why.Stages = append(why.Stages, stage)
	}
	why.Stages = append(why.Stages, a.filter.faults(&meta)...)
	for _, name := range rules.hides(item) {
		why.Stages = append(why.Stages, "rule:"+name)
	}
	if !l.allowed.Has(item) {
		return why, nil
	}
	all, err := l.first(ctx, l.allowed.Count())
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(p pick) bool { return p.Item == item })
	if at < 0 {
		why.Stages = append(why.Stages, "cap")
		return why, nil
	}
	why.Rank, why.Score, why.Source = at+1, all[at].Score, all[at].source
	if at < a.offset || at >= a.offset+a.k {
		if a.nobody != "" {
			why.Stages = append(why.Stages, a.nobody)
		}
		why.Stages = append(why.Stages, "rank")
	}
	return why, nil
}
