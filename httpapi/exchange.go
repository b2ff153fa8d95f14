package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// exchange is one request with the answer in the making. It is used again after release.
type exchange struct {
	api      *API
	w        http.ResponseWriter
	r        *http.Request
	ctx      context.Context
	began    time.Time
	route    *route
	variable string // of the path, unescaped
	id       string // X-Request-ID
	caller   caller
	params   params

	// The answer. body belongs to the exchange unless shared is set: then it is read-only.
	status      int
	contentType []string
	control     []string
	body        []byte
	shared      []byte
	etag        string
	items       int // recommended ones
	degraded    bool
	cached      bool
	hitAt       int    // where the body says that it was not cached; -1 where it does not
	key         []byte // memory for the cache's key

	originAllowed bool // by name in CORSOrigins
}

var exchanges = sync.Pool{New: func() any { return &exchange{body: make([]byte, 0, 4096)} }}

var (
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
	noSniff     = []string{"nosniff"}
)

func (x *exchange) start(a *API, w http.ResponseWriter, r *http.Request) {
	x.api, x.w, x.r, x.ctx, x.began = a, w, r, r.Context(), time.Now()
	x.id = a.ids.of(r)
	x.status, x.contentType, x.control = http.StatusOK, jsonType, noStore
}

// serve finds the route, checks who asks, and lets it answer.
func (x *exchange) serve() {
	defer x.recover()
	if x.cors() {
		return
	}
	m, variable := x.api.find(x.r.URL.Path)
	if m == nil {
		x.fail(notFound("there is nothing at %.200q; GET /docs lists what there is", x.r.URL.Path))
		return
	}
	x.route, x.variable = m.of(x.r.Method), variable
	if x.route == nil {
		x.w.Header()["Allow"] = m.allow
		x.fail(&problem{Status: http.StatusMethodNotAllowed, Detail: x.r.URL.Path + " does not answer " + limited(x.r.Method)})
		return
	}
	if err := x.authorize(); err != nil {
		x.fail(err)
		return
	}
	x.control = x.route.control
	if &x.control[0] == &shared[0] && !x.route.open && x.caller.key != nil && !x.api.options.PublicRead {
		x.control = sharedByKey
	}
	if err := x.answer(); err != nil {
		x.fail(err)
	}
}

func (x *exchange) answer() error {
	if err := x.parseQuery(); err != nil {
		return err
	}
	x.status = x.route.status
	if x.route.cache == nil {
		return x.inTime(func() error { return x.route.serve(x.api, x) })
	}
	return x.route.serve(x.api, x) // a repeated answer needs no deadline
}

// inTime lets do work until the request's deadline.
func (x *exchange) inTime(do func() error) error {
	parent := x.ctx
	d := &deadline{Context: parent, end: x.began.Add(x.api.options.Timeout)}
	defer d.stop()
	x.ctx = d
	err := do()
	x.ctx = parent
	return err
}

// recover answers 500 where the program would otherwise drop the connection.
func (x *exchange) recover() {
	fault := recover()
	if fault == nil {
		return
	}
	if fault == http.ErrAbortHandler {
		panic(fault)
	}
	x.api.options.Log.Error("panic while answering", "request_id", x.id, "route", x.routeName(), "panic", fault, "stack", string(debug.Stack()))
	x.fail(&problem{Status: http.StatusInternalServerError, Detail: internalDetail})
}

// finish sends the answer and counts it.
func (x *exchange) finish() {
	body := x.body
	if x.shared != nil {
		body = x.shared
	}
	h := x.w.Header()
	// The values are read after the exchange is used again: they need memory of their own.
	values := &[3]string{x.id, "", ""}
	h["X-Request-Id"] = values[0:1:1]
	h["X-Content-Type-Options"] = noSniff
	h["Cache-Control"] = x.control
	if x.status == http.StatusOK && x.route != nil && x.route.method == http.MethodGet && &x.control[0] != &noStore[0] {
		if x.etag == "" {
			x.etag = weakTag(body)
		}
		values[1] = x.etag
		h["Etag"] = values[1:2:2]
		if noneMatch(x.r.Header["If-None-Match"], x.etag) {
			x.status = http.StatusNotModified
			x.w.WriteHeader(x.status)
			x.count(0)
			return
		}
	}
	if x.status != http.StatusNoContent {
		h["Content-Type"] = x.contentType
		values[2] = strconv.Itoa(len(body))
		h["Content-Length"] = values[2:3:3]
	}
	if x.status != http.StatusOK {
		x.w.WriteHeader(x.status)
	}
	if x.status != http.StatusNoContent {
		_, _ = x.w.Write(body) // a client that has gone away is nobody to report to
	}
	x.count(len(body))
}

func (x *exchange) count(sent int) {
	took := time.Since(x.began)
	x.api.stats.count(x, took)
	if x.api.options.AccessLog != nil {
		x.logAccess(took, sent)
	}
}

// release gives the exchange back for another request.
func (x *exchange) release() {
	const keep = 1 << 16 // a large body is not worth holding on to
	if cap(x.body) > keep {
		x.body = make([]byte, 0, 4096)
	}
	*x = exchange{body: x.body[:0], key: x.key[:0], params: x.params.reset()}
	exchanges.Put(x)
}

// routeName is the pattern of the route: clients cannot make up values of it.
func (x *exchange) routeName() string {
	if x.route == nil {
		return "none"
	}
	return x.route.name
}

// weakTag names a body. It is weak: the flag that says whether the answer came from the
// cache may differ.
func weakTag(body []byte) string {
	const hexDigits = "0123456789abcdef"
	var tag [20]byte
	copy(tag[:], `W/"`)
	sum := xxhash.Sum64(body)
	for i := range 16 {
		tag[3+i] = hexDigits[sum>>(60-4*i)&15]
	}
	tag[19] = '"'
	return string(tag[:])
}

// noneMatch reports whether one of the tags that a client has is ours (RFC 9110, 13.1.2).
func noneMatch(header []string, tag string) bool {
	for _, line := range header {
		for line != "" {
			var one string
			one, line = cutList(line)
			if one == "*" || one == tag || len(one) > 2 && "W/"+one == tag {
				return true
			}
		}
	}
	return false
}

// json makes v the body.
func (x *exchange) json(v any) error {
	text, err := marshal(v)
	x.body = append(x.body[:0], text...)
	return err
}

// marshal is json.Marshal without escapes for HTML: the answers are not that.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// cutList takes the first member off a list header.
func cutList(line string) (first, rest string) {
	first, rest, _ = strings.Cut(line, ",")
	return strings.TrimSpace(first), rest
}
