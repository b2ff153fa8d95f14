package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// ErasePrefix begins the name of a file that EraseFromFile has not finished.
const ErasePrefix = ".tmp-erase-"

// EraseFromFile removes a user's rows from a Parquet or CSV file with a column user_id, and
// returns how many there were; a file of this user alone is removed. If the file was imported
// before, what is left of it counts as imported, too: a worker does not take it for a new one.
// Nobody imports while it runs, for the database is open. The new file takes the old one's
// place in one step. A file without a column user_id has no rows of anybody.
func (db *DB) EraseFromFile(ctx context.Context, path, userID string) (removed int64, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return 0, err
	}
	in, err := inspectFile(ctx, abs)
	if err != nil {
		return 0, fmt.Errorf("store: erase from %s: %w", path, err)
	}
	tmp := filepath.Join(filepath.Dir(abs), fmt.Sprintf("%s%d", ErasePrefix, os.Getpid()))
	defer os.Remove(tmp)
	var kept int64
	err = db.write(ctx, "erase from "+path, func(c *duck.Conn) error {
		if in.parquet {
			removed, kept, err = eraseParquet(ctx, c, abs, tmp, userID)
		} else {
			removed, kept, err = eraseCSV(ctx, abs, tmp, userID)
		}
		if err != nil || removed == 0 || kept == 0 {
			return err
		}
		out, err := inspectFile(ctx, tmp)
		if err != nil {
			return err
		}
		_, err = c.Exec(ctx, `INSERT INTO imported_files SELECT kind, ?, path, ?, rows_read, inserted, rejected, last_seq, applied_at
			FROM imported_files WHERE hash = ?`, out.hash, out.size, in.hash)
		return err
	})
	if err != nil || removed == 0 {
		return 0, err
	}
	if err := in.unchanged(); err != nil {
		return 0, fmt.Errorf("store: erase from %s: %w", path, err)
	}
	if kept == 0 {
		err = os.Remove(abs)
	} else if err = keepMode(abs, tmp); err == nil {
		err = os.Rename(tmp, abs)
	}
	if err == nil {
		err = durable.SyncDir(filepath.Dir(abs))
	}
	return removed, err
}

func keepMode(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	return errors.Join(os.Chmod(to, info.Mode().Perm()), sameOwner(to, info))
}

func eraseParquet(ctx context.Context, c *duck.Conn, path, tmp, userID string) (removed, kept int64, err error) {
	s, err := openParquet(ctx, c, path)
	if err != nil {
		return 0, 0, err
	}
	user, ok := s.column("user_id")
	if !ok {
		return 0, s.rows, nil
	}
	removed, err = queryInt(ctx, c, fmt.Sprintf(`SELECT count(*) FROM %s WHERE %s = ?`, s.from, idExpr(user)), userID)
	if err != nil || removed == 0 {
		return 0, s.rows, err
	}
	columns := make([]string, len(s.columns))
	for i, col := range s.columns {
		columns[i] = identifier(col.name)
	}
	_, err = c.Exec(ctx, fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE coalesce(%s <> %s, true)) TO %s (FORMAT parquet)`,
		strings.Join(columns, ", "), s.from, idExpr(user), literal(userID), literal(tmp)))
	if err != nil {
		return 0, 0, err
	}
	f, err := os.OpenFile(tmp, os.O_RDWR, 0)
	if err != nil {
		return 0, 0, err
	}
	return removed, s.rows - removed, errors.Join(f.Sync(), f.Close())
}

// eraseCSV copies the records of other users byte by byte.
func eraseCSV(ctx context.Context, path, tmp, userID string) (removed, kept int64, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	skipped := len(data) - len(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, comma := range ";\t" {
		if bytes.ContainsRune(first, comma) && !bytes.ContainsRune(first, ',') {
			r.Comma = comma
		}
	}
	var out bytes.Buffer
	column, start := -1, 0
	for row := 0; ; row++ {
		if row%4096 == 0 && ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if err != nil && !errors.As(err, &bad) {
			return 0, 0, err
		}
		end := skipped + int(r.InputOffset())
		text := data[start:end]
		start = end
		switch {
		case row == 0:
			for i, name := range record {
				if strings.EqualFold(strings.TrimSpace(name), "user_id") {
					column = i
				}
			}
			if column < 0 {
				return 0, 1, nil
			}
		case err == nil && column < len(record) && strings.TrimSpace(record[column]) == userID:
			removed++
			continue
		default:
			kept++
		}
		out.Write(text)
	}
	if removed == 0 {
		return 0, kept, nil
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, 0, err
	}
	_, err = f.Write(out.Bytes())
	return removed, kept, errors.Join(err, f.Sync(), f.Close())
}
