package httpapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

var docsTemplate = template.Must(template.New("docs").Parse(docsPage))

// docsRoute is a route as the page shows it.
type docsRoute struct {
	Method, Path, Summary, Role string
	Params                      []docsParam
	Body, Answer                []docsField
	Status                      int
	Errors                      []int
}

type docsParam struct {
	Name, Kind, Doc string
	Required        bool
	Default         any
}

type docsField struct {
	Indent    int
	Name, Doc string
	Kind      string
}

// renderDocs makes a page that needs no script and nothing from elsewhere.
func renderDocs(version string, routes []*route, schemas huma.Registry) ([]byte, error) {
	var shown []docsRoute
	for _, r := range routes {
		d := docsRoute{Method: r.method, Path: r.path, Summary: r.summary, Status: r.status, Errors: slices.Sorted(slices.Values(r.errors))}
		if !r.open {
			d.Role = r.role.String()
		}
		for _, p := range r.params {
			kind := p.schema.Type
			if p.list {
				kind = "list"
			}
			if len(p.schema.Enum) > 0 {
				kind = ""
				for i, v := range p.schema.Enum {
					if i > 0 {
						kind += " | "
					}
					kind += v.(string)
				}
			}
			d.Params = append(d.Params, docsParam{p.name, kind, p.doc, p.required, p.schema.Default})
		}
		if r.body != nil {
			d.Body = fields(nil, r.body, 0)
		}
		if r.answer != nil {
			d.Answer = fields(nil, r.answer, 0)
		}
		shown = append(shown, d)
	}
	var b bytes.Buffer
	err := docsTemplate.Execute(&b, map[string]any{"Version": version, "Routes": shown})
	return b.Bytes(), err
}

// fields lists the members of a JSON type, those of inner objects indented.
func fields(dst []docsField, t reflect.Type, indent int) []docsField {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			dst = fields(dst, f.Type, indent)
			continue
		}
		name, _, _ := bytes.Cut([]byte(f.Tag.Get("json")), []byte(","))
		if len(name) == 0 {
			continue
		}
		kind, inner := kindOf(f.Type)
		dst = append(dst, docsField{indent, string(name), f.Tag.Get("doc"), kind})
		if inner != nil {
			dst = fields(dst, inner, indent+1)
		}
	}
	return dst
}

// kindOf names a type as JSON has it, and returns the object in it, if there is one.
func kindOf(t reflect.Type) (kind string, inner reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "any", nil
		}
		kind, inner = kindOf(t.Elem())
		return "list of " + kind, inner
	case reflect.Map:
		kind, _ = kindOf(t.Elem())
		return "object of " + kind, nil
	case reflect.Struct:
		return "object", t
	case reflect.String:
		return "text", nil
	case reflect.Bool:
		return "true | false", nil
	}
	return "number", nil
}

var (
	htmlType = []string{"text/html; charset=utf-8"}
	docsCSP  = []string{"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"}
)

// serveDocs answers GET /docs.
func (a *API) serveDocs(x *exchange) error {
	x.shared, x.contentType = a.openapi.page, htmlType
	x.w.Header()["Content-Security-Policy"] = docsCSP
	return nil
}
