package httpapi

import "encoding/json"

// The documented answers. The endpoints that are asked often write theirs by hand (encode.go),
// byte for byte what encoding/json makes of these; the tests compare.

type itemJSON struct {
	ItemID        string             `json:"item_id"`
	Score         float32            `json:"score" doc:"Compares within one source of one answer"`
	Title         *string            `json:"title"`
	Category      *string            `json:"category"`
	Brand         *string            `json:"brand"`
	Price         *float64           `json:"price"`
	ImgURL        *string            `json:"img_url"`
	Source        string             `json:"source" doc:"Where the item comes from: model, fold-in, session, category-popular, country-popular, popular, trending, bought-together, similar, pinned or recent"`
	Explanation   *string            `json:"explanation" doc:"Why, in a sentence; null unless something is known"`
	Contributions []contributionJSON `json:"contributions,omitempty" nullable:"false" doc:"With explain=true: what each of the user's items adds to the score"`
	Base          *float32           `json:"base,omitempty" nullable:"false" doc:"With contributions: the part of the score that is owed to none of them"`
}

type contributionJSON struct {
	ItemID string  `json:"item_id"`
	Title  *string `json:"title"`
	Score  float32 `json:"score"`
}

type pagination struct {
	Total      int  `json:"total" doc:"Length of the whole ranking"`
	Page       int  `json:"page"`
	PageSize   int  `json:"page_size"`
	TotalPages int  `json:"total_pages"`
	HasNext    bool `json:"has_next"`
	HasPrev    bool `json:"has_prev"`
}

type filterInfo struct {
	OriginalCount  int            `json:"original_count" doc:"Items that may be recommended at all, before the filters"`
	FilteredCount  int            `json:"filtered_count" doc:"Items that pass them"`
	FiltersApplied filtersApplied `json:"filters_applied"`
	Cache          cacheInfo      `json:"cache"`
	Reranking      rerankInfo     `json:"reranking"`
	Rules          []string       `json:"rules,omitempty" nullable:"false" doc:"Names of the shop's rules that were in force"`
}

type filtersApplied struct {
	Categories    []string            `json:"categories,omitempty" nullable:"false"`
	Brands        []string            `json:"brands,omitempty" nullable:"false"`
	MinPrice      *float64            `json:"min_price,omitempty" nullable:"false"`
	MaxPrice      *float64            `json:"max_price,omitempty" nullable:"false"`
	IncludedItems int                 `json:"included_items,omitempty" doc:"Number of ids given"`
	ExcludedItems int                 `json:"excluded_items,omitempty" doc:"Number of ids given"`
	UnknownItems  int                 `json:"unknown_items,omitempty" doc:"How many of those ids the model does not know"`
	Attributes    map[string][]string `json:"attributes,omitempty"`
}

type cacheInfo struct {
	Hit         bool `json:"hit"`
	TTL         int  `json:"ttl" doc:"Seconds for which the answer may be repeated"`
	Invalidated bool `json:"invalidated"`
}

type rerankInfo struct {
	Strategy             *string        `json:"strategy"`
	Applied              bool           `json:"applied"`
	Weights              rerankWeights  `json:"weights"`
	CategoryDistribution map[string]int `json:"category_distribution" nullable:"false" doc:"Items of this answer by category"`
}

type rerankWeights struct {
	Diversity  float64 `json:"diversity"`
	Novelty    float64 `json:"novelty"`
	Popularity float64 `json:"popularity"`
	Relevance  float64 `json:"relevance"`
	Price      float64 `json:"price,omitempty" doc:"Nearness to the prices of the user's own items"`
	Stock      float64 `json:"stock,omitempty" doc:"Being in stock"`
}

type whyNotJSON struct {
	ItemID    string   `json:"item_id"`
	RemovedBy []string `json:"removed_by" nullable:"false" doc:"The stages that removed the item; empty if none did"`
	Rank      int      `json:"rank,omitempty" doc:"Its place in the whole ranking, from 1"`
	Score     *float32 `json:"score,omitempty" nullable:"false"`
}

type rankingAnswer struct {
	UserID          *string     `json:"user_id" doc:"null for a guest"`
	ModelVersion    string      `json:"model_version" doc:"The model that all of the answer comes from"`
	Degraded        bool        `json:"degraded" doc:"The deadline cut the search short: these are the best so far"`
	Recommendations []itemJSON  `json:"recommendations" nullable:"false" doc:"Best first"`
	Pagination      pagination  `json:"pagination"`
	FilterInfo      filterInfo  `json:"filter_info"`
	WhyNot          *whyNotJSON `json:"why_not,omitempty" nullable:"false"`
}

