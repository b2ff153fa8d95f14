package httpapi

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// caches repeat whole answers. A key holds everything that the answer depends on: the
// parameters and the engine's revision for the user. So a new model, other rules and each of
// the user's own events make the older answers unreachable at once.
type caches struct {
	enabled                   atomic.Bool
	defaultTTL                atomic.Int64 // nanoseconds
	recommend, similar, lists *answers
}

// answers is the cache of one group of endpoints.
type answers struct {
	store        *otter.Cache[string, *answer]
	hits, misses atomic.Int64
}

// answer is what a hit sends.
type answer struct {
	body  []byte
	etag  string
	items int
	ttl   time.Duration
}

func newCaches(o Options) *caches {
	c := &caches{}
	for _, group := range []**answers{&c.recommend, &c.similar, &c.lists} {
		*group = &answers{store: otter.Must(&otter.Options[string, *answer]{
			MaximumSize: o.CacheSize,
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, *answer]) time.Duration {
				return e.Value.ttl
			}),
		})}
	}
	c.enabled.Store(o.CacheExpiry > 0)
	c.defaultTTL.Store(int64(max(o.CacheExpiry, 0)))
	return c
}

func (c *caches) close() {
	for _, group := range c.all() {
		group.store.StopAllGoroutines()
	}
}

func (c *caches) all() []*answers { return []*answers{c.recommend, c.similar, c.lists} }

// ttl is how long an answer is kept where the request does not say it; 0 when caching is off.
func (c *caches) ttl() time.Duration {
	if !c.enabled.Load() {
		return 0
	}
	return time.Duration(c.defaultTTL.Load())
}

// hitRatio is over all groups.
func (c *caches) hitRatio() float64 {
	var hits, misses int64
	for _, group := range c.all() {
		hits += group.hits.Load()
		misses += group.misses.Load()
	}
	return ratio(hits, hits+misses)
}

func ratio(a, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(a) / float64(of)
}

func (g *answers) stats() cacheStats {
	g.store.CleanUp() // what is out of date does not count
	hits, misses := g.hits.Load(), g.misses.Load()
	return cacheStats{Size: g.store.EstimatedSize(), Hits: hits, Misses: misses, HitRate: ratio(hits, hits+misses)}
}

// repeat answers from the cache or lets compute write the answer, and keeps that. userID is
// whose answer it is; empty for those that are the same for everybody.
func (x *exchange) repeat(userID string, compute func() error) error {
	p, group := &x.params, x.route.cache
	x.hitAt = -1
	if !p.useCache || !x.api.caches.enabled.Load() {
		p.ttl = 0
	}
	if p.ttl == 0 {
		return x.inTime(compute)
	}
	key := binary.LittleEndian.AppendUint64(x.key[:0], x.api.engine.Revision(userID))
	key = append(append(key, x.route.path...), 0)
	x.key = p.key(key)
	if !p.invalidate {
		if hit, ok := group.store.GetIfPresent(string(x.key)); ok {
			group.hits.Add(1)
			x.shared, x.etag, x.items, x.cached = hit.body, hit.etag, hit.items, true
			return nil
		}
		group.misses.Add(1)
	}
	if err := x.inTime(compute); err != nil {
		return err
	}
	if x.degraded {
		return nil
	}
	x.etag = weakTag(x.body)
	kept := &answer{etag: x.etag, items: x.items, ttl: p.ttl}
	if x.hitAt < 0 {
		kept.body = append([]byte(nil), x.body...)
	} else {
		rest := x.body[x.hitAt+len(hitFalse):]
		if p.invalidate { // those who get the kept answer did not ask for that
			rest = bytes.Replace(rest, []byte(`"invalidated":true`), []byte(`"invalidated":false`), 1)
		}
		kept.body = make([]byte, 0, x.hitAt+len(hitTrue)+len(rest))
		kept.body = append(append(append(kept.body, x.body[:x.hitAt]...), hitTrue...), rest...)
	}
	group.store.Set(string(x.key), kept)
	return nil
}

// clearCache answers POST /cache/clear.
func (a *API) clearCache(x *exchange) error {
	for _, group := range a.caches.all() {
		group.store.InvalidateAll()
	}
	return x.json(a.cacheAnswer())
}

// configureCache answers POST /cache/config.
func (a *API) configureCache(x *exchange) error {
	p := &x.params
	if p.has(defaultTTLParam) {
		if p.enabled && p.ttl == 0 {
			return outOfRange(0, "a cache that keeps answers for 0 seconds is off: say enabled=false").at("query.default_ttl")
		}
		a.caches.defaultTTL.Store(int64(p.ttl))
	}
	if p.enabled && a.caches.defaultTTL.Load() == 0 {
		return outOfRange(nil, "the server was started without a cache: say for how many seconds to keep answers").at("query.default_ttl")
	}
	a.caches.enabled.Store(p.enabled)
	if !p.enabled {
		return a.clearCache(x)
	}
	return x.json(a.cacheAnswer())
}

func (a *API) cacheAnswer() cacheAnswer {
	c := a.caches
	return cacheAnswer{Status: "success", CacheEnabled: c.enabled.Load(), DefaultTTL: int(time.Duration(c.defaultTTL.Load()).Seconds()),
		Recommend: c.recommend.stats(), Similar: c.similar.stats(), Lists: c.lists.stats()}
}
