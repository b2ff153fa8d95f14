package store

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// Settings returns what was set with SetSetting. Names of internal values are not among them.
func (db *DB) Settings(ctx context.Context) (map[string]string, error) {
	settings := map[string]string{}
	err := db.read(ctx, "read the settings", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT name, value FROM settings WHERE name <> ?`, []any{tombstoneKey}, func(k *duck.Chunk) error {
			for r := range k.Len() {
				settings[k.String(0, r)] = k.String(1, r)
			}
			return nil
		})
	})
	return settings, err
}

// SetSetting keeps a value under a name in the database; an empty value removes it.
func (db *DB) SetSetting(ctx context.Context, name, value string) error {
	if name == "" || name == tombstoneKey || !utf8.ValidString(name) || !utf8.ValidString(value) {
		return fmt.Errorf("store: %w: setting %.80q = %.80q: a name is needed that is not taken, and text in UTF-8", recsys.ErrInvalidConfig, name, value)
	}
	return db.write(ctx, "change a setting", func(c *duck.Conn) error {
		return putSetting(ctx, c, name, value)
	})
}

func putSetting(ctx context.Context, c *duck.Conn, name, value string) error {
	if _, err := c.Exec(ctx, `DELETE FROM settings WHERE name = ?`, name); err != nil || value == "" {
		return err
	}
	_, err := c.Exec(ctx, `INSERT INTO settings VALUES (?, ?)`, name, value)
	return err
}
