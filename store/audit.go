package store

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// AuditEntry is one line of the database's own record of what was done to personal data. The
// subject is the caller's choice; a name for the user that is not the id respects erasure.
type AuditEntry struct {
	Time                        time.Time // in whole seconds
	Operation, Subject, Outcome string
}

// AppendAudit adds an entry to the record.
func (db *DB) AppendAudit(ctx context.Context, e AuditEntry) error {
	for _, s := range []string{e.Operation, e.Subject, e.Outcome} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("store: audit: %w: %.80q is not UTF-8", recsys.ErrInvalidData, s)
		}
	}
	return db.write(ctx, "audit", func(c *duck.Conn) error {
		_, err := c.Exec(ctx, `INSERT INTO audit VALUES (?, ?, ?, ?)`, e.Time.Unix(), e.Operation, e.Subject, e.Outcome)
		return err
	})
}

// Audit returns the record in the order it was written.
func (db *DB) Audit(ctx context.Context) ([]AuditEntry, error) {
	entries := []AuditEntry{}
	err := db.read(ctx, "audit", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT done_at, operation, subject, outcome FROM audit ORDER BY rowid`, nil, func(k *duck.Chunk) error {
			for r, at := range k.Int64(0) {
				entries = append(entries, AuditEntry{time.Unix(at, 0), k.String(1, r), k.String(2, r), k.String(3, r)})
			}
			return nil
		})
	})
	return entries, err
}
