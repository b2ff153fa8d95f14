package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPairs bounds the parameters of one query string.
const maxPairs = 2000

// parseQuery reads the query string into x.params. It refuses what does not mean what it
// seems to: a misspelt parameter would otherwise be ignored, and a repeated one half ignored.
func (x *exchange) parseQuery() error {
	p := &x.params
	p.applyDefaults(x.api, x.route)
	raw := x.r.URL.RawQuery
	for pairs := 0; raw != ""; pairs++ {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		if pairs == maxPairs {
			return badRequest("the query string has more than %d parameters", maxPairs)
		}
		if strings.IndexByte(pair, ';') >= 0 {
			return badRequest("the query string cannot be read: a semicolon separates nothing; write & between parameters and %%3B for the character")
		}
		name, text, _ := strings.Cut(pair, "=")
		name, err := unescape(name)
		if err != nil {
			return err
		}
		if text, err = unescape(text); err != nil {
			return err
		}
		if err := x.param(name, text); err != nil {
			return err
		}
	}
	return p.check(x.api, x.route)
}

// unescape is url.QueryUnescape, which most values do not need.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, nil
	}
	t, err := url.QueryUnescape(s)
	if err != nil {
		return "", badRequest("the query string cannot be read: %s", limited(err.Error()))
	}
	return t, nil
}

// param takes one parameter.
func (x *exchange) param(name, text string) error {
	spec := x.route.known[name]
	key := ""
	if spec == nil && x.route.attrs != nil {
		if rest, ok := strings.CutPrefix(name, attrPrefix); ok && rest != "" {
			spec, key = x.route.attrs, rest
		}
	}
	if spec == nil || spec.name == attrParam.name && key == "" {
		return x.unknownParam(name)
	}
	if !utf8.ValidString(text) || !utf8.ValidString(key) {
		return faulty(http.StatusBadRequest, "query."+spec.name, text, "it is not valid UTF-8")
	}
	if !spec.list {
		if x.params.given&spec.bit != 0 {
			return faulty(http.StatusBadRequest, "query."+spec.name, nil, "it is given more than once")
		}
	}
	if len(text) > spec.most() {
		return faulty(http.StatusUnprocessableEntity, "query."+spec.name, text, "it has %d bytes, at most %d are allowed", len(text), spec.most())
	}
	x.params.given |= spec.bit
	if err := spec.set(&x.params, key, text); err != nil {
		return err.at("query." + spec.name)
	}
	if spec.uncached {
		return nil
	}
	x.params.note(spec, key, text)
	return nil
}

func (x *exchange) unknownParam(name string) error {
	var names []string
	for _, p := range x.route.params {
		names = append(names, p.name)
	}
	slices.Sort(names)
	known := "there are none"
	if len(names) > 0 {
		known = "known are: " + strings.Join(names, ", ")
	}
	return badRequest("unknown parameter %q; %s", limited(name), known)
}
