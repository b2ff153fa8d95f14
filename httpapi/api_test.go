package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

// fixed scores item i of the catalogue by its index, for everybody.
type fixed struct{ users, items int }

func (m fixed) Shape() (int, int)                                           { return m.users, m.items }
func (m fixed) Fit(context.Context, *recsys.Dataset) error                  { return nil }
func (m fixed) PartialFitUsers(context.Context, []int32, *recsys.CSR) error { return nil }

func (m fixed) Scores(_ context.Context, _ recsys.Query, dst []float32) error {
	for i := range dst {
		dst[i] = float32(i)
	}
	return nil
}

func (m fixed) Recommend(ctx context.Context, q recsys.Query) ([]recsys.Scored, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	scores := make([]float32, m.items)
	_ = m.Scores(ctx, q, scores)
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

func (m fixed) SimilarItems(ctx context.Context, item int32, k int, allowed *recsys.Bitset) ([]recsys.Scored, error) {
	allowed = allowed.Clone()
	allowed.Clear(item)
	return m.Recommend(ctx, recsys.Query{User: recsys.NoUser, K: k, Allowed: allowed})
}

func snapshot(t testing.TB, version string) recsys.Snapshot {
	users, err := recsys.NewIDMap([]string{"anna", `b/o "b" 🎁`})
	require.NoError(t, err)
	items, err := recsys.NewIDMap([]string{"pen", "cup", "bag"})
	require.NoError(t, err)
	x, err := recsys.NewCSR(2, 3, []recsys.Entry{{Row: 0, Col: 2, Value: 1}, {Row: 1, Col: 0, Value: 1}})
	require.NoError(t, err)
	price := 2.5
	return recsys.Snapshot{Version: version, Kind: "fixed", Model: fixed{2, 3}, Users: users, Items: items, Interactions: x,
		Catalogue: []recsys.Item{{ID: "pen", Title: "Blue pen", Category: "Office", Brand: "Bic", Price: &price, ImgURL: "https://example.com/pen.jpg"}, {ID: "cup"}, {ID: "bag"}}}
}

func newAPI(t testing.TB, o httpapi.Options) (*httpapi.API, *recsys.Engine) {
	e, err := recsys.NewEngine(snapshot(t, "v1"))
	require.NoError(t, err)
	api, err := httpapi.New(e, o)
	require.NoError(t, err)
	t.Cleanup(api.Close)
	return api, e
}

func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRecommendAnswersAsDocumented(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	w := get(api, "/recommend?user_id=anna&k=2")
	require.Equal(t, 200, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.JSONEq(t, `{"user_id":"anna","model_version":"v1","degraded":false,"recommendations":[
		{"item_id":"cup","score":1,"title":null,"category":null,"brand":null,"price":null,"img_url":null,"source":"model","explanation":null},
		{"item_id":"pen","score":0,"title":"Blue pen","category":"Office","brand":"Bic","price":2.5,"img_url":"https://example.com/pen.jpg","source":"model","explanation":null}],
		"pagination":{"total":2,"page":1,"page_size":2,"total_pages":1,"has_next":false,"has_prev":false},
		"filter_info":{"original_count":2,"filtered_count":2,"filters_applied":{},"cache":{"hit":false,"ttl":300,"invalidated":false},
			"reranking":{"strategy":null,"applied":false,"weights":{"diversity":0,"novelty":0,"popularity":0,"relevance":0},"category_distribution":{"Office":1}}}}`, w.Body.String())

	w = get(api, "/recommend?user_id=b%2Fo%20%22b%22%20%F0%9F%8E%81&k=1&use_faiss=true")
	require.Equal(t, 200, w.Code, "ids are any UTF-8")
	require.Contains(t, w.Body.String(), `"item_id":"bag"`)

	require.Contains(t, get(api, "/recommend?user_id=anna&k=1&repeats=true").Body.String(), `"item_id":"bag"`)
	require.Contains(t, get(api, "/recommend?user_id=nobody&fallback=true").Body.String(), `"source":"popular"`)
}

// A guest of whom nothing is known gets popular items where they are asked for.
func TestGuestWithoutHistory(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	for _, w := range []*httptest.ResponseRecorder{
		get(api, "/recommend?fallback=true&k=1"), post(api, "/recommend", `{"fallback":true,"k":1}`),
	} {
		require.Equal(t, 200, w.Code, w.Body.String())
		require.Contains(t, w.Body.String(), `"source":"popular"`)
		require.Contains(t, w.Body.String(), `"user_id":null`)
	}
}

func TestSimilarItemsAnswersAsDocumented(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	w := get(api, "/similar-items?item_id=bag&k=1")
	require.Equal(t, 200, w.Code)
	var body map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	require.Equal(t, body["similar_items"], body["recommendations"], "the old name")
	require.Equal(t, "cup", body["similar_items"].([]any)[0].(map[string]any)["item_id"])
	require.Equal(t, "similar", body["similar_items"].([]any)[0].(map[string]any)["source"])
}

func TestErrorsAreJSONWithTheDocumentedStatus(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	for target, want := range map[string]struct {
		status int
		word   string
	}{
		"/recommend?user_id=nobody":                      {404, "nobody"},
		"/similar-items?item_id=nothing":                 {404, "nothing"},
		"/recommend?user_id=anna&k=0":                    {400, "between 1 and 50"},
		"/recommend?user_id=anna&k=-1":                   {400, "between 1 and 50"},
		"/recommend?user_id=anna&k=1000000000":           {400, "between 1 and 50"},
		"/recommend?user_id=anna&k=51":                   {400, "between 1 and 50"},
		"/similar-items?item_id=pen&k=0":                 {400, "between 1 and 50"},
		"/recommend?user_id=anna&k=ten":                  {422, "query.k"},
		"/recommend?user_id=anna&k=99999999999999999999": {422, "query.k"},
		"/recommend?user_id=anna&use_faiss=perhaps":      {422, "query.use_faiss"},
		"/recommend?user_id=anna&fallback=perhaps":       {422, "query.fallback"},
		"/recommend":          {422, "query.user_id"},
		"/recommend?user_id=": {422, "query.user_id"},
		"/similar-items":      {422, "query.item_id"},
		"/recommend?user_id=" + strings.Repeat("x", 1<<20): {422, "query.user_id"},
		"/recommend?user_id=anna&user_id=bob":              {400, "more than once"},
		"/recommend?user_id=anna&knob=1":                   {400, "knob"},
		"/recommend?user_id=%ff%fe":                        {400, "UTF-8"},
		"/recommend?user_id=anna&k=%zz":                    {400, "query string"},
		"/recommend?user_id=anna;k=2":                      {400, "semicolon"},
		"/nowhere":                                         {404, "/nowhere"},
		"/":                                                {404, "GET /docs"},
		"/recommend?session_items=nothing":                 {404, "knows no item of the session"},
	} {
		w := get(api, target)
		name := target[:min(len(target), 60)]
		require.Equal(t, want.status, w.Code, name)
		var body struct {
			Status int
			Detail string
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body), name)
		require.Equal(t, want.status, body.Status, name)
		require.Contains(t, w.Body.String(), want.word, name)
	}

	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/recommend?user_id=anna", nil))
	require.Equal(t, 405, w.Code)
	require.Equal(t, "GET, HEAD, POST", w.Header().Get("Allow"))
	require.True(t, json.Valid(w.Body.Bytes()))
}

func TestWithoutAModel(t *testing.T) {
	api, err := httpapi.New(new(recsys.Engine), httpapi.Options{})
	require.NoError(t, err)
	defer api.Close()
	require.Equal(t, 503, get(api, "/recommend?user_id=anna").Code)
	require.Equal(t, 503, get(api, "/similar-items?item_id=pen").Code)
	w := get(api, "/health")
	require.Equal(t, 503, w.Code)
	require.Contains(t, w.Body.String(), `"no model"`)
	require.Equal(t, 200, get(api, "/metrics").Code)
}

func TestHealthAnswersAsDocumented(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{Version: "0.1.1"})
	w := get(api, "/health")
	require.Equal(t, 200, w.Code)
	require.JSONEq(t, `{"status":"ok","version":"0.1.1","model_type":"fixed","model_version":"v1","uptime_seconds":0}`, w.Body.String())
}

