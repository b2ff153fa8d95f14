package httpapi_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestTheCacheFollowsItsParameters(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	cache := func(query string) (hit bool, ttl float64, invalidated bool) {
		w := get(api, "/recommend?user_id=anna&"+query)
		require.Equal(t, 200, w.Code, w.Body)
		var body struct {
			FilterInfo struct {
				Cache struct {
					Hit, Invalidated bool
					TTL              float64
				}
			} `json:"filter_info"`
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
		c := body.FilterInfo.Cache
		return c.Hit, c.TTL, c.Invalidated
	}
	hit, ttl, _ := cache("k=2")
	require.False(t, hit)
	require.Equal(t, 300., ttl)
	hit, _, _ = cache("k=2")
	require.True(t, hit)
	hit, _, _ = cache("use_cache=true&k=2")
	require.True(t, hit, "what steers the cache is not part of the key")
	hit, ttl, _ = cache("k=2&use_cache=false")
	require.False(t, hit)
	require.Zero(t, ttl)
	hit, ttl, invalidated := cache("k=2&invalidate_cache=true&cache_ttl=60")
	require.False(t, hit)
	require.True(t, invalidated)
	require.Equal(t, 60., ttl)
	hit, ttl, _ = cache("k=2")
	require.True(t, hit, "replaced")
	require.Equal(t, 60., ttl)
	_, _, invalidated = cache("k=2")
	require.False(t, invalidated, "the request that is answered now did not say so")
	cache("k=2&seen=allow")
	hit, _, _ = cache("seen=allow&k=2")
	require.True(t, hit, "the order of parameters does not matter")

	w := post(api, "/cache/config?enabled=false", "")
	require.Equal(t, 200, w.Code, w.Body)
	hit, _, _ = cache("k=2")
	require.False(t, hit)
	w = post(api, "/cache/config?enabled=true&default_ttl=30", "")
	require.Contains(t, w.Body.String(), `"cache_enabled":true,"default_ttl":30`)
	_, ttl, _ = cache("k=2")
	require.Equal(t, 30., ttl)
	hit, _, _ = cache("k=2")
	require.True(t, hit)
	w = post(api, "/cache/clear", "")
	require.Contains(t, w.Body.String(), `"recommendation_cache":{"size":0,`)
	hit, _, _ = cache("k=2")
	require.False(t, hit)
	refused(t, post(api, "/cache/config?enabled=true&default_ttl=0", ""), 400, "default_ttl", "ttl 0")
	refused(t, post(api, "/cache/config", ""), 422, "query.enabled", "enabled")
}

func TestEventsAreDurableFirstAndCountAtOnce(t *testing.T) {
	j := &memory{}
	api, e := newAPI(t, httpapi.Options{Journal: j, Forgotten: func(id string) bool { return id == "gone" }})
	require.Equal(t, 404, get(api, "/recommend?user_id=newcomer").Code)
	w := post(api, "/events", `{"events":[{"user_id":"newcomer","item_id":"bag"},{"user_id":"gone","item_id":"bag"}]}`)
	require.Equal(t, 202, w.Code, w.Body)
	require.JSONEq(t, `{"accepted":1,"dropped":1}`, w.Body.String())
	require.Len(t, j.events, 1)
	require.Equal(t, "purchase", j.events[0].Type)
	require.InDelta(t, time.Now().Unix(), j.events[0].Time, 2)
	w = get(api, "/recommend?user_id=newcomer&k=1")
	require.Contains(t, w.Body.String(), `"item_id":"cup"`)
	require.Equal(t, 202, post(api, "/events", `{"user_id":"newcomer","item_id":"cup","qty":2,"ts":1700000000,"event_type":"view"}`).Code)
	w = get(api, "/recommend?user_id=newcomer&k=1")
	require.Contains(t, w.Body.String(), `"item_id":"pen"`, "not the cached answer")
	require.NoError(t, e.SetRules(&recsys.Rules{Rules: []recsys.Rule{{Name: "hide", Action: recsys.RuleHide, Match: recsys.Filter{IncludeItems: []string{"pen"}}}}}))
	w = get(api, "/recommend?user_id=newcomer&k=1")
	require.NotContains(t, w.Body.String(), `"item_id":"pen"`, "nor one from before a change of rules")
	require.Contains(t, w.Body.String(), `"rules":["hide"]`)

	for body, want := range map[string]struct {
		status int
		word   string
	}{
		`{"events":[]}`: {422, "at least one"},
		`{"events":[` + strings.Repeat(`{"user_id":"a","item_id":"b"},`, 1000) + `{"user_id":"a","item_id":"b"}]}`: {422, "at most 1000"},
		`{"events":[{"user_id":"a","item_id":"b"},{"user_id":"a"}]}`:                                               {422, "body.events[1].item_id"},
		`{"user_id":"","item_id":"b"}`:                                                            {422, "user_id"},
		`{"user_id":"a","item_id":"` + strings.Repeat("x", 1025) + `"}`:                           {422, "item_id"},
		`{"user_id":"a","item_id":"b","event_type":"` + strings.Repeat("x", 65) + `"}`:            {422, "event_type"},
		`{"user_id":"a","item_id":"b","ts":-1}`:                                                   {422, "ts"},
		`{"user_id":"a","item_id":"b","ts":1700000000000}`:                                        {422, "Unix seconds"},
		fmt.Sprintf(`{"user_id":"a","item_id":"b","ts":%d}`, time.Now().Add(48*time.Hour).Unix()): {422, "ahead"},
		`{"user_id":"a","item_id":"b","qty":1000000001}`:                                          {422, "qty"},
		`{"user_id":"a","item_id":"b","colour":"red"}`:                                            {422, "colour"},
		`{"user_id":"a","item_id":7}`:                                                             {422, "item_id"},
	} {
		refused(t, post(api, "/events", body), want.status, want.word, body[:min(60, len(body))])
	}
	require.Len(t, j.events, 2, "a batch with a fault is refused whole")
	j.fail = errDisk
	refused(t, post(api, "/events", `{"user_id":"other","item_id":"bag"}`), 500, "log", "disk")
	require.Equal(t, 404, get(api, "/recommend?user_id=other").Code, "what is not durable does not count")
}

func TestWhoMayDoWhat(t *testing.T) {
	open, _ := newAPI(t, httpapi.Options{Journal: &memory{}, Models: someModels})
	remote := func(r *http.Request) *http.Request { r.RemoteAddr = "203.0.113.9:1234"; return r }
	event := `{"user_id":"a","item_id":"b"}`
	code := func(h http.Handler, r *http.Request) int { return serveOne(h, r).StatusCode }
	require.Equal(t, 200, code(open, remote(localRequest("GET", "/recommend?user_id=anna", ""))))
	require.Equal(t, 202, code(open, localRequest("POST", "/events", event)))
	for _, target := range []string{"/users", "/models"} {
		require.Equal(t, 200, code(open, localRequest("GET", target, "")))
		require.Equal(t, 403, code(open, remote(localRequest("GET", target, ""))))
	}
	require.Equal(t, 403, code(open, remote(localRequest("POST", "/cache/clear", ""))))
	for name, change := range map[string]func(*http.Request){
		"a proxy for somebody else": func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") },
		"a proxy that says no more": func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") },
		"another site's page":       func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"as browsers say it":        func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a name for this machine":   func(r *http.Request) { r.Host = "evil.example" },
	} {
		r := localRequest("POST", "/events", event)
		change(r)
		require.Equal(t, 403, code(open, r), name)
	}
	same := localRequest("POST", "/events", event)
	same.Header.Set("Origin", "http://localhost")
	require.Equal(t, 202, code(open, same))

	secrets := map[string]string{}
	var keys []httpapi.Key
	for _, name := range []string{"read", "write", "admin"} {
		role, err := httpapi.ParseRole(name)
		require.NoError(t, err)
		secret, key, err := httpapi.NewKey(name, role)
		require.NoError(t, err)
		secrets[name], keys = secret, append(keys, key)
	}
	parsed, err := httpapi.ParseKeys(strings.NewReader(fmt.Sprintf("# keys\n%s;%s\n\n%s # the last\n", keys[0], keys[1], keys[2])))
	require.NoError(t, err)
	require.Equal(t, keys, parsed)
	for _, bad := range []string{"a read", "a root " + strings.Repeat("0", 64), "a read xyz", "a/b read " + strings.Repeat("0", 64)} {
		_, err := httpapi.ParseKeys(strings.NewReader(bad))
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, bad)
		require.ErrorContains(t, err, "line 1")
	}
	closed, _ := newAPI(t, httpapi.Options{Journal: &memory{}, Models: someModels, Keys: keys})
	public, _ := newAPI(t, httpapi.Options{Keys: keys, PublicRead: true})
	require.Equal(t, 200, code(public, remote(localRequest("GET", "/recommend?user_id=anna", ""))))
	require.Equal(t, 401, code(public, localRequest("POST", "/cache/clear", "")), "a key counts more than the machine")
	for _, c := range []struct {
		method, target, body string
		want                 map[string]int
	}{
		{"GET", "/recommend?user_id=anna", "", map[string]int{"": 401, "wrong": 401, "read": 200, "write": 200, "admin": 200}},
		{"POST", "/events", event, map[string]int{"": 401, "wrong": 401, "read": 403, "write": 202, "admin": 202}},
		{"POST", "/cache/clear", "", map[string]int{"": 401, "read": 403, "write": 403, "admin": 200}},
		{"GET", "/models", "", map[string]int{"": 401, "write": 403, "admin": 200}},
		{"GET", "/health", "", map[string]int{"": 200}},
		{"GET", "/openapi.json", "", map[string]int{"": 200}},
	} {
		for who, want := range c.want {
			r := remote(localRequest(c.method, c.target, c.body))
			if who != "" {
				r.Header.Set("X-API-Key", cmp.Or(secrets[who], "rsk_wrong"))
			}
			require.Equal(t, want, code(closed, r), "%s %s as %q", c.method, c.target, who)
		}
	}
	bearer := remote(localRequest("GET", "/recommend?user_id=anna", ""))
	bearer.Header.Set("Authorization", "Bearer "+secrets["read"])
	require.Equal(t, 200, code(closed, bearer))
	require.Error(t, closed.SetKeys(append(keys, keys[0])), "the same name twice")
}

