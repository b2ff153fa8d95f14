package main

import (
	"context"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

func readDeadLetters(ctx context.Context, flags *dbFlags) ([]recsys.DeadLetter, error) {
	db, err := flags.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.DeadLetters(ctx)
}

// deadLetter is one in JSON.
type deadLetter struct {
	Source string    `json:"source"`
	Time   time.Time `json:"time"`
	Reason string    `json:"reason"`
	Body   string    `json:"body,omitempty"`
	Binary []byte    `json:"body_base64,omitempty"`
}

func printDeadLetters(w io.Writer, letters []recsys.DeadLetter, asJSON bool) error {
	if asJSON {
		out := make([]deadLetter, len(letters))
		for i, d := range letters {
			out[i] = deadLetter{Source: d.Source, Time: d.Time.UTC(), Reason: d.Reason}
			if utf8.Valid(d.Body) {
				out[i].Body = string(d.Body)
			} else {
				out[i].Binary = d.Body
			}
		}
		return printJSON(w, map[string]any{"dead_letters": out})
	}
	rows := make([][]string, len(letters))
	for i, d := range letters {
		rows[i] = []string{d.Time.UTC().Format(time.RFC3339), d.Source, d.Reason, fmt.Sprintf("%.60q", d.Body)}
	}
	return printTable(w, []string{"TIME", "SOURCE", "REASON", "BODY"}, rows)
}
