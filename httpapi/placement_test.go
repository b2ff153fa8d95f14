package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

// The shop's rules hold where the request says it is, and the further weights of re-ranking
// arrive: by query and by body.
func TestPlacementAndFurtherWeights(t *testing.T) {
	api, e := newAPI(t, httpapi.Options{})
	rules, err := recsys.ParseRules([]byte(`{"rules": [{"name": "top", "action": "pin", "position": 1, "placements": ["home"], "match": {"include_items": ["pen"]}}]}`))
	require.NoError(t, err)
	require.NoError(t, e.SetRules(rules))
	require.Contains(t, get(api, "/recommend?user_id=anna&k=1").Body.String(), `"item_id":"cup"`)
	for _, path := range []string{"/recommend?user_id=anna&", "/similar-items?item_id=bag&", "/popular?", "/trending?"} {
		w := get(api, path+"k=1&placement=home")
		if path == "/trending?" {
			require.NotContains(t, w.Body.String(), "unknown parameter")
			continue // this model has no times
		}
		require.Contains(t, w.Body.String(), `"source":"pinned"`, path)
	}
	w := get(api, "/recommend?user_id=anna&k=1&price_weight=0.5&stock_weight=0.25")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"relevance":0.4,"price":0.5,"stock":0.25`)
	require.Equal(t, http.StatusBadRequest, get(api, "/recommend?user_id=anna&price_weight=2").Code)

	post := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/recommend", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w
	}
	w = post(`{"user_id": "anna", "k": 1, "context": {"placement": "home"}, "rerank": {"weights": {"relevance": 1, "diversity": 0, "novelty": 0, "popularity": 0, "price": 0.5}}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), `"source":"pinned"`)
	require.Contains(t, w.Body.String(), `"price":0.5`)
	require.Equal(t, http.StatusBadRequest, post(`{"user_id": "anna", "rerank": {"weights": {"relevance": 1, "stock": 2}}}`).Code)
}
