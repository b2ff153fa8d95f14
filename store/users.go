package store

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
	"github.com/recsys-lite/recsys/store/internal/semantics"
)

// stagedUsers is a temporary table of new users, in the columns of users.
const stagedUsers = `CREATE TEMP TABLE staged_users AS FROM users LIMIT 0`

// UpsertUsers adds what is known of users or replaces it, in one transaction. Of several with
// one id the last counts; those with a tombstone (Forget) are dropped.
func (db *DB) UpsertUsers(ctx context.Context, users []recsys.User) error {
	last := make(map[string]int, len(users))
	for i := range users {
		if err := semantics.CheckUser(&users[i]); err != nil {
			return fmt.Errorf("store: upsert users: user %d: %w", i, err)
		}
		last[users[i].ID] = i
	}
	if len(users) == 0 {
		return ctx.Err()
	}
	return db.write(ctx, "upsert users", func(c *duck.Conn) error {
		gone, err := readForgotten(ctx, c)
		if err != nil {
			return err
		}
		if _, err := c.Exec(ctx, stagedUsers); err != nil {
			return err
		}
		a, err := c.NewAppender(ctx, "temp", "main", "staged_users")
		if err != nil {
			return err
		}
		defer a.Close()
		for i, u := range users {
			if last[u.ID] != i || gone.has(u.ID) {
				continue
			}
			attributes := []byte("{}")
			if len(u.Attributes) > 0 {
				if attributes, err = json.Marshal(u.Attributes); err != nil {
					return err
				}
			}
			a.String(0, u.ID)
			a.String(1, u.Country)
			a.Bytes(2, attributes)
			if err := a.Next(); err != nil {
				return err
			}
		}
		if err := a.Flush(); err != nil {
			return err
		}
		return replaceUsers(ctx, c)
	})
}

// replaceUsers moves staged_users, whose ids are distinct, into users.
func replaceUsers(ctx context.Context, c *duck.Conn) error {
	for _, q := range []string{
		`DELETE FROM users WHERE user_id IN (SELECT user_id FROM staged_users)`,
		`INSERT INTO users FROM staged_users`,
		`DROP TABLE staged_users`,
	} {
		if _, err := c.Exec(ctx, q); err != nil {
			return err
		}
	}
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
