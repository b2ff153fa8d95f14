package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// document is the description of the API, as JSON and as a page.
type document struct{ json, page []byte }

// describe makes the document out of the table of routes.
func (a *API) describe() (*document, error) {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "recsys", Version: a.options.Version,
			Description: "Recommendations for a shop. Lists may be repeated or written with commas (\"\\\\,\" for a comma in a value); unknown parameters are refused. Values out of range are 400, those of the wrong form 422."},
		Servers: []*huma.Server{{URL: ".", Description: "Wherever this document lies"}},
		Components: &huma.Components{Schemas: schemas, SecuritySchemes: map[string]*huma.SecurityScheme{
			"key":    {Type: "apiKey", In: "header", Name: "X-API-Key"},
			"bearer": {Type: "http", Scheme: "bearer"},
		}},
	}
	fault := schemas.Schema(reflect.TypeFor[problem](), true, "")
	for _, r := range a.routes {
		doc.AddOperation(a.operation(r, schemas, fault))
	}
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, err
	}
	page, err := renderDocs(a.options.Version, a.routes, schemas)
	return &document{text, page}, err
}

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	return strings.TrimSuffix(name, "JSON")
}

func (a *API) operation(r *route, schemas huma.Registry, fault *huma.Schema) *huma.Operation {
	op := &huma.Operation{Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary,
		Responses: map[string]*huma.Response{}}
	for _, p := range r.params {
		op.Parameters = append(op.Parameters, a.parameter(p))
	}
	if r.body != nil {
		schema := schemas.Schema(r.body, true, "")
		if r.body == reflect.TypeFor[eventsBody]() {
			schema = &huma.Schema{OneOf: []*huma.Schema{schema, schemas.Schema(reflect.TypeFor[eventJSON](), true, "")}}
		}
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	}
	if !r.open {
		// Without keys, reading is open to all and the rest to clients on the same machine.
		op.Security = []map[string][]string{{"key": {}}, {"bearer": {}}, {}}
		op.Description = "Role: " + r.role.String() + "."
	}
	answer := &huma.Response{Description: http.StatusText(r.status), Content: map[string]*huma.MediaType{}}
	switch {
	case r.answer != nil:
		answer.Content["application/json"] = &huma.MediaType{Schema: schemas.Schema(r.answer, true, "")}
	case r.path == "/docs", r.path == "/dashboard":
		answer.Content["text/html"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	default:
		answer.Content["application/json"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}
	}
	if r.path == "/metrics" {
		answer.Content["text/plain"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	op.Responses[strconv.Itoa(r.status)] = answer
	if r.method == http.MethodGet && r.control[0] != noStore[0] {
		op.Responses["304"] = &huma.Response{Description: "The answer is the one that If-None-Match names"}
	}
	for _, status := range r.errors {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: fault}}}
	}
	if r.open && r.answer != nil { // /health and /ready say so in their own words
		op.Responses["503"] = &huma.Response{Description: "No model is being served", Content: answer.Content}
	}
	return op
}

func (a *API) parameter(p *param) *huma.Param {
	schema := *p.schema
	if p == kParam {
		most := float64(a.options.MaxRecommendations)
		schema.Maximum = &most
	}
	out := &huma.Param{Name: p.name, In: "query", Description: p.doc, Required: p.required, Schema: &schema}
	if p.inPath {
		out.In = "path"
	}
	if p.list {
		explode := true
		out.Style, out.Explode = "form", &explode
	}
	return out
}

// serveOpenAPI answers GET /openapi.json.
func (a *API) serveOpenAPI(x *exchange) error {
	x.shared = a.openapi.json
	return nil
}
