package store

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// csvRows reads a CSV file (RFC 4180, with a header; separated by comma, semicolon, tab or
// bar) row by row. DuckDB's own reader is faster, but cannot say which row it left out.
type csvRows struct {
	r      *csv.Reader
	header []string
	row    int64
	// fields is the current row, nil when fault says why there is none; raw is what there is
	// to show of it.
	fields     []string
	fault, raw string
}

// Faults of whole rows.
const (
	faultFields = "wrong number of fields"
	faultQuotes = "misplaced quotes"
	faultUTF8   = "broken UTF-8"
)

// maxColumns bounds the columns of a CSV file.
const maxColumns = 1000

func newCSVRows(r io.Reader) (*csvRows, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if bom, _ := buffered.Peek(3); string(bom) == "\xef\xbb\xbf" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, err
		}
	}
	start, err := buffered.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	c := &csvRows{r: csv.NewReader(buffered)}
	c.r.Comma = separator(start)
	c.r.FieldsPerRecord = -1
	c.r.ReuseRecord = true
	header, err := c.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the CSV file has no header")
	}
	if err != nil {
		return nil, fmt.Errorf("the header of the CSV file: %w", err)
	}
	if len(header) > maxColumns {
		return nil, fmt.Errorf("the CSV file has %d columns, more than %d", len(header), maxColumns)
	}
	seen := map[string]bool{}
	for _, name := range header {
		name = strings.TrimSpace(name)
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("the CSV file's column name %.80q is not UTF-8", name)
		}
		if key := strings.ToLower(name); seen[key] {
			return nil, fmt.Errorf("the CSV file has two columns named %.80q", name)
		} else {
			seen[key] = true
		}
		c.header = append(c.header, name)
	}
	return c, nil
}

// separator is the most frequent candidate of the first line, outside of quotes.
func separator(start []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, b := range start {
		if b == '"' {
			quoted = !quoted
		}
		if !quoted && (b == '\n' || b == '\r') {
			break
		}
		if !quoted {
			counts[b]++
		}
	}
	best := byte(',')
	for _, b := range []byte(";\t|") {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return rune(best)
}

// next moves to the next row; false is the end of the file. Empty lines are no rows.
func (c *csvRows) next() (bool, error) {
	fields, err := c.r.Read()
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return false, nil
	case errors.As(err, &parse):
		if parse.Line > parse.StartLine {
			// It took the lines up to here for one field: what follows cannot be trusted.
			return false, fmt.Errorf("the quotes that open on line %d are not closed properly: %w", parse.StartLine, err)
		}
		c.row++
		c.fields, c.fault, c.raw = nil, faultQuotes, fmt.Sprintf("line %d", parse.StartLine)
		return true, nil
	case err != nil:
		return false, err
	}
	c.row++
	c.fields, c.fault, c.raw = fields, "", ""
	for _, f := range fields {
		if !utf8.ValidString(f) {
			c.fields, c.fault, c.raw = nil, faultUTF8, strings.ToValidUTF8(f, "�")
			return true, nil
		}
	}
	if len(fields) != len(c.header) {
		c.fault, c.raw, c.fields = faultFields, fmt.Sprintf("%d instead of %d", len(fields), len(c.header)), nil
	}
	return true, nil
}

// openCSV copies a CSV file into a temporary table of text.
func openCSV(ctx context.Context, c *duck.Conn, path string, o ImportOptions) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := newCSVRows(&contextReader{ctx: ctx, r: f})
	if err != nil {
		return nil, err
	}
	s := &source{path: path, from: "staged_csv", row: "row", fault: "fault", raw: "raw"}
	create := "CREATE TEMP TABLE staged_csv (row BIGINT, fault VARCHAR, raw VARCHAR"
	for i, name := range rows.header {
		expr := fmt.Sprintf("c%d", i)
		s.columns = append(s.columns, column{name: name, expr: expr, typ: "VARCHAR"})
		create += ", " + expr + " VARCHAR"
	}
	if _, err := c.Exec(ctx, create+")"); err != nil {
		return nil, err
	}
	a, err := c.NewAppender(ctx, "temp", "main", "staged_csv")
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
			break
		}
		if err := stageRow(a, rows); err != nil {
			return nil, err
		}
		if rows.row%100_000 == 0 {
			o.report("read", rows.row, 0)
		}
	}
	s.rows = rows.row
	return s, a.Flush()
}

func stageRow(a *duck.Appender, rows *csvRows) error {
	const fixed = 3
	a.Int64(0, rows.row)
	if rows.fault == "" {
		a.Null(1)
		a.Null(2)
	} else {
		a.String(1, rows.fault)
		a.String(2, rows.raw)
	}
	for i := range rows.header {
		if rows.fault == "" {
			a.String(fixed+i, rows.fields[i])
		} else {
			a.Null(fixed + i)
		}
	}
	return a.Next()
}
