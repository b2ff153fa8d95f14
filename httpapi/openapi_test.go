package httpapi_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/httpapi"
)

func TestTheDescriptionIsValidAndTheAnswersKeepToIt(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{Journal: &memory{}, Models: someModels, Worker: someWorker})
	w := get(api, "/openapi.json")
	require.Equal(t, 200, w.Code)
	doc, err := libopenapi.NewDocument(bytes.ReplaceAll(w.Body.Bytes(), []byte(`"url": "."`), []byte(`"url": "http://localhost"`)))
	require.NoError(t, err)
	require.Equal(t, "3.1.0", doc.GetVersion())
	v, errs := validator.NewValidator(doc)
	require.Empty(t, errs)
	valid, faults := v.ValidateDocument()
	for _, f := range faults {
		t.Errorf("document: %s: %s %v", f.Message, f.Reason, f.SchemaValidationErrors)
	}
	require.True(t, valid)

	for _, c := range []struct{ method, target, body string }{
		{"GET", "/recommend?user_id=anna", ""},
		{"GET", "/recommend?user_id=anna&k=2&explain=true&why_not=pen&rerank=true&categories=Office&min_price=1&seen=allow&exclude_items=cup&exclude_items=nothing", ""},
		{"GET", "/recommend?user_id=anna&page=2&page_size=1", ""},
		{"GET", "/recommend?session_items=pen", ""},
		{"GET", "/recommend?user_id=nobody", ""},
		{"GET", "/recommend?user_id=anna&k=0", ""},
		{"GET", "/recommend?user_id=nobody&fallback=true", ""},
		{"POST", "/recommend", `{"session":["pen"],"basket":["cup"],"k":1,"filter":{"max_price":10},"rerank":{"strategy":"novelty"}}`},
		{"POST", "/recommend", `{"user_id":"anna","events":[{"item_id":"pen","event_type":"view"}],"seen":"allow","explain":true,"page":1,"page_size":2}`},
		{"GET", "/similar-items?item_id=pen&k=2", ""},
		{"GET", "/similar-items?item_id=nothing", ""},
		{"GET", "/popular?k=2", ""},
		{"GET", "/trending?k=2", ""},
		{"GET", "/bought-together?item_id=pen", ""},
		{"GET", "/recent?user_id=anna", ""},
		{"GET", "/items/pen", ""},
		{"GET", "/items/nothing", ""},
		{"GET", "/items?ids=pen&ids=cup", ""},
		{"GET", "/items?q=blue", ""},
		{"POST", "/events", `{"user_id":"anna","item_id":"pen"}`},
		{"POST", "/events", `{"events":[{"user_id":"anna","item_id":"pen","ts":1700000000,"qty":2,"event_type":"view"}]}`},
		{"GET", "/users?k=2", ""},
		{"GET", "/models", ""},
		{"GET", "/health/worker", ""},
		{"GET", "/health", ""},
		{"GET", "/ready", ""},
		{"GET", "/metrics", ""},
		{"POST", "/cache/clear", ""},
		{"POST", "/cache/config?enabled=true&default_ttl=60", ""},
	} {
		r := localRequest(c.method, "http://localhost"+c.target, c.body)
		answer := serveOne(api, r)
		// The validator reads the bodies.
		request := localRequest(c.method, "http://localhost"+c.target, c.body)
		if answer.StatusCode < 400 {
			_, faults := v.ValidateHttpRequest(request)
			for _, f := range faults {
				t.Errorf("%s %s: request: %s: %s %v", c.method, c.target, f.Message, f.Reason, f.SchemaValidationErrors)
			}
		}
		request = localRequest(c.method, "http://localhost"+c.target, c.body)
		_, faults := v.ValidateHttpResponse(request, answer)
		for _, f := range faults {
			t.Errorf("%s %s: answer: %s: %s %v", c.method, c.target, f.Message, f.Reason, f.SchemaValidationErrors)
		}
	}
}

// localRequest is a request of a client on the same machine.
func localRequest(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:4321", "localhost"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func serveOne(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := w.Result()
	data, _ := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(data))
	return answer
}

func TestTheDocsPageNeedsNothingFromElsewhere(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	w := get(api, "/docs")
	require.Equal(t, 200, w.Code)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	page := w.Body.String()
	for _, path := range []string{"/recommend", "/similar-items", "/events", "/cache/config", "attr.NAME", "filter_info"} {
		require.Contains(t, page, path)
	}
	for _, word := range []string{"<script", "src=", "https://", "http://", "ZgotmplZ"} {
		require.NotContains(t, page, word)
	}
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
}
