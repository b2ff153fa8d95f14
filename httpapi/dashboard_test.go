package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/httpapi"
)

func TestDashboardIsForAdministrators(t *testing.T) {
	secret, admin, err := httpapi.NewKey("ops", httpapi.RoleAdmin)
	require.NoError(t, err)
	weak, reader, err := httpapi.NewKey("shop", httpapi.RoleRead)
	require.NoError(t, err)
	api, _ := newAPI(t, httpapi.Options{Keys: []httpapi.Key{admin, reader}})
	basic := func(password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("anybody:"+password))
	}

	w := get(api, "/dashboard")
	require.Equal(t, 401, w.Code)
	require.Contains(t, w.Header().Get("Www-Authenticate"), "Basic", "a browser asks for the key")
	require.Equal(t, 401, get(api, "/dashboard", "Authorization", basic("wrong")).Code)
	require.Equal(t, 403, get(api, "/dashboard", "Authorization", basic(weak)).Code)
	require.Contains(t, get(api, "/models").Header().Get("Www-Authenticate"), "Bearer")
	w = get(api, "/dashboard", "Authorization", basic(secret))
	require.Equal(t, 200, w.Code)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, 200, get(api, "/health/data", "Authorization", basic(secret)).Code)

	// The password that a browser remembers must not serve the pages of other sites.
	post := httptest.NewRequest(http.MethodPost, "/cache/clear", nil)
	post.Header.Set("Authorization", basic(secret))
	post.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	api.ServeHTTP(w, post)
	require.Equal(t, 403, w.Code)
}

func TestDashboardIsWhole(t *testing.T) {
	api, _ := newAPI(t, httpapi.Options{})
	w := get(api, "/dashboard")
	require.Equal(t, 403, w.Code, "httptest asks from elsewhere")

	r := httptest.NewRequest(http.MethodGet, "http://localhost/dashboard", nil)
	r.RemoteAddr = "127.0.0.1:5000"
	w = httptest.NewRecorder()
	api.ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
	page := w.Body.String()
	_, rest, ok := strings.Cut(page, "<script>")
	require.True(t, ok)
	script, _, ok := strings.Cut(rest, "</script>")
	require.True(t, ok)
	sum := sha256.Sum256([]byte(script))
	require.Contains(t, w.Header().Get("Content-Security-Policy"), base64.StdEncoding.EncodeToString(sum[:]), "the policy allows this script")
	require.NotContains(t, strings.ReplaceAll(page, "http://www.w3.org/", ""), "://", "nothing from elsewhere")
}

func TestHealthOfData(t *testing.T) {
	secret, admin, err := httpapi.NewKey("ops", httpapi.RoleAdmin)
	require.NoError(t, err)
	api, _ := newAPI(t, httpapi.Options{Keys: []httpapi.Key{admin}})
	w := get(api, "/health/data", "X-API-Key", secret)
	require.JSONEq(t, `{"model_version":"v1","users":2,"light_users":2,"items":3,"available":3,"never_had":1,
		"with_title":1,"with_price":1,"with_image":1,"with_category":1,"interactions":2}`, w.Body.String())
}