func TestMetricsSpeakJSONAndPrometheus(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	for range 4 {
		get(api, "/recommend?user_id=anna&k=2")
	}
	get(api, "/recommend?user_id=nobody")
	var m map[string]float64
	w := get(api, "/metrics")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &m))
	require.EqualValues(t, 5, m["request_count"])
	require.EqualValues(t, 8, m["recommendation_count"], "answers from the cache count")
	require.EqualValues(t, 0, m["error_count"], "a client's mistake is not the server's failure")
	require.InDelta(t, 3./5, m["cache_hit_ratio"], 1e-9)
	require.Contains(t, m, "uptime_seconds")
	require.Contains(t, m, "recommendations_per_second")

	w = get(api, "/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
	require.Contains(t, w.Body.String(), "recsys_recommendations_total 8")
	require.Contains(t, w.Body.String(), `recsys_request_duration_seconds_count{route="GET /recommend",status="404"} 1`)
}

func TestCacheNeverOutlivesItsModel(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	require.Contains(t, get(api, "/recommend?user_id=anna").Body.String(), `"v1"`)
	require.NoError(t, e.Swap(snapshot(t, "v2")))
	require.Contains(t, get(api, "/recommend?user_id=anna").Body.String(), `"v2"`)
}

func TestMountedUnderAPrefix(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	mux := http.NewServeMux()
	mux.Handle("/recs/", http.StripPrefix("/recs", api))
	require.Equal(t, 200, get(mux, "/recs/recommend?user_id=anna").Code)
	require.Equal(t, 404, get(mux, "/recs/nowhere").Code)
}

