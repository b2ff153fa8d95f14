package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readAll returns the body of a request, which must be JSON.
func (x *exchange) readAll() ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &problem{Status: http.StatusUnsupportedMediaType, Detail: "the body must have Content-Type application/json"}
	}
	most := x.api.options.MaxBody
	data, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &problem{Status: http.StatusRequestEntityTooLarge, Detail: "the body has more than " + strconv.FormatInt(most, 10) + " bytes"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, badRequest("the body did not arrive in time")
	case err != nil:
		return nil, badRequest("the body could not be read: %s", limited(err.Error()))
	case len(bytes.TrimSpace(data)) == 0:
		return nil, badRequest("the body is empty")
	case !utf8.Valid(data):
		// encoding/json would turn different broken ids into the same one.
		return nil, badRequest("the body is not valid UTF-8")
	}
	return data, nil
}

// readBody reads a body into dst, which says what may be in it.
func (x *exchange) readBody(dst any) error {
	data, err := x.readAll()
	if err != nil {
		return err
	}
	return decodeBody(data, dst)
}

// decodeBody is strict: a misspelt member would otherwise be ignored.
func decodeBody(data []byte, dst any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(dst)
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
	case errors.As(err, &kind):
		location := "body"
		if kind.Field != "" {
			location += "." + limited(kind.Field)
		}
		return faulty(http.StatusUnprocessableEntity, location, kind.Value, "it must be %s", wanted(kind.Type.String()))
	case errors.As(err, &syntax):
		return badRequest("the body is no JSON: %s, at byte %d", syntax.Error(), syntax.Offset)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name, unquoteErr := strconv.Unquote(strings.TrimPrefix(err.Error(), "json: unknown field "))
		if unquoteErr != nil {
			name = "?"
		}
		return faulty(http.StatusUnprocessableEntity, "body."+limited(name), nil, "there is no such member")
	default:
		return badRequest("the body is no JSON: %s", limited(err.Error()))
	}
	if _, err := dec.Token(); err != io.EOF {
		return badRequest("the body goes on behind the JSON value")
	}
	return nil
}

// wanted says what JSON a Go type stands for.
func wanted(goType string) string {
	switch strings.TrimPrefix(goType, "*") {
	case "string":
		return "a text"
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "[]string":
		return "a list of texts"
	}
	if strings.HasPrefix(goType, "[]") {
		return "a list"
	}
	return "an object"
}

type namedList struct {
	name   string
	values []string
}

func (l namedList) check() error {
	if len(l.values) > maxValues {
		return faulty(http.StatusUnprocessableEntity, "body."+l.name, len(l.values), "there are at most %d", maxValues)
	}
	for _, v := range l.values {
		if err := checkLength("body."+l.name, v, maxID); err != nil {
			return err
		}
	}
	return nil
}

func checkLength(location, value string, most int) error {
	if len(value) > most {
		return faulty(http.StatusUnprocessableEntity, location, value, "it has %d bytes, at most %d are allowed", len(value), most)
	}
	return nil
}

func checkChoice(location, value string, choices ...string) error {
	if value != "" && !slices.Contains(choices, value) {
		return faulty(http.StatusUnprocessableEntity, location, value, "it must be one of %s", strings.Join(choices, ", "))
	}
	return nil
}
