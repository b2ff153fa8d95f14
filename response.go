package recsys

// Source says where a recommendation comes from.
type Source string

const (
	// SourceModel: the parameters that the model keeps for this user.
	SourceModel Source = "model"
	// SourceFoldIn: the model, from events that it was not fitted on.
	SourceFoldIn Source = "fold-in"
	// SourceSession: the model, from the request's session alone.
	SourceSession Source = "session"
	// SourceCategoryPopular: what most users have of the request's category.
	SourceCategoryPopular Source = "category-popular"
	// SourceCountryPopular: what most users of the country have.
	SourceCountryPopular Source = "country-popular"
	// SourcePopular: the items that most users have, recent purchases counting more.
	SourcePopular Source = "popular"
	// SourceTrending: the items of the last days.
	SourceTrending Source = "trending"
	// SourceTogether: what is bought in one visit with the items asked about.
	SourceTogether Source = "bought-together"
	// SourceSimilar: the model's items most like the one asked about.
	SourceSimilar Source = "similar"
	// SourcePinned: a rule put the item where it is.
	SourcePinned Source = "pinned"
	// SourceRecent: the user's own last events.
	SourceRecent Source = "recent"
)

// Response is a ranking, best first.
type Response struct {
	// ModelVersion is that of the snapshot all of the answer comes from.
	ModelVersion string
	Items        []Recommendation
	// Total is the length of the whole ranking, from which Offset and K cut the Items.
	Total int
	// Candidates is the number of items that may be recommended to this user at all, Filtered
	// how many of them pass the Filter and the rules that hide items.
	Candidates, Filtered int
	// UnknownItems is how many ids of the Filter are not in the model.
	UnknownItems int
	// Categories counts the Items by category; those without one are not counted.
	Categories map[string]int
	// Reranked is the re-ranking that was done, its defaults filled in; nil for none.
	Reranked *Rerank
	// Rules names the rules that were in force, in the order of the file.
	Rules []string
	// Degraded says that the deadline cut the search short: the best so far, filled up by
	// popularity.
	Degraded bool
	// WhyNot answers Request.WhyNot.
	WhyNot *WhyNot
}

// Recommendation is one ranked item. Scores compare within one source of one answer only.
type Recommendation struct {
	Item   Item
	Score  float32
	Source Source
	// Explanation says what each of the user's items adds to Score, the most first. With
	// Base, what is not owed to any of them, it sums to Score. Both are empty unless the
	// request asked for it, and for models that cannot tell.
	Explanation []Contribution
	Base        float32
	// Reason is the explanation in a sentence.
	Reason string
	// Time is that of the last event, in Unix seconds, where Source is SourceRecent.
	Time int64
	// Together is how the item goes together with one of those asked about, where Source is
	// SourceTogether.
	Together *Together
}

// Contribution is what one item of a user's history adds to a score.
type Contribution struct {
	ItemID, Title string
	Score         float32
}
