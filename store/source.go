package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// source is an input file as a table: rows numbered from 1 and columns of any type.
type source struct {
	path string
	// from is the table expression; row and fault are expressions over it. fault is the
	// reason why the row could not be read as a whole, NULL if it could; raw is its text.
	from, row, fault, raw string
	columns               []column
	rows                  int64
}

// column is one column of a source.
type column struct {
	name string // as in the file
	expr string // in SQL
	typ  string // in SQL, upper case
	// comma: numbers may have a decimal comma, as Excel writes them where semicolons part columns.
	comma bool
}

// column finds a column by name, whatever its case.
func (s *source) column(name string) (column, bool) {
	for _, c := range s.columns {
		if strings.EqualFold(strings.TrimSpace(c.name), name) {
			return c, true
		}
	}
	return column{}, false
}

// need reports required columns that are not there.
func (s *source) need(required []string) error {
	var missing []string
	for _, name := range required {
		if _, ok := s.column(name); !ok {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	found := make([]string, len(s.columns))
	for i, c := range s.columns {
		found[i] = fmt.Sprintf("%.80q", c.name)
	}
	return fmt.Errorf("no column %s: the file has %s, wanted are %s", strings.Join(missing, ", "), strings.Join(found, ", "), strings.Join(required, ", "))
}

// others lists the columns that are not known.
func (s *source) others(known []string) []string {
	var names []string
	for _, c := range s.columns {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(strings.TrimSpace(c.name), k) }) {
			names = append(names, c.name)
		}
	}
	return names
}

// openParquet describes a Parquet file. DuckDB reads it where it is.
func openParquet(ctx context.Context, c *duck.Conn, path string) (*source, error) {
	table := "read_parquet(" + literal(globEscape(path)) + ", hive_partitioning = false, file_row_number = true)"
	s := &source{path: path, from: table, row: "file_row_number + 1", fault: "NULL", raw: "NULL"}
	err := c.Query(ctx, `SELECT column_name, column_type FROM (DESCRIBE FROM `+table+`)`, nil, func(k *duck.Chunk) error {
		for r := range k.Len() {
			if name := k.String(0, r); name != "file_row_number" {
				s.columns = append(s.columns, column{name: name, expr: identifier(name), typ: strings.ToUpper(k.String(1, r))})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("not a complete Parquet file: %w", err)
	}
	s.rows, err = queryInt(ctx, c, `SELECT num_rows::BIGINT FROM parquet_file_metadata(`+literal(globEscape(path))+`)`)
	if err != nil {
		return nil, fmt.Errorf("not a complete Parquet file: %w", err)
	}
	return s, nil
}

// literal quotes a text for SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identifier quotes a name for SQL.
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// globEscape keeps DuckDB from taking a file name for a pattern.
func globEscape(path string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(path)
}
