package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/httpapi"
)

func post(h http.Handler, target, body string, header ...string) *httptest.ResponseRecorder {
	r := localRequest(http.MethodPost, target, body)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// refused checks that an answer is a problem of the status, with the word in it.
func refused(t *testing.T, w *httptest.ResponseRecorder, status int, word, name string) {
	t.Helper()
	require.Equal(t, status, w.Code, "%s: %s", name, w.Body)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), name)
	var body struct {
		Title, Detail string
		Status        int
		Errors        []struct{ Location, Message string }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body), name)
	require.Equal(t, status, body.Status, name)
	require.NotEmpty(t, body.Title, name)
	require.Contains(t, w.Body.String(), word, name)
	require.True(t, utf8.Valid(w.Body.Bytes()), name)
}

func TestParametersOutOfRangeOrForm(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	for query, want := range map[string]struct {
		status int
		word   string
	}{
		"page=0":                  {400, "query.page"},
		"page=-1":                 {400, "query.page"},
		"page=1000001":            {400, "query.page"},
		"page=one":                {422, "query.page"},
		"page_size=0":             {400, "query.page_size"},
		"page_size=101":           {400, "between 1 and 100"},
		"k=1e9":                   {422, "query.k"},
		"min_price=cheap":         {422, "query.min_price"},
		"min_price=NaN":           {422, "query.min_price"},
		"max_price=Inf":           {422, "query.max_price"},
		"min_price=5&max_price=2": {400, "max_price"},
		"rerank=maybe":            {422, "query.rerank"},
		"rerank_strategy=magic":   {422, "diversity, novelty, popularity, hybrid"},
		"diversity_weight=1.5":    {400, "between 0 and 1"},
		"diversity_weight=-0.1":   {400, "between 0 and 1"},
		"novelty_weight=x":        {422, "query.novelty_weight"},
		"rerank=true&diversity_weight=0&novelty_weight=0&popularity_weight=0&relevance_weight=0": {400, "all weights"},
		"max_per_category=-1":                     {400, "query.max_per_category"},
		"seen=never":                              {422, "exclude, allow, only"},
		"seen=allow&repeats=true":                 {400, "query.repeats"},
		"explain=2":                               {422, "query.explain"},
		"cache_ttl=-1":                            {400, "query.cache_ttl"},
		"cache_ttl=3601":                          {400, "3600"},
		"use_cache=perhaps":                       {422, "query.use_cache"},
		"page=1&page=2":                           {400, "more than once"},
		"seen=allow&seen=allow":                   {400, "more than once"},
		"categories=%ff":                          {400, "UTF-8"},
		"attr.color=%ff":                          {400, "UTF-8"},
		"attr.=red":                               {400, "attr."},
		"attr.NAME=red&attr=red":                  {400, "unknown parameter"},
		"categories=" + strings.Repeat("x", 1025): {422, "1024"},
		"exclude_items=" + strings.Repeat("x,", 400) + strings.Repeat("&exclude_items="+strings.Repeat("y,", 400), 2): {400, "more than 1000"},
		strings.Repeat("&attr.a=", 2001): {400, "2000"},
		"colour=red":                     {400, "colour"},
	} {
		refused(t, get(api, "/recommend?user_id=anna&"+query), want.status, want.word, query[:min(len(query), 80)])
	}
	for target, word := range map[string]string{
		"/similar-items?item_id=pen&use_faiss=true": "unknown parameter",
		"/items":                              "ids or q",
		"/items?ids=pen&q=pen":                "ids or q",
		"/popular?half_life=0":                "half_life",
		"/bought-together":                    "query.item_id",
		"/bought-together?item_id=":           "query.item_id",
		"/recent":                             "query.user_id",
		"/items/" + strings.Repeat("x", 2000): "1024",
		"/items/%ff":                          "UTF-8",
	} {
		w := get(api, target)
		require.GreaterOrEqual(t, w.Code, 400, target)
		require.Less(t, w.Code, 500, target)
		refused(t, w, w.Code, word, target[:min(len(target), 60)])
	}
}

