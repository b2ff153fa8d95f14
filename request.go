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

// Source says where a recommendation comes from.
type Source string

const (
	// SourceModel: the parameters that the model keeps for this user.
	SourceModel Source = "model"
	// SourceFoldIn: the model, from events that it was not fitted on.
	SourceFoldIn Source = "fold-in"
	// SourceSession: the model, from the request's session alone.
	SourceSession Source = "session"
	// SourcePopular: the items that most users have.
	SourcePopular Source = "popular"
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
	// Fallback answers by popularity when nothing is known of the user, instead of
	// ErrUnknownUser.
	Fallback bool
	// Approximate lets the snapshot's index answer instead of the exact scan.
	Approximate bool
}

func (r *Request) validate() error {
	switch {
	case r.K < 1:
		return fmt.Errorf("%w: k = %d, it must be at least 1", ErrInvalidQuery, r.K)
	case r.Offset < 0:
		return fmt.Errorf("%w: offset = %d, it must not be negative", ErrInvalidQuery, r.Offset)
	case !utf8.ValidString(r.UserID):
		return fmt.Errorf("%w: the user id is not valid UTF-8", ErrInvalidQuery)
	}
	switch r.Seen {
	case "", SeenExclude, SeenAllow, SeenOnly:
		return nil
	}
	return fmt.Errorf("%w: seen = %q, it must be exclude, allow or only", ErrInvalidQuery, r.Seen)
}

// Response is a ranking, best first.
type Response struct {
	// ModelVersion is that of the snapshot all of the answer comes from.
	ModelVersion string
	Items        []Recommendation
}

// Recommendation is one ranked item. Scores compare within one source of one answer only.
type Recommendation struct {
	Item   Item
	Score  float32
	Source Source
}
