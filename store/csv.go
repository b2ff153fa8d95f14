package store

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// csvRows reads a CSV file (RFC 4180, with a header; separated by comma, semicolon, tab or
// bar; where by semicolon, numbers may have a decimal comma) row by row. DuckDB's own reader is faster, but cannot say which row it left out.
type csvRows struct {
	r      *csv.Reader
	header []string
	text   textRow
}

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
		c.text = textRow{fault: faultQuotes, raw: fmt.Sprintf("line %d", parse.StartLine)}
		return true, nil
	case err != nil:
		return false, err
	}
	c.text = textRow{fields: fields}
	for _, f := range fields {
		if !utf8.ValidString(f) {
			c.text = brokenText(f)
			return true, nil
		}
	}
	if len(fields) != len(c.header) {
		c.text = textRow{fault: faultFields, raw: fmt.Sprintf("%d instead of %d", len(fields), len(c.header))}
	}
	return true, nil
}

func (c *csvRows) columns() []string { return c.header }
func (c *csvRows) current() *textRow { return &c.text }