func TestListsMayBeRepeatedOrHaveCommas(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	ids := func(query string) (ids []string) {
		w := get(api, "/recommend?user_id=anna&seen=allow&"+query)
		require.Equal(t, 200, w.Code, w.Body)
		var body struct {
			Recommendations []struct {
				ItemID string `json:"item_id"`
			}
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
		for _, r := range body.Recommendations {
			ids = append(ids, r.ItemID)
		}
		return ids
	}
	require.Equal(t, []string{"bag", "cup", "pen"}, ids(""))
	require.Equal(t, []string{"cup", "pen"}, ids("include_items=pen&include_items=cup"))
	require.Equal(t, []string{"cup", "pen"}, ids("include_items=pen,cup"))
	require.Equal(t, []string{"cup", "pen"}, ids("exclude_items=bag"))
	require.Equal(t, []string{"pen"}, ids("categories=Home%5C,%20Garden,Office"), "a comma in a value")
	require.Equal(t, []string{"pen"}, ids("brands=Bic&min_price=2.5&max_price=2.5"))
	require.Empty(t, ids("attr.color=red"))
	require.Equal(t, []string{"bag", "cup", "pen"}, ids("categories="), "an empty field of a form is no filter")
}

func TestPagesShareOneRanking(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	page := func(query string) (ids []string, p map[string]any) {
		w := get(api, "/recommend?user_id=anna&seen=allow&"+query)
		require.Equal(t, 200, w.Code, w.Body)
		var body struct {
			Recommendations []map[string]any
			Pagination      map[string]any
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
		for _, r := range body.Recommendations {
			ids = append(ids, r["item_id"].(string))
		}
		return ids, body.Pagination
	}
	ids, p := page("page=1&page_size=2")
	require.Equal(t, []string{"bag", "cup"}, ids)
	require.Equal(t, map[string]any{"total": 3., "page": 1., "page_size": 2., "total_pages": 2., "has_next": true, "has_prev": false}, p)
	ids, p = page("page=2&page_size=2")
	require.Equal(t, []string{"pen"}, ids)
	require.Equal(t, map[string]any{"total": 3., "page": 2., "page_size": 2., "total_pages": 2., "has_next": false, "has_prev": true}, p)
	ids, p = page("page=1000000&page_size=100")
	require.Empty(t, ids)
	require.Equal(t, 3., p["total"])
	ids, p = page("k=1&page=1&page_size=2")
	require.Equal(t, []string{"bag"}, ids, "k bounds the ranking")
	require.Equal(t, 1., p["total"])
	ids, p = page("k=1&page=2&page_size=2")
	require.Empty(t, ids)
	require.Equal(t, 1., p["total"])
	_, p = page("k=2")
	require.Equal(t, map[string]any{"total": 2., "page": 1., "page_size": 2., "total_pages": 1., "has_next": false, "has_prev": false}, p)
}

func TestBodies(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{MaxBody: 4096})
	w := post(api, "/recommend", `{"session":["pen"],"k":1}`)
	require.Equal(t, 200, w.Code, w.Body)
	require.Contains(t, w.Body.String(), `"user_id":null`)
	require.Contains(t, w.Body.String(), `"item_id":"bag"`)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	for body, want := range map[string]struct {
		status int
		word   string
	}{
		``:                                      {415, "application/json"},
		"\n":                                    {400, "the body is empty"},
		`{`:                                     {400, "no JSON"},
		`{"user_id":"anna"} {}`:                 {400, "goes on"},
		"{\"user_id\":\"\xff\"}":                {400, "UTF-8"},
		`{"user":"anna"}`:                       {422, "body.user"},
		`{"user_id":5}`:                         {422, "body.user_id"},
		`{}`:                                    {422, "body.user_id"},
		`null`:                                  {422, "body.user_id"},
		`[]`:                                    {422, "body"},
		`{"user_id":"anna","k":0}`:              {400, "body.k"},
		`{"user_id":"anna","k":51}`:             {400, "body.k"},
		`{"user_id":"anna","k":1.5}`:            {422, "body.k"},
		`{"user_id":"anna","page":0}`:           {400, "body.page"},
		`{"user_id":"anna","page_size":101}`:    {400, "body.page_size"},
		`{"user_id":"anna","seen":"never"}`:     {422, "body.seen"},
		`{"user_id":"anna","max_per_brand":-1}`: {400, "body.max_per_brand"},
		`{"user_id":"anna","rerank":{"strategy":"magic"}}`:                                 {422, "body.rerank.strategy"},
		`{"user_id":"anna","rerank":{"weights":{"diversity":2}}}`:                          {400, "body.rerank.weights.diversity"},
		`{"user_id":"anna","filter":{"min_price":3,"max_price":2}}`:                        {400, "body.min_price"},
		`{"user_id":"anna","filter":{"categories":["` + strings.Repeat("x", 1025) + `"]}}`: {422, "body.filter.categories"},
		`{"user_id":"anna","events":[{"item_id":""}]}`:                                     {422, "body.events[0].item_id"},
		`{"user_id":"nobody"}`:                            {404, "nobody"},
		`{"user_id":"` + strings.Repeat("x", 5000) + `"}`: {413, "4096"},
	} {
		refused(t, post(api, "/recommend", body), want.status, want.word, body[:min(len(body), 60)])
	}
	refused(t, post(api, "/recommend", `{"user_id":"anna"}`, "Content-Type", "text/plain"), 415, "application/json", "content type")
}

func FuzzGet(f *testing.F) {
	api, _ := newAPI(f, httpapi.Options{CacheSize: 1})
	for _, seed := range []string{"user_id=anna", "user_id=&k=0", "k=1e9&user_id=%ff", "user_id=a;b", "item_id=pen&k=3", "=&&=&%", "attr.color=red,blue&categories=a%5C,b", "page=9&page_size=9&rerank=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/recommend", "/similar-items", "/popular", "/bought-together", "/items", "/recent", "/health", "/metrics"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || !utf8.Valid(w.Body.Bytes()) {
				t.Fatalf("%s?%q: %d %s", path, query, w.Code, w.Body)
			}
		}
	})
}

func FuzzPost(f *testing.F) {
	api, _ := newAPI(f, httpapi.Options{Journal: &memory{}})
	for _, seed := range []string{`{"user_id":"anna"}`, `{"session":["pen"],"filter":{"attributes":{"a":["b"]}},"rerank":{}}`, `{"events":[{"user_id":"a","item_id":"b","ts":1e3}]}`, `{"events":null}`, `[]`, `{"user_id":"a","item_id":"b","qty":-1}`, "{\"user_id\":\"\xff\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/recommend", "/events"} {
			w := post(api, path, body, "Content-Type", "application/json")
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || !utf8.Valid(w.Body.Bytes()) {
				t.Fatalf("%s %q: %d %s", path, body, w.Code, w.Body)
			}
		}
	})
}
