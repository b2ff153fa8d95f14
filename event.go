package recsys

// Event is one interaction of a user with an item, as the shop reports it.
type Event struct {
	UserID string
	ItemID string
	// Time is in Unix seconds.
	Time int64
	// Qty is the number of units. A negative quantity is a return or a cancellation: it is
	// kept and reduces the interaction of that user with that item, never below zero.
	Qty int64
	// Type names what happened ("purchase", "view", …); empty means DefaultEventType.
	Type string
}

// DefaultEventType is the type of an event that names none.
const DefaultEventType = "purchase"

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
