package store

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// rowQuery is a table expression over a source's rows and what makes a row good.
type rowQuery struct {
	from string
	args []any
	// good is true for rows to insert, and false or NULL for the others.
	good string
	// faults are tried in order: the first whose condition holds names the reason, and its
	// value is reported.
	faults []fault
}

// fault is a condition on a bad row, in SQL.
type fault struct{ when, reason, value string }

// reportRejects counts the bad rows by reason and writes them to o.RejectsPath.
func reportRejects(ctx context.Context, c *duck.Conn, q rowQuery, o ImportOptions, r *Report) error {
	reason, value := "CASE", "CASE"
	for _, f := range q.faults {
		reason += fmt.Sprintf(" WHEN %s THEN %s", f.when, f.reason)
		value += fmt.Sprintf(" WHEN %s THEN (%s)::VARCHAR", f.when, f.value)
	}
	out, err := newRejectsFile(o.RejectsPath)
	if err != nil {
		return fmt.Errorf("reject report: %w", err)
	}
	defer out.discard()
	err = c.Query(ctx, fmt.Sprintf(`SELECT row, %s END, left(%s END, 200) FROM %s
		WHERE NOT coalesce(%s, false) ORDER BY row`, reason, value, q.from, q.good), q.args, func(k *duck.Chunk) error {
		rows := k.Int64(0)
		for i := range rows {
			why := k.String(1, i)
			r.Reasons[why]++
			if err := out.add(r.File, rows[i], why, k.String(2, i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reject report: %w", err)
	}
	if err := out.finish(); err != nil {
		return fmt.Errorf("reject report: %w", err)
	}
	r.RejectsFile = o.RejectsPath
	return nil
}

// rejectsFile is written beside its place and renamed to it, so that it is never half there.
type rejectsFile struct {
	path string
	file *os.File
	csv  *csv.Writer
}

func newRejectsFile(path string) (*rejectsFile, error) {
	f := &rejectsFile{path: path}
	if path == "" {
		return f, nil
	}
	var err error
	if f.file, err = os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp*"); err != nil {
		return nil, err
	}
	f.csv = csv.NewWriter(f.file)
	if err := f.csv.Write([]string{"file", "row", "reason", "value"}); err != nil {
		f.discard()
		return nil, err
	}
	return f, nil
}

func (f *rejectsFile) add(file string, row int64, reason, value string) error {
	if f.csv == nil {
		return nil
	}
	return f.csv.Write([]string{file, strconv.FormatInt(row, 10), reason, value})
}

func (f *rejectsFile) finish() error {
	if f.file == nil {
		return nil
	}
	f.csv.Flush()
	if err := f.csv.Error(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	if err := f.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.file.Name(), f.path); err != nil {
		return err
	}
	f.file = nil
	return nil
}

// discard removes what was not finished.
func (f *rejectsFile) discard() {
	if f.file != nil {
		f.file.Close()
		os.Remove(f.file.Name())
	}
}
