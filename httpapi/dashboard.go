package httpapi

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"

	"github.com/recsys-lite/recsys"
)

//go:embed dashboard.html
var dashboardFrame string

//go:embed dashboard.js
var dashboardScript string

// dashboardPage has its script in it, so that it works wherever the API is mounted; the policy
// allows that script by its hash and nothing else, and questions to this server only.
var (
	dashboardPage = []byte(strings.Replace(dashboardFrame, "{{script}}", dashboardScript, 1))
	dashboardCSP  = []string{"default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; script-src 'sha256-" +
		hashOf(dashboardScript) + "'"}
)

func hashOf(script string) string {
	sum := sha256.Sum256([]byte(script))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// dashboard answers GET /dashboard.
func (a *API) dashboard(x *exchange) error {
	x.shared, x.contentType = dashboardPage, htmlType
	x.w.Header()["Content-Security-Policy"] = dashboardCSP
	return nil
}

// dataAnswer says how good the data is that the model has.
type dataAnswer struct {
	ModelVersion string `json:"model_version"`
	Users        int    `json:"users"`
	LightUsers   int    `json:"light_users" doc:"Users with fewer than three items"`
	Items        int    `json:"items"`
	Available    int    `json:"available" doc:"Items that may be recommended"`
	NeverHad     int    `json:"never_had" doc:"Available items that no user has"`
	WithTitle    int    `json:"with_title" doc:"Available items that have one, as below"`
	WithPrice    int    `json:"with_price"`
	WithImage    int    `json:"with_image"`
	WithCategory int    `json:"with_category"`
	Interactions int    `json:"interactions" doc:"Different pairs of user and item"`
}

// data answers GET /health/data.
func (a *API) data(x *exchange) error {
	s, ok := a.engine.Snapshot()
	if !ok {
		return recsys.ErrNoModel
	}
	out := dataAnswer{ModelVersion: s.Version, Users: s.Users.Len(), Interactions: len(s.Interactions.Indices)}
	for u := range out.Users {
		if s.Interactions.RowLen(u) < 3 {
			out.LightUsers++
		}
	}
	had := recsys.NewBitset(s.Items.Len())
	for _, i := range s.Interactions.Indices {
		had.Set(i)
	}
	add := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	for i := range int32(s.Items.Len()) {
		if s.Retired(i) {
			continue
		}
		out.Items++
		item := itemAt(&s, i)
		if item.Unavailable {
			continue
		}
		out.Available++
		add(&out.NeverHad, !had.Has(i))
		add(&out.WithTitle, item.Title != "")
		add(&out.WithPrice, item.Price != nil)
		add(&out.WithImage, item.ImgURL != "")
		add(&out.WithCategory, item.Category != "")
	}
	return x.json(out)
}
