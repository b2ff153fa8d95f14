package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// textRow is a row of an input file as text.
type textRow struct {
	// fields are the values; null, where it is not nil, says which of them are none.
	fields []string
	null   []bool
	// fault says why the row cannot be read as a whole, if so, and raw shows where.
	fault, raw string
}

// Faults of whole rows.
const (
	faultFields = "wrong number of fields"
	faultQuotes = "misplaced quotes"
	faultUTF8   = "broken UTF-8"
)

func brokenText(value string) textRow {
	return textRow{fault: faultUTF8, raw: strings.ToValidUTF8(value, "\ufffd")}
}

// textRows reads a file row by row.
type textRows interface {
	columns() []string
	// next moves to the next row; false is the end.
	next() (bool, error)
	// current is valid until the next call of next.
	current() *textRow
}

// stageRows copies rows into a temporary table of text, so that SQL can convert and check
// them. It reports how many there are, every now and then.
func stageRows(ctx context.Context, c *duck.Conn, path string, rows textRows, report func(rows int64)) (*source, error) {
	s := &source{path: path, from: "staged_rows", row: "row", fault: "fault", raw: "raw"}
	create := "CREATE TEMP TABLE staged_rows (row BIGINT, fault VARCHAR, raw VARCHAR"
	for i, name := range rows.columns() {
		expr := fmt.Sprintf("c%d", i)
		s.columns = append(s.columns, column{name: name, expr: expr, typ: "VARCHAR"})
		create += ", " + expr + " VARCHAR"
	}
	if _, err := c.Exec(ctx, create+")"); err != nil {
		return nil, err
	}
	a, err := c.NewAppender(ctx, "temp", "main", "staged_rows")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	for {
		more, err := rows.next()
		if err != nil {
			return nil, err
		}
		if !more {
			return s, a.Flush()
		}
		s.rows++
		if err := stageRow(a, s.rows, len(s.columns), rows.current()); err != nil {
			return nil, err
		}
		if s.rows%100_000 == 0 {
			report(s.rows)
		}
	}
}

func stageRow(a *duck.Appender, number int64, columns int, r *textRow) error {
	const fixed = 3
	a.Int64(0, number)
	if r.fault == "" {
		a.Null(1)
		a.Null(2)
	} else {
		a.String(1, r.fault)
		a.String(2, r.raw)
	}
	for i := range columns {
		if r.fault != "" || r.null != nil && r.null[i] {
			a.Null(fixed + i)
		} else {
			a.String(fixed+i, r.fields[i])
		}
	}
	return a.Next()
}
