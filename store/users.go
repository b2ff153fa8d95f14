package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
	"github.com/recsys-lite/recsys/store/internal/semantics"
)

// UpsertUsers adds what is known of users or replaces it, in one transaction. Of several with
// one id the last counts; those with a tombstone (Forget) are dropped.
func (db *DB) UpsertUsers(ctx context.Context, users []recsys.User) error {
	last, err := lastOf(users, semantics.CheckUser, func(u *recsys.User) string { return u.ID })
	if err != nil {
		return fmt.Errorf("store: upsert users: %w", err)
	}
	if len(last) == 0 {
		return ctx.Err()
	}
	return db.write(ctx, "upsert users", func(c *duck.Conn) error {
		gone, err := readForgotten(ctx, c)
		if err != nil {
			return err
		}
		known := slices.DeleteFunc(last, func(u *recsys.User) bool { return gone.has(u.ID) })
		return describedUsers.replace(ctx, c, func() error { return stageAll(ctx, c, known, userRow) })
	})
}

func userRow(a *duck.Appender, u *recsys.User) error {
	attributes, err := attributesText(u.Attributes)
	if err != nil {
		return fmt.Errorf("attributes of a user: %w", err)
	}
	a.String(0, u.ID)
	a.String(1, u.Country)
	a.Bytes(2, attributes)
	return nil
}

// User returns what is known of a user beside the events, and whether anything is.
func (db *DB) User(ctx context.Context, userID string) (u recsys.User, known bool, err error) {
	if !utf8.ValidString(userID) {
		return u, false, ctx.Err() // nobody is called so
	}
	var users []recsys.User
	err = db.read(ctx, "read a user", func(c *duck.Conn) (err error) {
		users, err = readUsers(ctx, c, `user_id = ?`, userID)
		return err
	})
	if err != nil || len(users) == 0 {
		return u, false, err
	}
	return users[0], true, nil
}

// readUsers returns users by id order.
func readUsers(ctx context.Context, c *duck.Conn, where string, args ...any) ([]recsys.User, error) {
	var users []recsys.User
	err := c.Query(ctx, `SELECT user_id, country, attributes FROM users WHERE `+where+` ORDER BY strlen(user_id), user_id`, args, func(k *duck.Chunk) error {
		for r := range k.Len() {
			u := recsys.User{ID: k.String(0, r), Country: k.String(1, r)}
			if text := k.String(2, r); text != "{}" {
				if err := json.Unmarshal([]byte(text), &u.Attributes); err != nil {
					return fmt.Errorf("attributes of a user: %w", err)
				}
			}
			users = append(users, u)
		}
		return nil
	})
	return users, err
}