func TestCallersThatAskTooOftenWait(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{RateLimit: 1, RateBurst: 3})
	for range 3 {
		require.Equal(t, 200, get(api, "/recommend?user_id=anna").Code)
	}
	w := get(api, "/recommend?user_id=anna")
	refused(t, w, 429, "requests per second", "the fourth")
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Equal(t, 200, get(api, "/health").Code, "probes go on")
	other := httptest.NewRequest("GET", "/recommend?user_id=anna", nil)
	other.RemoteAddr = "203.0.113.77:1"
	require.Equal(t, 200, serveOne(api, other).StatusCode, "another address has its own")
}

func TestETagsAndCacheControl(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	w := get(api, "/recommend?user_id=anna")
	tag := w.Header().Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, "private, no-cache", w.Header().Get("Cache-Control"))
	require.NotEmpty(t, w.Header().Get("X-Request-ID"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	for _, given := range []string{tag, `"x", ` + tag, "*"} {
		w = get(api, "/recommend?user_id=anna", "If-None-Match", given)
		require.Equal(t, 304, w.Code, given)
		require.Empty(t, w.Body.Bytes())
		require.Equal(t, tag, w.Header().Get("ETag"))
	}
	require.NoError(t, e.Swap(snapshot(t, "v2")))
	require.Equal(t, 200, get(api, "/recommend?user_id=anna", "If-None-Match", tag).Code)
	require.Equal(t, "public, max-age=60", get(api, "/popular").Header().Get("Cache-Control"))
	require.Equal(t, "no-store", get(api, "/health").Header().Get("Cache-Control"))
	require.Equal(t, "no-store", get(api, "/recommend?user_id=nobody").Header().Get("Cache-Control"))
	require.Equal(t, "mine-1", get(api, "/health", "X-Request-ID", "mine-1").Header().Get("X-Request-ID"))
	require.NotEqual(t, "a b", get(api, "/health", "X-Request-ID", "a b").Header().Get("X-Request-ID"))
}

func TestWhatNeedsAKeyIsNotKeptForOthers(t *testing.T) {
	secret, key, err := httpapi.NewKey("shop", httpapi.RoleRead)
	require.NoError(t, err)
	for publicRead, want := range map[bool]string{false: "private, max-age=60", true: "public, max-age=60"} {
		api, _ := newAPI(t, httpapi.Options{Keys: []httpapi.Key{key}, PublicRead: publicRead})
		for _, target := range []string{"/popular", "/items/pen", "/items?ids=pen"} {
			w := get(api, target, "X-API-Key", secret)
			require.Equal(t, 200, w.Code)
			require.Equal(t, want, w.Header().Get("Cache-Control"), target)
		}
		require.Equal(t, "public, max-age=60", get(api, "/docs").Header().Get("Cache-Control"), "open to all")
	}
}

// slow is a body that does not arrive in the time that the server gives it.
type slow struct{}

func (slow) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3)}, Err: os.ErrDeadlineExceeded}
}

