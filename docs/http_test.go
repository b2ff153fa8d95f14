package docs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/httpapi"
)

var update = flag.Bool("update", false, "write http.md anew from the OpenAPI document")

const referenceHead = `# HTTP reference

Made from the server's OpenAPI document (` + "`/openapi.json`" + `) by ` + "`go test ./docs -run Reference -update`" + `; do not edit.
Paths are below wherever the handler is mounted. Answers are JSON; errors are
` + "`application/problem+json`" + ` with ` + "`title`, `status`, `detail`" + ` and, where fields are at fault, ` + "`errors`" + `.
`

// The HTTP reference is what the OpenAPI document says.
func TestReference(t *testing.T) {
	api, err := httpapi.New(new(recsys.Engine), httpapi.Options{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	require.Equal(t, http.StatusOK, w.Code)
	var doc openAPI
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	got := doc.markdown()
	if *update {
		require.NoError(t, os.WriteFile("http.md", []byte(got), 0o644))
	}
	want, err := os.ReadFile("http.md")
	require.NoError(t, err)
	require.Equal(t, string(want), got, "the API has changed: go test ./docs -run Reference -update")
}

type openAPI struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	Summary, Description string
	Parameters           []struct {
		Name, In, Description string
		Required              bool
		Schema                schema
	}
	RequestBody struct{ Content map[string]media }
	Responses   map[string]struct {
		Description string
		Content     map[string]media
	}
}

type media struct{ Schema schema }

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Description          string
	Default              any
	Enum                 []any
	Minimum, Maximum     *float64
	Properties           map[string]schema
	Required             []string
	Items                *schema
	AdditionalProperties any
	OneOf, AllOf         []schema
}

func (d *openAPI) markdown() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			op := d.Paths[path][method]
			fmt.Fprintf(&b, "\n## %s %s\n\n%s.\n", strings.ToUpper(method), path, strings.TrimSuffix(op.Summary, "."))
			if op.Description != "" {
				fmt.Fprintf(&b, "\n%s\n", op.Description)
			}
			d.parameters(&b, &op)
			if s := jsonOf(op.RequestBody.Content); s != nil {
				b.WriteString("\nBody:\n\n| field | type | |\n|---|---|---|\n")
				d.fields(&b, "", s, nil)
			}
			d.responses(&b, &op)
		}
	}
	return b.String()
}

func (d *openAPI) parameters(b *strings.Builder, op *operation) {
	head := "\n| parameter | type | |\n|---|---|---|\n"
	for _, p := range op.Parameters {
		b.WriteString(head)
		head = ""
		s := d.resolve(&p.Schema)
		text := p.Description
		if text == "" {
			text = s.Description
		}
		if p.Required {
			text = strings.TrimSpace("required. " + text)
		}
		if p.In != "query" {
			text = strings.TrimSpace(text + " (" + p.In + ")")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.Name, d.typeOf(s), cell(withDefault(text, s)))
	}
}

func (d *openAPI) responses(b *strings.Builder, op *operation) {
	var errors []string
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		if status >= "3" {
			errors = append(errors, status)
			continue
		}
		fmt.Fprintf(b, "\nAnswer %s", status)
		s := jsonOf(r.Content)
		if s = d.resolve(s); s == nil || len(s.Properties)+len(s.AllOf)+len(s.OneOf) == 0 {
			b.WriteString(".\n")
			continue
		}
		b.WriteString(":\n\n| field | type | |\n|---|---|---|\n")
		d.fields(b, "", s, nil)
	}
	if len(errors) > 0 {
		fmt.Fprintf(b, "\nErrors: %s.\n", strings.Join(errors, ", "))
	}
}

// fields lists the properties of an object, and of the objects in it.
func (d *openAPI) fields(b *strings.Builder, prefix string, s *schema, above []string) {
	if s.Ref != "" {
		if slices.Contains(above, s.Ref) {
			return
		}
		above = append(slices.Clip(above), s.Ref)
	}
	s = d.resolve(s)
	for _, part := range slices.Concat(s.AllOf, s.OneOf) {
		d.fields(b, prefix, &part, above)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if name == "$schema" {
			continue
		}
		field := s.Properties[name]
		inner := d.resolve(&field)
		text := field.Description
		if text == "" {
			text = inner.Description
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", prefix, name, d.typeOf(&field), cell(withDefault(text, inner)))
		switch {
		case inner.Items != nil:
			d.fields(b, prefix+name+"[].", inner.Items, above)
		default:
			d.fields(b, prefix+name+".", &field, above)
		}
	}
}

func (d *openAPI) resolve(s *schema) *schema {
	for s != nil && s.Ref != "" {
		named := d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
		s = &named
	}
	return s
}

func (d *openAPI) typeOf(s *schema) string {
	s = d.resolve(s)
	var names []string
	switch v := s.Type.(type) {
	case string:
		names = []string{v}
	case []any:
		for _, n := range v {
			names = append(names, fmt.Sprint(n))
		}
	}
	for n, name := range names {
		if name == "array" && s.Items != nil {
			names[n] = "list of " + d.typeOf(s.Items)
		}
	}
	switch {
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprintf("`%v`", v))
		}
		return strings.Join(values, ", ")
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("%s, %s to %s", strings.Join(names, " or "), number(*s.Minimum), number(*s.Maximum))
	}
	return strings.Join(names, " or ")
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func withDefault(text string, s *schema) string {
	if s.Default == nil {
		return text
	}
	if text = strings.TrimSuffix(text, "."); text != "" {
		text += ". "
	}
	return text + fmt.Sprintf("Default %v", s.Default)
}

func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "|", `\|`), "\n", " ")
}

func jsonOf(content map[string]media) *schema {
	m, ok := content["application/json"]
	if !ok {
		return nil
	}
	return &m.Schema
}
