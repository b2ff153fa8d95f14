package recsys

import (
	"fmt"
	"unicode/utf8"
)

// Event is one interaction of a user with an item, as the shop reports it.
type Event struct {
	UserID string
	ItemID string
	// Time is in Unix seconds.
	Time int64
	// Qty is the number of units: 1 for an event that has no quantity, such as a view, for one
	// of 0 counts for nothing. A negative quantity is a return or a cancellation: it is kept
	// and reduces the interaction of that user with that item, never below zero.
	Qty int64
	// Type names what happened ("purchase", "view", …); empty means DefaultEventType.
	Type string
}

// DefaultEventType is the type of an event that names none.
const DefaultEventType = "purchase"

// The types of events that tell what became of a recommendation, not what a user has: that it
// was shown, and that it was looked at. Unless a Weighting lists them, they count for nothing;
// otherwise whatever is clicked on would leave the lists as something that the user has.
const (
	ImpressionEventType = "impression"
	ClickEventType      = "click"
)

const (
	// MaxTime is the last second of the year 9999. Times in milliseconds lie beyond it, so
	// that they are refused instead of being taken for seconds.
	MaxTime = 253402300799
	// MaxQty bounds the quantity of one event, both ways.
	MaxQty = 1_000_000_000
)

// Normalize checks what every store and journal demands of an event, and fills in its type.
// The error wraps ErrInvalidData.
func (e *Event) Normalize() error {
	switch {
	case e.UserID == "":
		return fmt.Errorf("%w: the user id is empty", ErrInvalidData)
	case e.ItemID == "":
		return fmt.Errorf("%w: the item id is empty", ErrInvalidData)
	case !utf8.ValidString(e.UserID):
		return fmt.Errorf("%w: user id %.80q is not UTF-8", ErrInvalidData, e.UserID)
	case !utf8.ValidString(e.ItemID):
		return fmt.Errorf("%w: item id %.80q is not UTF-8", ErrInvalidData, e.ItemID)
	case !utf8.ValidString(e.Type):
		return fmt.Errorf("%w: event type %.80q is not UTF-8", ErrInvalidData, e.Type)
	case e.Time < 0 || e.Time > MaxTime:
		return fmt.Errorf("%w: time %d lies outside [0, %d]: it is in Unix seconds", ErrInvalidData, e.Time, int64(MaxTime))
	case e.Qty < -MaxQty || e.Qty > MaxQty:
		return fmt.Errorf("%w: quantity %d lies outside ±%d", ErrInvalidData, e.Qty, MaxQty)
	}
	if e.Type == "" {
		e.Type = DefaultEventType
	}
	return nil
}

// Item is one product of the catalogue. Only ID is required.
type Item struct {
	ID       string
	Title    string
	Category string
	Brand    string
	// Price is in the shop's currency; nil when unknown.
	Price  *float64
	ImgURL string
	// Unavailable items stay in the models and are never recommended.
	Unavailable bool
	// Attributes holds every further column of the items file.
	Attributes map[string]string
}

// User is what a shop says of a person beside the events. Only ID is required.
type User struct {
	ID      string
	Country string
	// Attributes holds every further column of the users file.
	Attributes map[string]string
}
