package shop

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys"
)

//go:embed static
var static embed.FS

// Kind is one of the models that the visitor can choose from. Its API is mounted at
// /models/NAME/.
type Kind struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
	// NDCG is ndcg@10 on the newest part of the events; 0 when it was not measured.
	NDCG float64 `json:"ndcg"`
}

// Facet is a value to filter by, with the number of products that have it.
type Facet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Customer is somebody to look through the eyes of.
type Customer struct {
	ID string `json:"id"`
	// Items is how many different products the customer has.
	Items int `json:"items"`
	// Likes are the categories of most of them.
	Likes []string `json:"likes"`
}

// description is what the page has to know before its first question to an API.
type description struct {
	Kinds      []Kind     `json:"kinds"`
	Customers  []Customer `json:"customers"`
	Categories []Facet    `json:"categories"`
	Colours    []Facet    `json:"colours"`
	Materials  []Facet    `json:"materials"`
}

// New returns the handler of the shop's page, pictures and assets. Everything that it does not
// know goes to api, the default model's.
func New(kinds []Kind, products []Product, s recsys.Snapshot, api http.Handler) (http.Handler, error) {
	about, err := json.Marshal(describe(kinds, products, s))
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, err
	}
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Product, len(products))
	for _, p := range products {
		byID[p.ID] = p
	}
	built := time.Now()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		// The page and everything on it come from here; nothing is ever fetched from elsewhere.
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
		http.ServeContent(w, r, "index.html", built, bytes.NewReader(page))
	})
	mux.HandleFunc("GET /shop.json", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "shop.json", built, bytes.NewReader(about))
	})
	mux.Handle("GET /shop/", http.StripPrefix("/shop", http.FileServerFS(files)))
	mux.HandleFunc("GET /art/{file}", func(w http.ResponseWriter, r *http.Request) {
		p, ok := byID[strings.TrimSuffix(r.PathValue("file"), ".svg")]
		if !ok || path.Ext(r.PathValue("file")) != ".svg" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeContent(w, r, "", built, strings.NewReader(Art(p)))
	})
	mux.Handle("/", api)
	return mux, nil
}

func describe(kinds []Kind, products []Product, s recsys.Snapshot) description {
	d := description{Kinds: kinds, Customers: customers(s)}
	d.Categories = facets(products, func(p Product) string { return p.Category })
	d.Colours = facets(products, func(p Product) string { return p.Colour })
	d.Materials = facets(products, func(p Product) string { return p.Material })
	return d
}

// facets counts values, the most frequent first.
func facets(products []Product, value func(Product) string) []Facet {
	count := map[string]int{}
	for _, p := range products {
		if v := value(p); v != "" {
			count[v]++
		}
	}
	var out []Facet
	for v, n := range count {
		out = append(out, Facet{v, n})
	}
	slices.SortFunc(out, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return out
}

// customers picks some of different sizes and tastes: for each size, the one whose favourite
// category has the largest share, no category twice in a row.
func customers(s recsys.Snapshot) []Customer {
	sizes := [][2]int{{8, 12}, {12, 18}, {18, 26}, {26, 36}, {36, 50}, {50, 70}, {70, 100}, {100, 150}, {150, 250}, {250, 500}}
	used := map[string]bool{}
	var out []Customer
	for _, size := range sizes {
		best, share := Customer{}, 0.
		for u := range s.Users.Len() {
			n := s.Interactions.RowLen(u)
			if n < size[0] || n >= size[1] {
				continue
			}
			likes, top := tastes(s, u)
			if len(likes) > 0 && !used[likes[0]] && top > share {
				best, share = Customer{s.Users.ID(int32(u)), n, likes[:min(2, len(likes))]}, top
			}
		}
		if best.ID != "" {
			used[best.Likes[0]] = true
			out = append(out, best)
		}
	}
	return out
}

// tastes are the categories of a user's items, the largest first, with its share.
func tastes(s recsys.Snapshot, user int) (likes []string, share float64) {
	items, _ := s.Interactions.Row(user)
	count := map[string]int{}
	for _, i := range items {
		if c := s.Catalogue[i].Category; c != "" && c != "Home Accents" {
			count[c]++
		}
	}
	for c := range count {
		likes = append(likes, c)
	}
	slices.SortFunc(likes, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	if len(likes) > 0 {
		share = float64(count[likes[0]]) / float64(len(items))
	}
	return likes, share
}
