package httpapi

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/recsys-lite/recsys"
)

// The parameters of the endpoints. A list may be repeated and also be written with commas
// ("\," stands for a comma in a value); nothing else may come twice.

const (
	attrPrefix  = "attr."
	maxPage     = 1_000_000
	maxPageSize = 100
	maxCap      = 1_000_000
	maxTTL      = time.Hour
)

var bit uint64 = 1

// declare gives a parameter its bit.
func declare(p *param) *param {
	if p.bit = bit; bit == 0 {
		panic("httpapi: more than 64 parameters")
	}
	bit <<= 1
	return p
}

var (
	userParam = declare(&param{name: "user_id", schema: text("user123"),
		doc: "The shop's id of the user; required unless session_items is given, or fallback=true where there is such a parameter", set: str(func(p *params) *string { return &p.userID })})
	similarItemParam = declare(&param{name: "item_id", required: true, schema: text("item456"),
		doc: "The shop's id of the item", set: str(func(p *params) *string { return &p.itemID })})
	itemIDsParam = declare(&param{name: "item_id", required: true, list: true, schema: texts("item456"),
		doc: "The items asked about, a basket say", set: list(func(p *params) *[]string { return &p.itemIDs })})
	pathItemParam = declare(&param{name: "item_id", required: true, inPath: true, schema: text("item456"), doc: "The shop's id of the item"})
	kParam        = declare(&param{name: "k", schema: whole(10, 1, 0),
		doc: "Number of items, from 1 to the server's maximum. Together with page or page_size it bounds the whole ranking.", set: integer(func(p *params) *int { return &p.k })})
	faissParam = declare(&param{name: "use_faiss", schema: boolean(true),
		doc: "Let the model's approximate index answer, if it has one; false scans every item", set: truth(func(p *params) *bool { return &p.useFaiss })})
	seenParam = declare(&param{name: "seen", schema: choice("exclude", "exclude", "allow", "only"),
		doc: "What happens to items that the user already has; only is buy-it-again",
		set: oneOf(func(p *params, v string) { p.seen = recsys.Seen(v) }, "exclude", "allow", "only")})
	repeatsParam = declare(&param{name: "repeats", schema: boolean(false), doc: "The old name of seen=allow", set: setRepeats})
	fallbackPar  = declare(&param{name: "fallback", schema: &huma.Schema{Type: huma.TypeBoolean},
		doc: "Answer for an unknown user with popular items instead of 404; the default is the server's setting", set: truth(func(p *params) *bool { return &p.fallback })})
	sessionParam = declare(&param{name: "session_items", list: true, schema: texts("item456"),
		doc: "Items of the current visit or basket, oldest first", set: list(func(p *params) *[]string { return &p.session })})
	explainParam = declare(&param{name: "explain", schema: boolean(false),
		doc: "Say which of the user's items each recommendation owes its score to", set: truth(func(p *params) *bool { return &p.explain })})
	whyNotParam = declare(&param{name: "why_not", schema: text("item456"),
		doc: "An item of which to say why it is not among the answer, or at which rank", set: str(func(p *params) *string { return &p.whyNot })})
	categoryParam = declare(&param{name: "category", schema: text("Electronics"),
		doc: "What the visit is about, for the popularity of unknown users; not a filter", set: str(func(p *params) *string { return &p.category })})
	countryParam = declare(&param{name: "country", schema: text("Germany"),
		doc: "Where the visitor is, for the popularity of unknown users; not a filter", set: str(func(p *params) *string { return &p.country })})

	placementParam = declare(&param{name: "placement", schema: text("home"),
		doc: "Where in the shop the answer is shown, for the shop's rules; by default the endpoint's name: recommend, similar, popular or trending",
		set: str(func(p *params) *string { return &p.placement })})

	pageParam = declare(&param{name: "page", schema: whole(1, 1, maxPage),
		doc: "Page of the one ranking, from 1", set: integer(func(p *params) *int { return &p.page }, 1, maxPage)})
	pageSizeParam = declare(&param{name: "page_size", schema: whole(10, 1, maxPageSize),
		doc: "Items per page", set: integer(func(p *params) *int { return &p.pageSize }, 1, maxPageSize)})

	categoriesParam = declare(&param{name: "categories", list: true, schema: texts("Electronics"),
		doc: "Only items of any of these categories", set: list(func(p *params) *[]string { return &p.filter.Categories })})
	brandsParam = declare(&param{name: "brands", list: true, schema: texts("BrandName"),
		doc: "Only items of any of these brands", set: list(func(p *params) *[]string { return &p.filter.Brands })})
	minPriceParam = declare(&param{name: "min_price", schema: number(nil),
		doc: "Lowest price, inclusive; items without a price are left out", set: price(func(p *params) **float64 { return &p.filter.MinPrice })})
	maxPriceParam = declare(&param{name: "max_price", schema: number(nil),
		doc: "Highest price, inclusive; items without a price are left out", set: price(func(p *params) **float64 { return &p.filter.MaxPrice })})
	includeParam = declare(&param{name: "include_items", list: true, schema: texts("item456"),
		doc: "Only these items", set: list(func(p *params) *[]string { return &p.filter.IncludeItems })})
	excludeParam = declare(&param{name: "exclude_items", list: true, schema: texts("item456"),
		doc: "Not these items", set: list(func(p *params) *[]string { return &p.filter.ExcludeItems })})
	attrParam = declare(&param{name: attrPrefix + "NAME", list: true, schema: texts("red"),
		doc: "Only items whose attribute NAME has any of these values: attr.color=red", set: setAttr})

	perCategoryParam = declare(&param{name: "max_per_category", schema: whole(nil, 0, maxCap),
		doc: "At most this many items of one category; 0 for no cap", set: integer(func(p *params) *int { return &p.maxPerCategory }, 0, maxCap)})
	perBrandParam = declare(&param{name: "max_per_brand", schema: whole(nil, 0, maxCap),
		doc: "At most this many items of one brand; 0 for no cap", set: integer(func(p *params) *int { return &p.maxPerBrand }, 0, maxCap)})

	useCacheParam = declare(&param{name: "use_cache", uncached: true, schema: boolean(true),
		doc: "Whether the answer may come from the cache", set: truth(func(p *params) *bool { return &p.useCache })})
	ttlParam = declare(&param{name: "cache_ttl", uncached: true, schema: whole(nil, 0, int(maxTTL/time.Second)),
		doc: "Seconds for which this answer may be repeated; 0 does not keep it. The default is the server's.", set: seconds(func(p *params) *time.Duration { return &p.ttl })})
	invalidateParam = declare(&param{name: "invalidate_cache", uncached: true, schema: boolean(false),
		doc: "Compute the answer anew and replace the cached one", set: truth(func(p *params) *bool { return &p.invalidate })})

	onlyCategoryParam = declare(&param{name: "category", schema: text("Electronics"),
		doc: "Only items of this category", set: str(func(p *params) *string { return &p.category })})
	onlyCountryParam = declare(&param{name: "country", schema: text("Germany"),
		doc: "What users of this country have comes first", set: str(func(p *params) *string { return &p.country })})
	halfLifeParam = declare(&param{name: "half_life", schema: number(nil),
		doc: "Days after which a purchase counts half: 90 by default for what is popular, 7 for what is trending", set: setHalfLife})
	idsParam = declare(&param{name: "ids", list: true, schema: texts("item456"),
		doc: "The items wanted; unknown ones are left out", set: list(func(p *params) *[]string { return &p.itemIDs })})
	searchParam = declare(&param{name: "q", schema: text("tea cup"),
		doc: "Words that the title, the id, the category or the brand must contain", set: str(func(p *params) *string { return &p.q })})
	enabledParam = declare(&param{name: "enabled", required: true, schema: boolean(nil),
		doc: "Whether to cache at all", set: truth(func(p *params) *bool { return &p.enabled })})
	defaultTTLParam = declare(&param{name: "default_ttl", schema: whole(nil, 0, int(maxTTL/time.Second)),
		doc: "Seconds for which answers may be repeated", set: seconds(func(p *params) *time.Duration { return &p.ttl })})
)

