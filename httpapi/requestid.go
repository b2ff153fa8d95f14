package httpapi

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync/atomic"
)

// requestIDs names requests: as the client did, in a header that is short and printable, or
// by a number behind what tells this process from others.
type requestIDs struct {
	prefix string
	last   atomic.Uint64
}

func newRequestIDs() *requestIDs {
	var b [6]byte
	_, _ = rand.Read(b[:]) // it never fails
	return &requestIDs{prefix: hex.EncodeToString(b[:]) + "-"}
}

func (n *requestIDs) of(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && proper(given[0]) {
		return given[0]
	}
	return n.prefix + strconv.FormatUint(n.last.Add(1), 10)
}

// proper reports whether a client's id can go into a header and a log.
func proper(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
