package store

import "fmt"

var userColumns = []string{"user_id", "country"}

var usersKind = fileKind{
	name:     "users",
	required: []string{"user_id"},
	known:    userColumns,
	personal: true,
	rows:     userRows,
	insert:   describedUsers.importRows(`user_id, country, attributes`),
}

func userRows(s *source) rowQuery {
	id, _ := s.column("user_id")
	country := "''"
	if c, ok := s.column("country"); ok {
		country = "trim(" + textExpr(c) + ")"
	}
	inner := fmt.Sprintf(`(SELECT %s AS row, %s AS fault, %s AS raw, %s AS user_id, %s AS country, %s AS attributes, %s AS raw_user FROM %s)`,
		s.row, s.fault, s.raw, idExpr(id), country, s.attributes(userColumns), id.expr, s.from)
	from, good := describedUsers.latest(inner, `fault IS NULL AND user_id <> ''`)
	return rowQuery{
		from: from,
		good: good,
		faults: []fault{
			{"fault IS NOT NULL", "fault", "raw"},
			{"raw_user IS NULL OR raw_user::VARCHAR = ''", "'missing user_id'", "NULL"},
			{"user_id IS NULL", "'user_id is neither text nor a whole number'", "raw_user"},
			{"true", "'the user_id occurs again below'", "user_id"},
		},
	}
}
