package httpapi

import (
	"math/bits"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/recsys-lite/recsys"
)

// param is one parameter of a query string, or the variable of a path.
type param struct {
	name, doc string
	schema    *huma.Schema
	list      bool // may be repeated
	inPath    bool
	required  bool
	// uncached parameters steer the cache and change no answer.
	uncached bool
	// maxLen bounds the bytes of one value; 0 means maxID.
	maxLen int
	set    func(p *params, key, text string) *fault

	bit uint64
}

// maxID bounds ids and names, in bytes.
const maxID = 1024

func (p *param) most() int {
	if p.maxLen != 0 {
		return p.maxLen
	}
	return maxID
}

// fault is what is wrong with one value.
type fault struct {
	status  int
	message string
	value   any
}

// at says where the value stood.
func (f *fault) at(location string) *problem {
	return faulty(f.status, location, f.value, "%s", f.message)
}

// params are the values of one request, from its query string or its body.
type params struct {
	given uint64 // bits of param
	notes []note

	userID, itemID string
	itemIDs        []string
	k              int
	page, pageSize int
	filter         recsys.Filter
	seen           recsys.Seen
	fallback       bool
	useFaiss       bool
	rerank         bool
	weights        recsys.Rerank
	maxPerCategory int
	maxPerBrand    int
	explain        bool
	whyNot         string
	category       string
	country        string
	placement      string
	session        []string
	events         []recsys.Event
	halfLife       time.Duration
	useCache       bool
	ttl            time.Duration
	invalidate     bool
	enabled        bool
	q              string
}

// note keeps a parameter as it was given, for the key of the cache.
type note struct {
	bit       uint64
	key, text string
}

// reset returns empty params that use the memory again that nobody else has seen.
func (p *params) reset() params {
	clear(p.notes)
	return params{notes: p.notes[:0]}
}

func (p *params) note(spec *param, key, text string) {
	p.notes = append(p.notes, note{spec.bit, key, text})
}

func (p *params) has(spec *param) bool { return p.given&spec.bit != 0 }

// applyDefaults sets what holds where a request says nothing.
func (p *params) applyDefaults(a *API, r *route) {
	p.weights = r.weights
	p.k, p.page, p.pageSize = 10, 1, 10
	p.useFaiss, p.useCache = true, true
	p.fallback = a.options.Fallback
	p.ttl = a.caches.ttl()
}

// check looks at what values must be together.
func (p *params) check(a *API, r *route) error {
	if r.takes(kParam) {
		if err := a.checkK("query.k", p.k); err != nil {
			return err
		}
	}
	for _, spec := range r.params {
		if spec.required && !spec.inPath && (!p.has(spec) || spec == itemIDsParam && len(p.itemIDs) == 0) {
			return faulty(http.StatusUnprocessableEntity, "query."+spec.name, nil, "it is required")
		}
	}
	guest := len(p.session) > 0 || r.takes(fallbackPar) && p.fallback
	if r.takes(userParam) && p.userID == "" && (!guest || p.has(userParam)) {
		return faulty(http.StatusUnprocessableEntity, "query.user_id", nil, "it is required, unless session_items says what a guest looked at, or fallback asks for popular items")
	}
	if p.has(seenParam) && p.has(repeatsParam) {
		return faulty(http.StatusBadRequest, "query.repeats", nil, "seen says the same: give one of them")
	}
	if len(r.rerank) > 0 && !p.has(r.rerank[0]) {
		for _, spec := range r.rerank[1:] {
			p.rerank = p.rerank || p.has(spec)
		}
	}
	return p.checkRanking("query.")
}

// checkRanking checks filter and re-ranking, wherever they come from.
func (p *params) checkRanking(where string) error {
	if lo, hi := p.filter.MinPrice, p.filter.MaxPrice; lo != nil && hi != nil && *lo > *hi {
		return faulty(http.StatusBadRequest, where+"min_price", *lo, "it lies above max_price, %v", *hi)
	}
	if w := &p.weights; p.rerank && w.Relevance == 0 && w.Diversity == 0 && w.Novelty == 0 && w.Popularity == 0 {
		return faulty(http.StatusBadRequest, where+"relevance_weight", nil, "all weights are 0: one of them must be above")
	}
	return nil
}

func (a *API) checkK(location string, k int) error {
	if k >= 1 && k <= a.options.MaxRecommendations {
		return nil
	}
	return faulty(http.StatusBadRequest, location, k, "k must be between 1 and %d", a.options.MaxRecommendations)
}

// window is the part of a ranking that a request asks for: size items behind offset. With
// pages, a k that was given bounds the whole ranking; without, it is the size.
type window struct {
	size, offset int
	page         int
	bound        int // of the whole ranking; 0 for none
}

func (p *params) window() window {
	w := window{size: p.k, page: 1}
	if p.has(pageParam) || p.has(pageSizeParam) {
		w = window{size: p.pageSize, offset: (p.page - 1) * p.pageSize, page: p.page}
	}
	if p.has(kParam) {
		w.bound = p.k
	}
	return w
}

// ask returns the K and Offset for the engine, which wants at least one item; keep is how
// many of the answer to show.
func (w window) ask() (k, offset, keep int) {
	keep = w.size
	if w.bound > 0 {
		keep = max(0, min(keep, w.bound-w.offset))
	}
	if keep == 0 {
		return 1, 0, 0
	}
	return keep, w.offset, keep
}

func (w window) pagination(total int) pagination {
	if w.bound > 0 {
		total = min(total, w.bound)
	}
	pages := (total + w.size - 1) / w.size
	return pagination{Total: total, Page: w.page, PageSize: w.size, TotalPages: pages, HasNext: w.page < pages, HasPrev: w.page > 1}
}

// key appends what tells this request from others with other answers.
func (p *params) key(dst []byte) []byte {
	// The order of different parameters does not matter.
	slices.SortStableFunc(p.notes, func(a, b note) int {
		return bits.TrailingZeros64(a.bit) - bits.TrailingZeros64(b.bit)
	})
	for _, n := range p.notes {
		dst = append(dst, byte(bits.TrailingZeros64(n.bit)))
		dst = appendCounted(dst, n.key)
		dst = appendCounted(dst, n.text)
	}
	return dst
}

// appendCounted appends a text and its length, so that no two lists of texts look the same.
func appendCounted(dst []byte, text string) []byte {
	n := len(text)
	dst = append(dst, byte(n), byte(n>>8), byte(n>>16))
	return append(dst, text...)
}

func (r *route) takes(spec *param) bool { return r.known[spec.name] == spec }
