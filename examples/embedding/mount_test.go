package embedding_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/recsys-lite/recsys/httpapi"
)

func Example_mount() {
	ctx := context.Background()
	engine := serve(ctx, open(ctx))
	api, err := httpapi.New(engine, httpapi.Options{})
	check(err)
	defer api.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "the shop") })
	mux.Handle("/recs/", http.StripPrefix("/recs", api))

	server := httptest.NewServer(mux)
	defer server.Close()
	r, err := http.Get(server.URL + "/recs/health")
	check(err)
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	check(err)
	fmt.Println(r.Status)
	// Output: 200 OK
}
