package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/recsys-lite/recsys"
)

// problem is an error as clients see it (RFC 9457). It is also the error of everything that
// answers a request.
type problem struct {
	Title  string        `json:"title" doc:"The status in words" example:"Bad Request"`
	Status int           `json:"status" doc:"The status as a number" example:"400"`
	Detail string        `json:"detail" doc:"What is wrong with this request"`
	Errors []faultDetail `json:"errors,omitempty" doc:"The fields that are wrong"`

	header http.Header // to go with it
}

type faultDetail struct {
	Location string `json:"location" doc:"Where: query.k, path.item_id, body.events[2].qty" example:"query.k"`
	Message  string `json:"message" doc:"Why"`
	Value    any    `json:"value,omitempty" doc:"What was given, cut short"`
}

func (p *problem) Error() string { return p.Detail }

const internalDetail = "internal error; the server's log has the cause"

func badRequest(format string, args ...any) *problem {
	return &problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *problem {
	return &problem{Status: http.StatusNotFound, Detail: fmt.Sprintf(format, args...)}
}

// faulty is a problem with one field: 400 where its value is out of range, 422 where it has
// the wrong form.
func faulty(status int, location string, value any, format string, args ...any) *problem {
	message := fmt.Sprintf(format, args...)
	if text, ok := value.(string); ok {
		value = limited(text)
	}
	return &problem{Status: status, Detail: location + ": " + message,
		Errors: []faultDetail{{Location: location, Message: message, Value: value}}}
}

// limited cuts a text that comes back in an error.
func limited(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}

// fail makes the answer that of an error.
func (x *exchange) fail(err error) {
	p := x.problem(err)
	p.Title = http.StatusText(p.Status)
	if p.Status == statusClientGone {
		p.Title = "Client Closed Request"
	}
	text, err := json.Marshal(p)
	if err != nil { // a value that JSON cannot hold
		for i := range p.Errors {
			p.Errors[i].Value = fmt.Sprint(p.Errors[i].Value)
		}
		text, _ = json.Marshal(p)
	}
	h := x.w.Header()
	for name, values := range p.header {
		h[name] = values
	}
	x.body, x.shared = append(x.body[:0], text...), nil
	x.status, x.contentType, x.control, x.items = p.Status, problemType, noStore, 0
}

// statusClientGone is never seen by a client: it stands in log and metrics.
const statusClientGone = 499

// problem turns an engine's error into the documented status. What the client cannot mend is
// logged and leaves as a plain 500.
func (x *exchange) problem(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, recsys.ErrNoModel):
		return &problem{Status: http.StatusServiceUnavailable, Detail: "no model is loaded", header: http.Header{"Retry-After": {"1"}}}
	case errors.Is(err, recsys.ErrUnknownUser), errors.Is(err, recsys.ErrUnknownItem):
		return &problem{Status: http.StatusNotFound, Detail: strings.ToValidUTF8(err.Error(), "�")}
	case errors.Is(err, recsys.ErrInvalidQuery), errors.Is(err, recsys.ErrUnsupported):
		return &problem{Status: http.StatusBadRequest, Detail: strings.ToValidUTF8(err.Error(), "�")}
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{Status: http.StatusServiceUnavailable, Detail: "the answer took longer than the server allows", header: http.Header{"Retry-After": {"1"}}}
	case errors.Is(err, context.Canceled):
		return &problem{Status: statusClientGone, Detail: "the client went away"}
	}
	x.api.options.Log.Error("request failed", "request_id", x.id, "route", x.routeName(), "error", err)
	return &problem{Status: http.StatusInternalServerError, Detail: internalDetail}
}