func TestASlowBody(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	r := httptest.NewRequest(http.MethodPost, "/recommend", slow{})
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	refused(t, w, 400, "the body did not arrive in time", "slow")
	require.NotContains(t, w.Body.String(), "10.1.2.3")
}

func TestCORS(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{CORSOrigins: []string{"https://shop.example"}, Journal: &memory{}})
	w := get(api, "/recommend?user_id=anna", "Origin", "https://shop.example")
	require.Equal(t, "https://shop.example", w.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "Origin", w.Header().Get("Vary"))
	w = get(api, "/recommend?user_id=anna", "Origin", "https://evil.example")
	require.Equal(t, 200, w.Code)
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
	preflight := httptest.NewRequest(http.MethodOptions, "/events", nil)
	preflight.Header.Set("Origin", "https://shop.example")
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	answer := serveOne(api, preflight)
	require.Equal(t, 204, answer.StatusCode)
	require.Contains(t, answer.Header.Get("Access-Control-Allow-Methods"), "POST")
	require.Contains(t, answer.Header.Get("Access-Control-Allow-Headers"), "X-API-Key")
	all, _ := newAPI(t, httpapi.Options{CORSOrigins: []string{"*"}, Journal: &memory{}})
	require.Equal(t, "*", get(all, "/popular", "Origin", "https://any.example").Header().Get("Access-Control-Allow-Origin"))
	r := localRequest("POST", "/events", `{"user_id":"a","item_id":"b"}`)
	r.Header.Set("Origin", "https://any.example")
	require.Equal(t, 403, serveOne(all, r).StatusCode, "* is for reading")
	none, _ := newAPI(t, httpapi.Options{})
	require.Empty(t, get(none, "/popular", "Origin", "https://any.example").Header().Get("Access-Control-Allow-Origin"))
}

