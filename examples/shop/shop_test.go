package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/model"
)

// engine serves a model of tea drinkers and writers.
func engine(t *testing.T) *recsys.Engine {
	t.Helper()
	items := []string{"pen", "ink", "pad", "cup", "pot", "tea"}
	users, err := recsys.NewIDMap([]string{"w1", "w2", "w3", "t1", "t2", "t3"})
	require.NoError(t, err)
	ids, err := recsys.NewIDMap(items)
	require.NoError(t, err)
	var entries []recsys.Entry
	for u := range 6 {
		for n := range 3 {
			if n == 2 && u%3 == 2 {
				continue // the third of each lacks one
			}
			entries = append(entries, recsys.Entry{Row: int32(u), Col: int32(u/3*3 + n), Value: 1})
		}
	}
	x, err := recsys.NewCSR(6, 6, entries)
	require.NoError(t, err)
	d := &recsys.Dataset{Users: users, Items: ids, Interactions: x}
	cfg := als.DefaultConfig()
	cfg.Factors = 8
	m, err := als.New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	var catalogue []recsys.Item
	for _, id := range items {
		catalogue = append(catalogue, recsys.Item{ID: id, Title: "A fine " + id})
	}
	a := model.NewArtifact("als", m, d, catalogue)
	a.Manifest.Version = "als-test"
	e, err := recsys.NewEngine(a.Snapshot())
	require.NoError(t, err)
	return e
}

func TestTheShopRecommends(t *testing.T) {
	log, err := journal.Open(t.TempDir(), journal.Options{})
	require.NoError(t, err)
	defer log.Close()
	handler, stop, err := newShop(engine(t), log)
	require.NoError(t, err)
	defer stop()
	server := httptest.NewServer(handler)
	defer server.Close()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar}
	read := func(r *http.Response, err error) string {
		t.Helper()
		require.NoError(t, err)
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, 200, r.StatusCode, "%s", text)
		return string(text)
	}
	require.Contains(t, read(client.Get(server.URL+"/")), "For you", "a stranger sees what is popular")

	at, err := url.Parse(server.URL)
	require.NoError(t, err)
	jar.SetCookies(at, []*http.Cookie{{Name: "customer", Value: "newcomer"}})
	read(client.Post(server.URL+"/buy/cup", "", nil))
	home := read(client.Post(server.URL+"/buy/tea", "", nil))
	first := home[strings.Index(home, "/product/"):]
	require.True(t, strings.HasPrefix(first, "/product/pot"), "the purchase counts on the next page: %s", home)
	require.Contains(t, read(client.Get(server.URL+"/product/pot")), "Similar")

	// The API beside the pages answers from the same engine.
	answer := read(client.Get(server.URL + "/recs/recommend?user_id=newcomer&k=1"))
	require.Contains(t, answer, `"item_id":"pot"`)
	require.Contains(t, read(client.Get(server.URL+"/recs/openapi.json")), `"openapi": "3.1.0"`)
	missing, err := client.Get(server.URL + "/product/hat")
	require.NoError(t, err)
	missing.Body.Close()
	require.Equal(t, 404, missing.StatusCode)
}