type similarAnswer struct {
	ItemID          string     `json:"item_id"`
	ModelVersion    string     `json:"model_version" doc:"The model that all of the answer comes from"`
	Degraded        bool       `json:"degraded" doc:"The deadline cut the search short: these are the best so far"`
	SimilarItems    []itemJSON `json:"similar_items" nullable:"false" doc:"Most similar first"`
	Recommendations []itemJSON `json:"recommendations" nullable:"false" doc:"The same list under its old name"`
	Pagination      pagination `json:"pagination"`
	FilterInfo      filterInfo `json:"filter_info"`
}

type listAnswer struct {
	ModelVersion string     `json:"model_version"`
	Items        []itemJSON `json:"items" nullable:"false"`
	Pagination   pagination `json:"pagination"`
}

type togetherJSON struct {
	itemJSON
	Lift    float64 `json:"lift" doc:"How many times more often than by chance"`
	Support int     `json:"support" doc:"Visits with all of them"`
	Buyers  int     `json:"buyers" doc:"Different users behind those"`
}

type togetherAnswer struct {
	ItemIDs      []string       `json:"item_ids" nullable:"false"`
	ModelVersion string         `json:"model_version"`
	Items        []togetherJSON `json:"items" nullable:"false"`
}

type recentJSON struct {
	itemJSON
	TS int64 `json:"ts" doc:"Unix seconds"`
}

type recentAnswer struct {
	UserID string       `json:"user_id"`
	Items  []recentJSON `json:"items" nullable:"false"`
}

