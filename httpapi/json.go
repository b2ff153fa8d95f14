package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

func writeJSON(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// A client that has gone away is nobody to report to.
	_ = json.NewEncoder(w).Encode(body)
}

// writeProblem writes an error in the form of RFC 9457, as the routes do.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	writeJSON(w, status, "application/problem+json", huma.ErrorModel{
		Title: http.StatusText(status), Status: status, Detail: detail,
	})
}