func TestOptionsAreChecked(t *testing.T) {
	_, err := httpapi.New(new(recsys.Engine), httpapi.Options{MaxRecommendations: -1, CacheSize: -1, Timeout: -1})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, name := range []string{"MaxRecommendations", "CacheSize", "Timeout"} {
		require.ErrorContains(t, err, name)
	}
}

func TestItemIDsInPathsAreUnescapedOnce(t *testing.T) {
	s := snapshot(t, "v1")
	ids := []string{"a/b%41", "a/100%", "a/é+ b"}
	items, err := recsys.NewIDMap(ids)
	require.NoError(t, err)
	s.Items, s.Catalogue = items, nil
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	api, err := httpapi.New(e, httpapi.Options{})
	require.NoError(t, err)
	defer api.Close()
	for _, id := range ids {
		w := get(api, "/items/"+url.PathEscape(id))
		require.Equal(t, 200, w.Code, "%s: %s", id, w.Body)
	}
}

func TestSearchFollowsTheCatalogue(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	require.Contains(t, get(api, "/items?q=blue").Body.String(), "Blue pen")
	s := snapshot(t, "v1") // an update may bring no more than other titles
	s.Catalogue[1].Title = "Blue cup"
	require.NoError(t, e.Swap(s))
	require.Contains(t, get(api, "/items?q=blue").Body.String(), "Blue cup")
}

// An index that an update retired is no item that anybody looks for.
func TestSearchPassesOverRetiredItems(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	s := snapshot(t, "v1")
	ids := slices.Clone(s.Items.IDs())
	ids[1] = "retired-1"
	s.Catalogue[1] = recsys.Item{ID: ids[1], Unavailable: true}
	var err error
	s.Items, err = recsys.NewIDMap(ids)
	require.NoError(t, err)
	require.NoError(t, e.Swap(s))
	require.NotContains(t, get(api, "/items?q=retired").Body.String(), "retired-1")
	require.NotContains(t, get(api, "/items?ids=retired-1").Body.String(), "retired-1")
	require.Equal(t, 404, get(api, "/items/retired-1").Code)
}
