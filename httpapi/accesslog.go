package httpapi

import (
	"log/slog"
	"time"
)

// logAccess writes what happened: the route's pattern instead of the path, and no query
// string, so that no user id gets into the log.
func (x *exchange) logAccess(took time.Duration, sent int) {
	log, level := x.api.options.AccessLog, slog.LevelInfo
	if x.status >= 500 {
		level = slog.LevelWarn
	}
	if !log.Enabled(x.r.Context(), level) {
		return
	}
	cache := "-"
	if x.cached {
		cache = "hit"
	}
	attrs := [...]slog.Attr{
		slog.String("id", x.id), slog.String("method", limited(x.r.Method)), slog.String("route", x.routeName()), slog.Int("status", x.status),
		slog.Int64("us", took.Microseconds()), slog.Int("bytes", sent), slog.String("cache", cache),
		slog.String("key", x.caller.name()),
	}
	log.LogAttrs(x.r.Context(), level, "request", attrs[:]...)
	if log.Enabled(x.r.Context(), slog.LevelDebug) {
		log.LogAttrs(x.r.Context(), slog.LevelDebug, "request in full", slog.String("id", x.id), slog.String("remote", x.r.RemoteAddr), slog.String("uri", limited(x.r.RequestURI)))
	}
}
