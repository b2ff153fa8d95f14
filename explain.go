package recsys

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// explain adds to the items that the model ranked what each of the user's own items adds to
// the score, if the model can tell: exactly the query that was ranked is taken apart.
func (r *Response) explain(ctx context.Context, v *view, a *ask, list []pick) error {
	model, able := v.Model.(Explainer)
	who := a.who
	for n, p := range list {
		item := &r.Items[n]
		if !able || p.source != who.source {
			item.Reason = item.reason(a.country)
			continue
		}
		parts, base, err := model.Explain(ctx, Query{User: who.user, History: who.history}, p.Item)
		if late(err) {
			able, r.Degraded = false, true
			item.Reason = item.reason(a.country)
			continue
		}
		if err != nil {
			return err
		}
		slices.SortStableFunc(parts, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
		item.Base = base
		item.Explanation = make([]Contribution, len(parts))
		for at, part := range parts {
			own := v.item(part.Item)
			item.Explanation[at] = Contribution{ItemID: own.ID, Title: own.Title, Score: part.Score}
		}
		item.Reason = item.reason(a.country)
	}
	return nil
}

// reason says in a sentence why an item is in an answer.
func (r *Recommendation) reason(country string) string {
	switch r.Source {
	case SourceModel, SourceFoldIn, SourceSession:
		switch names := r.owed(); len(names) {
		case 0:
		case 1:
			return fmt.Sprintf("Because you had %s.", names[0])
		default:
			return fmt.Sprintf("Because you had %s and %s.", names[0], names[1])
		}
		if r.Source == SourceSession {
			return "It goes with what you looked at."
		}
		return "Customers with a taste like yours have it."
	case SourceCategoryPopular:
		return fmt.Sprintf("Popular in %s.", r.Item.Category)
	case SourceCountryPopular:
		return fmt.Sprintf("Popular in %s.", country)
	case SourceTrending:
		return "Trending now."
	case SourceSimilar:
		return "It is like the item you look at."
	case SourceTogether:
		return "Often bought together."
	case SourcePinned:
		return "Picked by the shop."
	case SourceRecent:
		return "You had it lately."
	}
	return "Popular with other customers."
}

// owed names up to two of the user's items without which the score would be notably lower.
func (r *Recommendation) owed() (names []string) {
	for _, c := range r.Explanation[:min(2, len(r.Explanation))] {
		if c.Score <= 0 || c.Score < r.Explanation[0].Score/4 || c.ItemID == r.Item.ID {
			break
		}
		if c.Title == "" {
			names = append(names, c.ItemID)
		} else {
			names = append(names, c.Title)
		}
	}
	return names
}
