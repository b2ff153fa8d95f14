package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/recsys-lite/recsys"
)

// problem turns an engine's error into the documented status. What the client cannot mend is
// logged and leaves as a plain 500.
func (a *API) problem(err error) error {
	switch {
	case errors.Is(err, recsys.ErrNoModel):
		return huma.Error503ServiceUnavailable("no model is loaded")
	case errors.Is(err, recsys.ErrUnknownUser), errors.Is(err, recsys.ErrUnknownItem):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, recsys.ErrInvalidQuery), errors.Is(err, recsys.ErrUnsupported):
		return huma.Error400BadRequest(err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return huma.Error503ServiceUnavailable("the answer took longer than the server allows")
	case errors.Is(err, context.Canceled):
		return huma.NewError(499, "the client went away")
	}
	a.options.Log.Error("request failed", "error", err)
	return huma.Error500InternalServerError("internal error; the server's log has the cause")
}

func (a *API) checkK(k int) error {
	if k >= 1 && k <= a.options.MaxRecommendations {
		return nil
	}
	reason := fmt.Sprintf("k must be between 1 and %d", a.options.MaxRecommendations)
	return huma.Error400BadRequest(reason, &huma.ErrorDetail{Location: "query.k", Message: reason, Value: k})
}

// strictQuery refuses query strings that do not mean what they seem to: a misspelt parameter
// would otherwise be ignored, and a repeated one half ignored.
func strictQuery(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		var known []string
		for _, p := range ctx.Operation().Parameters {
			if p.In == "query" {
				known = append(known, p.Name)
			}
		}
		u := ctx.URL()
		given, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			_ = huma.WriteErr(api, ctx, http.StatusBadRequest, "the query string cannot be read: "+err.Error())
			return
		}
		for name, values := range given {
			reason := ""
			switch {
			case !slices.Contains(known, name):
				reason = fmt.Sprintf("unknown parameter %q; known are: %s", name, strings.Join(known, ", "))
			case len(values) > 1:
				reason = fmt.Sprintf("parameter %s is given %d times", name, len(values))
			case !utf8.ValidString(values[0]):
				reason = fmt.Sprintf("parameter %s is not valid UTF-8", name)
			default:
				continue
			}
			_ = huma.WriteErr(api, ctx, http.StatusBadRequest, reason)
			return
		}
		next(ctx)
	}
}

// unmatched answers for paths and methods without a route, in JSON like everything else.
func (a *API) unmatched(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, detail := http.StatusNotFound, fmt.Sprintf("there is nothing at %q", r.URL.Path)
		probe := r.Clone(r.Context())
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			probe.Method = method
			if _, pattern := mux.Handler(probe); pattern != "/" {
				status, detail = http.StatusMethodNotAllowed, fmt.Sprintf("%s does not answer %s", r.URL.Path, r.Method)
				w.Header().Add("Allow", method)
			}
		}
		writeProblem(w, status, detail)
	})
}