type itemAnswer struct {
	ItemID     string            `json:"item_id"`
	Title      *string           `json:"title"`
	Category   *string           `json:"category"`
	Brand      *string           `json:"brand"`
	Price      *float64          `json:"price"`
	ImgURL     *string           `json:"img_url"`
	Available  bool              `json:"available"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

type itemsAnswer struct {
	Items []itemAnswer `json:"items" nullable:"false"`
}

type usersAnswer struct {
	Users []userJSON `json:"users" nullable:"false"`
}

type userJSON struct {
	UserID string `json:"user_id"`
	Items  int    `json:"events" doc:"Different items that the model knows of this user"`
}

type modelsAnswer struct {
	Models []ModelVersion `json:"models" nullable:"false" doc:"Newest first"`
}

type cacheAnswer struct {
	Status       string     `json:"status"`
	CacheEnabled bool       `json:"cache_enabled"`
	DefaultTTL   int        `json:"default_ttl" doc:"Seconds"`
	Recommend    cacheStats `json:"recommendation_cache"`
	Similar      cacheStats `json:"similar_items_cache"`
	Lists        cacheStats `json:"lists_cache" doc:"/popular, /trending and /bought-together"`
}

type cacheStats struct {
	Size    int     `json:"size"`
	Hits    int64   `json:"hits"`
	Misses  int64   `json:"misses"`
	HitRate float64 `json:"hit_rate"`
}

type healthAnswer struct {
	Status        string `json:"status" enum:"ok,no model" doc:"ok when recommendations can be served"`
	Version       string `json:"version"`
	ModelType     string `json:"model_type" doc:"The kind of the model served; empty without one"`
	ModelVersion  string `json:"model_version"`
	UptimeSeconds int64  `json:"uptime_seconds"`
}

type readyAnswer struct {
	Status string `json:"status" enum:"ready,no model"`
}

type metricsAnswer struct {
	UptimeSeconds            int64   `json:"uptime_seconds"`
	RequestCount             int64   `json:"request_count"`
	RecommendationCount      int64   `json:"recommendation_count"`
	ErrorCount               int64   `json:"error_count"`
	RecommendationsPerSecond float64 `json:"recommendations_per_second"`
	CacheHitRatio            float64 `json:"cache_hit_ratio"`
	EventCount               int64   `json:"event_count"`
	DegradedCount            int64   `json:"degraded_count"`
	RateLimitedCount         int64   `json:"rate_limited_count"`
}

type eventsAnswer struct {
	Accepted int `json:"accepted" doc:"Events on stable storage"`
	Dropped  int `json:"dropped" doc:"Events of users who were forgotten"`
}

// The documented bodies.

type eventsBody struct {
	Events []eventJSON `json:"events" nullable:"false" doc:"One event may also stand alone, without this list"`
}

type eventJSON struct {
	UserID    string `json:"user_id" maxLength:"1024"`
	ItemID    string `json:"item_id" maxLength:"1024"`
	TS        *int64 `json:"ts,omitempty" nullable:"false" doc:"Unix seconds; now by default"`
	Qty       *int64 `json:"qty,omitempty" nullable:"false" doc:"Units, 1 by default; negative for a return"`
	EventType string `json:"event_type,omitempty" maxLength:"64" doc:"purchase by default; view, click, impression or any other word"`
}

type recommendBody struct {
	UserID         string          `json:"user_id,omitempty" maxLength:"1024" doc:"Empty for a guest"`
	Session        []string        `json:"session,omitempty" nullable:"false" doc:"Items of the current visit, oldest first"`
	Basket         []string        `json:"basket,omitempty" nullable:"false" doc:"Items in the basket"`
	Events         []bodyEventJSON `json:"events,omitempty" nullable:"false" doc:"Events of the user that the model may not know yet; they count for this answer only"`
	Context        *contextJSON    `json:"context,omitempty" nullable:"false"`
	Filter         *filterJSON     `json:"filter,omitempty" nullable:"false"`
	K              *int            `json:"k,omitempty" nullable:"false" minimum:"1" default:"10"`
	Page           *int            `json:"page,omitempty" nullable:"false" minimum:"1"`
	PageSize       *int            `json:"page_size,omitempty" nullable:"false" minimum:"1" maximum:"100"`
	Seen           string          `json:"seen,omitempty" enum:"exclude,allow,only" default:"exclude"`
	Fallback       *bool           `json:"fallback,omitempty" nullable:"false"`
	Rerank         *rerankJSON     `json:"rerank,omitempty" nullable:"false"`
	MaxPerCategory int             `json:"max_per_category,omitempty" minimum:"0"`
	MaxPerBrand    int             `json:"max_per_brand,omitempty" minimum:"0"`
	Explain        bool            `json:"explain,omitempty"`
	WhyNot         string          `json:"why_not,omitempty" maxLength:"1024"`
	UseFaiss       *bool           `json:"use_faiss,omitempty" nullable:"false" default:"true"`
}

type bodyEventJSON struct {
	ItemID    string `json:"item_id" maxLength:"1024"`
	TS        *int64 `json:"ts,omitempty" nullable:"false" doc:"Unix seconds; now by default"`
	Qty       *int64 `json:"qty,omitempty" nullable:"false" doc:"Units, 1 by default"`
	EventType string `json:"event_type,omitempty" maxLength:"64"`
}

type contextJSON struct {
	Category  string `json:"category,omitempty" maxLength:"1024"`
	Country   string `json:"country,omitempty" maxLength:"1024"`
	Placement string `json:"placement,omitempty" maxLength:"1024" doc:"Where in the shop the answer is shown, for the shop's rules"`
}

type filterJSON struct {
	Categories   []string            `json:"categories,omitempty" nullable:"false"`
	Brands       []string            `json:"brands,omitempty" nullable:"false"`
	MinPrice     *float64            `json:"min_price,omitempty" nullable:"false"`
	MaxPrice     *float64            `json:"max_price,omitempty" nullable:"false"`
	IncludeItems []string            `json:"include_items,omitempty" nullable:"false"`
	ExcludeItems []string            `json:"exclude_items,omitempty" nullable:"false"`
	Attributes   map[string][]string `json:"attributes,omitempty"`
}

type rerankJSON struct {
	Strategy string         `json:"strategy,omitempty" enum:"diversity,novelty,popularity,hybrid" default:"hybrid"`
	Weights  *rerankWeights `json:"weights,omitempty" nullable:"false" doc:"All of the first four; the defaults are those of GET /recommend"`
}

// ModelVersion describes one version of a model, for /models.
type ModelVersion struct {
	Version      string             `json:"version"`
	Kind         string             `json:"kind"`
	Created      string             `json:"created" format:"date-time"`
	Current      bool               `json:"current" doc:"Whether the pointer names it"`
	Serving      bool               `json:"serving" doc:"Whether this server answers from it"`
	Users        int                `json:"users"`
	Items        int                `json:"items"`
	Interactions int                `json:"interactions"`
	Metrics      map[string]float64 `json:"metrics,omitempty"`
	Promotion    json.RawMessage    `json:"promotion,omitempty" doc:"What the promotion gate decided"`
}
