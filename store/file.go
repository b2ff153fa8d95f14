package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// ErrFileChanged: somebody wrote to a file, or removed it, while it was imported; nothing of it
// was kept. Import it again when it is complete.
var ErrFileChanged = errors.New("the file changed while it was read")

// inputFile is a file to import as it was when it was hashed.
type inputFile struct {
	path    string // absolute
	hash    string
	size    int64
	changed time.Time
	parquet bool
}

// inspectFile hashes a file and tells Parquet from CSV, by content: names are not to be
// trusted.
func inspectFile(ctx context.Context, path string) (inputFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return inputFile{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return inputFile{}, err
	}
	if !info.Mode().IsRegular() {
		return inputFile{}, errors.New("not a regular file")
	}
	if info.Size() == 0 {
		return inputFile{}, errors.New("the file is empty")
	}
	in := inputFile{path: path, size: info.Size(), changed: info.ModTime()}
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return in, err
	}
	head = head[:n]
	in.parquet = bytes.HasPrefix(head, []byte("PAR1"))
	if !in.parquet {
		if err := looksLikeText(head, path); err != nil {
			return in, err
		}
	}
	h := sha256.New()
	h.Write(head)
	if _, err := io.Copy(h, &contextReader{ctx: ctx, r: f}); err != nil {
		return in, err
	}
	in.hash = hex.EncodeToString(h.Sum(nil))
	return in, nil
}

func looksLikeText(head []byte, path string) error {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return errors.New("the file is compressed by gzip: unpack it first")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return errors.New("the file is UTF-16: save it as UTF-8")
	case bytes.IndexByte(head, 0) < 0:
		return nil
	case strings.HasSuffix(strings.ToLower(path), ".csv"):
		return errors.New("not a CSV file: it holds zero bytes")
	}
	return errors.New("not a Parquet file (it does not begin with PAR1), nor text")
}

// open makes the file a table of the connection; asText reads a Parquet file row by row.
func (f inputFile) open(ctx context.Context, c *duck.Conn, asText bool, o ImportOptions) (*source, error) {
	switch {
	case f.parquet && !asText:
		return openParquet(ctx, c, f.path)
	case f.parquet:
		rows, err := newParquetRows(ctx, f.path)
		if err != nil {
			return nil, err
		}
		s, err := stageRows(ctx, c, f.path, rows, func(rows int64) { o.report("read", rows, 0) })
		return s, errors.Join(err, rows.close())
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader := &contextReader{ctx: ctx, r: file}
	rows, err := newCSVRows(reader)
	if err != nil {
		return nil, err
	}
	s, err := stageRows(ctx, c, f.path, rows, func(int64) { o.report("read", reader.read, f.size) })
	if err != nil {
		return nil, err
	}
	for i := range s.columns {
		s.columns[i].comma = rows.r.Comma == ';'
	}
	return s, nil
}

// unchanged reports a file that somebody wrote to since it was hashed.
func (f inputFile) unchanged() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("%w: it went away: %w", ErrFileChanged, err)
	}
	if info.Size() != f.size || !info.ModTime().Equal(f.changed) {
		return fmt.Errorf("%w: import it again when it is complete", ErrFileChanged)
	}
	return nil
}

// contextReader ends a long read with its context, and counts its bytes.
type contextReader struct {
	ctx  context.Context
	r    io.Reader
	read int64
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p)
	r.read += int64(n)
	return n, err
}