// rerankOf returns the parameters of re-ranking with an endpoint's defaults.
func rerankOf(d recsys.Rerank) []*param {
	weight := func(name, doc string, byDefault float64, at func(p *params) *float64) *param {
		return declare(&param{name: name, doc: doc + ", from 0 to 1; giving it implies rerank=true", schema: bounded(byDefault, 0, 1), set: share(at)})
	}
	return []*param{
		declare(&param{name: "rerank", schema: boolean(false), doc: "Reorder the ranking; rerank=false switches it off whatever else is given",
			set: truth(func(p *params) *bool { return &p.rerank })}),
		declare(&param{name: "rerank_strategy", schema: choice(string(d.Strategy), "diversity", "novelty", "popularity", "hybrid"),
			doc: "How; giving it implies rerank=true",
			set: oneOf(func(p *params, v string) { p.weights.Strategy = recsys.RerankStrategy(v) }, "diversity", "novelty", "popularity", "hybrid")}),
		weight("diversity_weight", "Weight of being unlike the items above", d.Diversity, func(p *params) *float64 { return &p.weights.Diversity }),
		weight("novelty_weight", "Weight of being little known", d.Novelty, func(p *params) *float64 { return &p.weights.Novelty }),
		weight("popularity_weight", "Weight of being popular", d.Popularity, func(p *params) *float64 { return &p.weights.Popularity }),
		weight("relevance_weight", "Weight of the model's score", d.Relevance, func(p *params) *float64 { return &p.weights.Relevance }),
		weight("price_weight", "Weight of a price near those of the user's own items", 0, func(p *params) *float64 { return &p.weights.PriceAffinity }),
		weight("stock_weight", "Weight of a stock or quantity attribute that is above 0, or missing", 0, func(p *params) *float64 { return &p.weights.InStock }),
	}
}

