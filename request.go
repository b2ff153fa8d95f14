package recsys

import (
	"fmt"
	"unicode/utf8"
)

// Seen says what happens to items that the user already has.
type Seen string

const (
	// SeenExclude leaves them out; it is the default.
	SeenExclude Seen = "exclude"
	// SeenAllow ranks them like all others: shops with consumables want repeats.
	SeenAllow Seen = "allow"
	// SeenOnly ranks nothing else: buy it again.
	SeenOnly Seen = "only"
)

// Request asks an Engine for recommendations.
type Request struct {
	// UserID is the shop's id; empty for a guest.
	UserID string
	// Events are the user's events that the model may not know yet. They are folded in.
	Events []Event
	// Session are item ids of the current visit or basket, oldest first.
	Session []string
	// K is the number of items wanted, from 1; Offset skips that many of the same ranking, so
	// that pages neither repeat nor lose an item.
	K, Offset int
	// Seen is SeenExclude when empty.
	Seen Seen
	// Filter says which items may be in the answer.
	Filter Filter
	// Fallback answers by popularity when nothing is known of the user, instead of
	// ErrUnknownUser.
	Fallback bool
	// Category and Country are what is known of a visit, for the fallback: what is popular
	// there comes before what is popular everywhere. A user's own country, if the snapshot
	// has it, stands in for an empty Country. Neither is a filter.
	Category, Country string
	// Approximate lets the snapshot's index answer instead of the exact scan.
	Approximate bool
	// Rerank reorders the ranking; nil leaves the model's order.
	Rerank *Rerank
	// MaxPerCategory and MaxPerBrand cap how many items of one category or brand the whole
	// ranking has, on all pages together; items without one are not capped. 0 is no cap.
	MaxPerCategory, MaxPerBrand int
	// Placement is where in the shop the answer is shown, for Rules; "recommend" when empty.
	Placement string
	// Explain adds to each item what it owes to the user's own items.
	Explain bool
	// WhyNot is an item of which the answer says why it is not in it, or at which rank.
	WhyNot string
}

func (r *Request) validate() error {
	if !utf8.ValidString(r.UserID) {
		return fmt.Errorf("%w: the user id is not valid UTF-8", ErrInvalidQuery)
	}
	switch r.Seen {
	case "", SeenExclude, SeenAllow, SeenOnly:
		return nil
	}
	return fmt.Errorf("%w: seen = %q, it must be exclude, allow or only", ErrInvalidQuery, r.Seen)
}

// SimilarRequest asks an Engine for items like a given one; the fields that Request has too
// mean the same.
type SimilarRequest struct {
	ItemID                      string
	K, Offset                   int
	Filter                      Filter
	Rerank                      *Rerank
	MaxPerCategory, MaxPerBrand int
	// Placement is "similar" when empty.
	Placement string
}

// window is the part of the one ranking that a request wants to see.
type window struct{ k, offset int }

func (w window) validate() error {
	switch {
	case w.k < 1:
		return fmt.Errorf("%w: k = %d, it must be at least 1", ErrInvalidQuery, w.k)
	case w.offset < 0:
		return fmt.Errorf("%w: offset = %d, it must not be negative", ErrInvalidQuery, w.offset)
	}
	return nil
}

// depth is how much of a ranking of n items has to be known.
func (w window) depth(n int) int {
	if w.offset >= n || w.k >= n-w.offset {
		return n
	}
	return w.offset + w.k
}
