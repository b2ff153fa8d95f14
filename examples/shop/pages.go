package main

import (
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/recsys-lite/recsys"
)

// shop is the part of the program that was there before; what it knows of its customer is a
// cookie.
type shop struct {
	engine  *recsys.Engine
	journal recsys.Journal
}

var page = template.Must(template.New("page").Parse(`<!doctype html><meta charset="utf-8"><title>{{.Title}}</title>
<h1>{{.Title}}</h1>
{{with .Item}}<p>{{with .Price}}{{.}}{{end}}</p><form method="post" action="/buy/{{.ID}}"><button>Buy</button></form>{{end}}
{{range .Shelves}}<h2>{{.Title}}</h2><ul>{{range .Items}}<li><a href="/product/{{.Item.ID}}">{{.Item.Title}}</a></li>{{end}}</ul>{{end}}
`))

type shelf struct {
	Title string
	Items []recsys.Recommendation
}

func customer(r *http.Request) string {
	if c, err := r.Cookie("customer"); err == nil {
		return c.Value
	}
	return ""
}

// home recommends to the customer, and what is popular to whoever is none yet.
func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	answer, err := s.engine.Recommend(r.Context(), recsys.Request{UserID: customer(r), K: 8, Fallback: true, Approximate: true})
	if err != nil {
		fail(w, err)
		return
	}
	show(w, "Welcome", nil, shelf{"For you", answer.Items})
}

// product shows an item with its likes, and with what others bought in the same visit.
func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	item, err := s.engine.Item(id)
	if err != nil {
		fail(w, err)
		return
	}
	var shelves []shelf
	if similar, err := s.engine.Similar(r.Context(), recsys.SimilarRequest{ItemID: id, K: 4}); err == nil {
		shelves = append(shelves, shelf{"Similar", similar.Items})
	} else if !errors.Is(err, recsys.ErrUnsupported) { // not every model knows
		fail(w, err)
		return
	}
	together, err := s.engine.BoughtTogether(r.Context(), recsys.TogetherRequest{ItemIDs: []string{id}, K: 4})
	if err != nil {
		fail(w, err)
		return
	}
	show(w, item.Title, &item, append(shelves, shelf{"Often bought together", together.Items})...)
}

// buy writes the purchase down, so that the customer's next page knows of it, and a worker the
// model's next version.
func (s *shop) buy(w http.ResponseWriter, r *http.Request) {
	user := customer(r)
	if user == "" {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	if _, err := s.engine.Item(r.PathValue("id")); err != nil {
		fail(w, err)
		return
	}
	bought := []recsys.Event{{UserID: user, ItemID: r.PathValue("id"), Time: time.Now().Unix(), Qty: 1, Type: recsys.DefaultEventType}}
	first, err := s.journal.Append(r.Context(), bought)
	if err != nil {
		fail(w, err)
		return
	}
	s.engine.Record(recsys.LiveEvents{Journal: s.journal.ID(), First: first, Events: bought})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func show(w http.ResponseWriter, title string, item *recsys.Item, shelves ...shelf) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, map[string]any{"Title": title, "Item": item, "Shelves": shelves})
}

func fail(w http.ResponseWriter, err error) {
	if errors.Is(err, recsys.ErrUnknownItem) {
		http.Error(w, "there is no such product", http.StatusNotFound)
		return
	}
	http.Error(w, "something went wrong", http.StatusInternalServerError)
}
