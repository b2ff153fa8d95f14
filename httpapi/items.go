package httpapi

import (
	"errors"
	"net/http"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
)

// item answers GET /items/{item_id}.
func (a *API) item(x *exchange) error {
	id := x.variable
	if !utf8.ValidString(id) {
		return faulty(http.StatusBadRequest, "path.item_id", id, "it is not valid UTF-8")
	}
	if err := checkLength("path.item_id", id, maxID); err != nil {
		return err
	}
	i, err := a.engine.Item(id)
	if err != nil {
		return err
	}
	return x.json(itemOf(&i))
}

// items answers GET /items, by ids or by a search.
func (a *API) items(x *exchange) error {
	p := &x.params
	switch {
	case p.has(idsParam) == p.has(searchParam):
		return faulty(http.StatusUnprocessableEntity, "query.ids", nil, "give either ids or q")
	case p.has(searchParam):
		return a.search(x, p)
	}
	out := itemsAnswer{Items: []itemAnswer{}}
	for _, id := range p.itemIDs {
		i, err := a.engine.Item(id)
		if errors.Is(err, recsys.ErrUnknownItem) {
			continue
		}
		if err != nil {
			return err
		}
		out.Items = append(out.Items, itemOf(&i))
	}
	return x.json(out)
}

func itemOf(i *recsys.Item) itemAnswer {
	return itemAnswer{ItemID: i.ID, Title: optional(&i.Title), Category: optional(&i.Category), Brand: optional(&i.Brand),
		Price: i.Price, ImgURL: optional(&i.ImgURL), Available: !i.Unavailable, Attributes: i.Attributes}
}

// optional makes unknown text a JSON null.
func optional(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}

// titles are the texts that a search looks through, of one snapshot.
type titles struct {
	version   string
	items     *recsys.IDMap
	catalogue []recsys.Item
	texts     []string  // lower case
	weight    []float32 // users per item
}

// of reports whether the texts are those of a snapshot. The version alone does not tell: an
// Updater that has only read a new catalogue keeps it.
func (t *titles) of(s *recsys.Snapshot) bool {
	return t.version == s.Version && t.items == s.Items && len(t.catalogue) == len(s.Catalogue) &&
		(len(s.Catalogue) == 0 || &t.catalogue[0] == &s.Catalogue[0])
}

// search finds the items that have every word, those of most users first.
func (a *API) search(x *exchange, p *params) error {
	s, ok := a.engine.Snapshot()
	if !ok {
		return recsys.ErrNoModel
	}
	words := strings.Fields(strings.ToLower(p.q))
	if len(words) == 0 {
		return faulty(http.StatusUnprocessableEntity, "query.q", p.q, "it has no word")
	}
	t := a.titlesOf(&s)
	var found []int32
	for i, text := range t.texts {
		if hasAll(text, words) {
			found = append(found, int32(i))
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return t.weight[found[i]] > t.weight[found[j]] })
	out := itemsAnswer{Items: []itemAnswer{}}
	for _, i := range found[:min(p.k, len(found))] {
		item := itemAt(&s, i)
		out.Items = append(out.Items, itemOf(&item))
	}
	return x.json(out)
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func itemAt(s *recsys.Snapshot, i int32) recsys.Item {
	if s.Catalogue == nil {
		return recsys.Item{ID: s.Items.ID(i)}
	}
	return s.Catalogue[i]
}

// titlesOf returns the texts of a snapshot, made when they are first asked for.
func (a *API) titlesOf(s *recsys.Snapshot) *titles {
	if t := a.titles.Load(); t != nil && t.of(s) {
		return t
	}
	t := &titles{version: s.Version, items: s.Items, catalogue: s.Catalogue,
		texts: make([]string, s.Items.Len()), weight: make([]float32, s.Items.Len())}
	for i := range t.texts {
		if s.Retired(int32(i)) {
			continue // no word finds it
		}
		item := itemAt(s, int32(i))
		t.texts[i] = strings.ToLower(item.Title + "\n" + item.ID + "\n" + item.Category + "\n" + item.Brand)
	}
	for _, i := range s.Interactions.Indices {
		t.weight[i]++
	}
	a.titles.Store(t)
	return t
}