// The documented defaults of re-ranking.
var (
	recommendWeights = recsys.Rerank{Strategy: recsys.RerankHybrid, Relevance: .4, Diversity: .2, Novelty: .2, Popularity: .2}
	similarWeights   = recsys.Rerank{Strategy: recsys.RerankDiversity, Relevance: .4, Diversity: .3, Novelty: .1, Popularity: .2}
)

var (
	recommendParams = []*param{userParam, kParam, faissParam, seenParam, repeatsParam, fallbackPar, sessionParam, explainParam, whyNotParam, categoryParam, countryParam, placementParam}
	similarParams   = []*param{similarItemParam, kParam, placementParam}
	listParams      = []*param{kParam, onlyCategoryParam, onlyCountryParam, halfLifeParam, placementParam}
	togetherParams  = []*param{itemIDsParam, kParam}
	recentParams    = []*param{userParam, kParam}
	itemParams      = []*param{pathItemParam}
	itemsParams     = []*param{idsParam, searchParam, kParam}
	usersParams     = []*param{kParam}

	pageParams            = []*param{pageParam, pageSizeParam}
	filterParams          = []*param{categoriesParam, brandsParam, minPriceParam, maxPriceParam, includeParam, excludeParam, attrParam}
	recommendRerankParams = rerankOf(recommendWeights)
	similarRerankParams   = rerankOf(similarWeights)
	capParams             = []*param{perCategoryParam, perBrandParam}
	cacheParams           = []*param{useCacheParam, ttlParam, invalidateParam}
	cacheConfigParams     = []*param{enabledParam, defaultTTLParam}
)
