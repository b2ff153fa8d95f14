package httpapi

import (
	"crypto/sha256"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// caller is who sent a request.
type caller struct {
	key *Key // nil for somebody without one
}

// name is what log and rate limits call the caller.
func (c caller) name() string {
	if c.key != nil {
		return c.key.Name
	}
	return ""
}

// authorize finds out who asks, whether they may, and whether it is too often.
func (x *exchange) authorize() error {
	ring := *x.api.keys.Load()
	secret, given := secretOf(x.r)
	if !given {
		// A browser asks people for a password, and then sends it with whatever it asks of this
		// server: also because another site's page makes it, which must not change anything.
		_, secret, given = x.r.BasicAuth()
		if given && x.route.method != http.MethodGet && crossSite(x.r) {
			return forbidden("a page of another site may not do this with the password that this browser remembers")
		}
	}
	if given && len(ring) > 0 {
		key := ring[sha256.Sum256([]byte(secret))]
		if key == nil {
			return x.unauthorized("this API key is not known here")
		}
		x.caller.key = key
	}
	if x.route.open {
		return nil // probes must go on while everything else is refused
	}
	if err := x.limit(); err != nil {
		return err
	}
	switch {
	case x.caller.key != nil:
		if x.caller.key.Role < x.route.role {
			return forbidden("%s %s needs a key of role %s, this one has %s", x.route.method, x.route.path, x.route.role, x.caller.key.Role)
		}
	case len(ring) > 0:
		if x.route.role > RoleRead || !x.api.options.PublicRead {
			return x.unauthorized("this needs an API key, in the header X-API-Key, as Authorization: Bearer, or as the password of Authorization: Basic")
		}
	case x.route.role > RoleRead && !x.local():
		return forbidden("%s %s is for clients on the same machine, as long as this server has no API keys", x.route.method, x.route.path)
	}
	return nil
}

func secretOf(r *http.Request) (secret string, given bool) {
	if v := r.Header["X-Api-Key"]; len(v) > 0 {
		return v[0], true
	}
	if v := r.Header["Authorization"]; len(v) > 0 {
		if scheme, rest, ok := strings.Cut(v[0], " "); ok && strings.EqualFold(scheme, "Bearer") {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// local reports whether a program on this machine asks, of its own accord: not a proxy for
// somebody else, nor a browser because a page of another site, or one that has taken this
// machine's address for its name (DNS rebinding), makes it.
func (x *exchange) local() bool {
	addr, err := netip.ParseAddrPort(x.r.RemoteAddr)
	if err != nil || !addr.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if x.r.Header[name] != nil {
			return false
		}
	}
	host := x.r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); host != "localhost" && (err != nil || !ip.Unmap().IsLoopback()) {
		return false
	}
	return x.originAllowed || !crossSite(x.r)
}

// crossSite reports whether the page of another site made a browser send the request.
func crossSite(r *http.Request) bool {
	if from := r.Header["Sec-Fetch-Site"]; len(from) > 0 {
		return from[0] != "same-origin" && from[0] != "none"
	}
	origin := r.Header["Origin"]
	if len(origin) == 0 {
		return false
	}
	u, err := url.Parse(origin[0])
	return err != nil || u.Host != r.Host
}

// unauthorized also makes a browser that wants to show a page ask for a password.
func (x *exchange) unauthorized(format string, args ...any) *problem {
	p := badRequest(format, args...)
	p.Status = http.StatusUnauthorized
	p.header = http.Header{"Www-Authenticate": {`Bearer realm="recsys"`}}
	if x.route.path == "/dashboard" {
		p.header = http.Header{"Www-Authenticate": {`Basic realm="recsys", charset="UTF-8"`}}
	}
	return p
}

func forbidden(format string, args ...any) *problem {
	p := badRequest(format, args...)
	p.Status = http.StatusForbidden
	return p
}
