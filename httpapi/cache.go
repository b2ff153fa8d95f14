package httpapi

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/recsys-lite/recsys"
)

// answerCache repeats whole answers. The key holds the model version, so that a swap makes
// all older answers unreachable at once.
type answerCache struct {
	answers *otter.Cache[string, *answer] // nil when switched off
	hits    atomic.Int64
	lookups atomic.Int64
}

type answer struct {
	contentType string
	body        []byte
	items       int
}

// cached are the routes whose answers depend on nothing but model and query.
var cached = map[string]bool{"/recommend": true, "/similar-items": true}

func newAnswerCache(o Options) *answerCache {
	if o.CacheExpiry < 0 {
		return &answerCache{}
	}
	return &answerCache{answers: otter.Must(&otter.Options[string, *answer]{
		MaximumSize:      o.CacheSize,
		ExpiryCalculator: otter.ExpiryWriting[string, *answer](max(o.CacheExpiry, time.Millisecond)),
	})}
}

func (c *answerCache) serve(e *recsys.Engine, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ok := e.Snapshot()
		if c.answers == nil || !ok || r.Method != http.MethodGet || !cached[r.URL.Path] {
			next.ServeHTTP(w, r)
			return
		}
		key := s.Version + "\x00" + r.URL.Path + "?" + r.URL.RawQuery
		c.lookups.Add(1)
		if hit, ok := c.answers.GetIfPresent(key); ok {
			c.hits.Add(1)
			tallyOf(r.Context()).items = hit.items
			w.Header().Set("Content-Type", hit.contentType)
			_, _ = w.Write(hit.body)
			return
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		// An answer computed while the model was swapped belongs to the new version.
		if now, _ := e.Snapshot(); rec.status == http.StatusOK && now.Version == s.Version {
			c.answers.Set(key, &answer{contentType: w.Header().Get("Content-Type"), body: rec.body.Bytes(), items: tallyOf(r.Context()).items})
		}
	})
}

func (c *answerCache) hitRatio() float64 {
	lookups := c.lookups.Load()
	if lookups == 0 {
		return 0
	}
	return float64(c.hits.Load()) / float64(lookups)
}

// recorder keeps a copy of what goes to the client.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}
