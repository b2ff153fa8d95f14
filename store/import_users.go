package store

import (
	"context"
	"fmt"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

var userColumns = []string{"user_id", "country"}

var usersKind = fileKind{
	name:     "users",
	required: []string{"user_id"},
	known:    userColumns,
	personal: true,
	rows:     userRows,
	insert:   insertUsers,
}

func userRows(s *source) rowQuery {
	id, _ := s.column("user_id")
	country := "''"
	if c, ok := s.column("country"); ok {
		country = "trim(" + textExpr(c) + ")"
	}
	inner := fmt.Sprintf(`(SELECT %s AS row, %s AS fault, %s AS raw, %s AS user_id, %s AS country, %s AS attributes, %s AS raw_user FROM %s)`,
		s.row, s.fault, s.raw, idExpr(id), country, s.attributes(userColumns), id.expr, s.from)
	return rowQuery{
		from: fmt.Sprintf(`(SELECT *, CASE WHEN sound THEN row_number() OVER (PARTITION BY sound, user_id ORDER BY row DESC) END AS place
			FROM (SELECT *, coalesce(fault IS NULL AND user_id <> '', false) AS sound FROM %s))`, inner),
		good: "place = 1",
		faults: []fault{
			{"fault IS NOT NULL", "fault", "raw"},
			{"raw_user IS NULL OR raw_user::VARCHAR = ''", "'missing user_id'", "NULL"},
			{"user_id IS NULL", "'user_id is neither text nor a whole number'", "raw_user"},
			{"true", "'the user_id occurs again below'", "user_id"},
		},
	}
}

func insertUsers(ctx context.Context, c *duck.Conn, _ *source, q rowQuery) (int64, int64, error) {
	if _, err := c.Exec(ctx, stagedUsers); err != nil {
		return 0, 0, err
	}
	n, err := c.Exec(ctx, fmt.Sprintf(`INSERT INTO staged_users SELECT user_id, country, attributes FROM %s WHERE %s`, q.from, q.good))
	if err != nil {
		return 0, 0, err
	}
	return n, 0, replaceUsers(ctx, c)
}