func TestTheAccessLogHasNoUsers(t *testing.T) {
	var log bytes.Buffer
	api, _ := newAPI(t, httpapi.Options{AccessLog: &log, Journal: &memory{}})
	get(api, "/recommend?user_id=anna")
	get(api, "/recommend?user_id=nobody")
	get(api, "/anna")
	post(api, "/events", `{"user_id":"anna","item_id":"pen"}`)
	require.NotContains(t, log.String(), "anna")
	require.NotContains(t, log.String(), "nobody")
	require.Regexp(t, `(?m)^time=\S+ level=INFO msg=request id=\S+ method=GET route=/recommend status=404 us=\d+ bytes=\d+ cached=false$`, log.String())
	require.Contains(t, log.String(), "route=none status=404")
	require.Equal(t, 4, strings.Count(log.String(), "\n"))
	log.Reset()
	api, _ = newAPI(t, httpapi.Options{AccessLog: &log, AccessQueries: true})
	get(api, "/recommend?user_id=anna")
	require.Contains(t, log.String(), `uri="/recommend?user_id=anna"`)
}

// panicking is a model with a fault.
type panicking struct{ fixed }

func (panicking) Recommend(context.Context, recsys.Query) ([]recsys.Scored, error) { panic("a fault") }

func TestAPanicIsA500(t *testing.T) {
	s := snapshot(t, "v1")
	s.Model = panicking{fixed{2, 3}}
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	api, err := httpapi.New(e, httpapi.Options{})
	require.NoError(t, err)
	defer api.Close()
	refused(t, get(api, "/recommend?user_id=anna"), 500, "internal error", "panic")
	require.Equal(t, 200, get(api, "/health").Code)
}

// While versions are swapped under load, no answer fails and none mixes two versions.
func TestSwapsUnderLoad(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	version := func(n int) recsys.Snapshot {
		s := snapshot(t, fmt.Sprint("v", n))
		for i := range s.Catalogue {
			s.Catalogue[i].Title = s.Version
		}
		return s
	}
	require.NoError(t, e.Swap(version(0)))
	stop := make(chan struct{})
	var load sync.WaitGroup
	for w := range 4 {
		load.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				answer := get(api, fmt.Sprintf("/recommend?user_id=anna&seen=allow&use_cache=%v", (n+w)%2 == 0))
				var body struct {
					Version         string `json:"model_version"`
					Recommendations []struct{ Title *string }
				}
				if answer.Code != 200 || json.Unmarshal(answer.Body.Bytes(), &body) != nil {
					t.Errorf("%d %s", answer.Code, answer.Body)
					return
				}
				for _, r := range body.Recommendations {
					if r.Title == nil || *r.Title != body.Version {
						t.Errorf("version %s with an item of another: %s", body.Version, answer.Body)
						return
					}
				}
			}
		})
	}
	for n := range 20 {
		require.NoError(t, e.Swap(version(n+1)))
		time.Sleep(2 * time.Millisecond)
	}
	close(stop)
	load.Wait()
}

// A kept answer is not repeated when the clock has ended a rule that it obeyed.
func TestTheCacheFollowsTheClockOfRules(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Second)
	require.NoError(t, e.SetRules(&recsys.Rules{Rules: []recsys.Rule{{Name: "sale", Action: recsys.RuleBury,
		Match: recsys.Filter{IncludeItems: []string{"a"}}, From: &from, Until: &until}}}))
	before := e.Revision("anna")
	require.Contains(t, get(api, "/recommend?user_id=anna").Body.String(), `"rules":["sale"]`)
	require.Contains(t, get(api, "/recommend?user_id=anna").Body.String(), `"hit":true`)
	time.Sleep(time.Until(until) + 10*time.Millisecond)
	after := get(api, "/recommend?user_id=anna").Body.String()
	require.Contains(t, after, `"hit":false`)
	require.NotContains(t, after, `"sale"`)
	require.NotEqual(t, before, e.Revision("anna"))
	require.Contains(t, get(api, "/recommend?user_id=anna").Body.String(), `"hit":true`)
}
