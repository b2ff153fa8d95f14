package gdpr

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/internal/idscan"
)

// mask overwrites the id in a file by as many asterisks and returns how often. A plain file is
// written in place, so that a server that appends to it is not disturbed; one compressed by
// gzip or zstd is replaced. Formats with columns or checksums are left alone.
func mask(ctx context.Context, path, userID string) (int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	head := make([]byte, 6)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return maskPacked(path, f, userID, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
			func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return maskPacked(path, f, userID, func(r io.Reader) (io.Reader, error) {
			z, err := zstd.NewReader(r)
			if err != nil {
				return nil, err
			}
			return z.IOReadCloser(), nil
		}, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	case bytes.HasPrefix(head, []byte("ARROW1")), bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return 0, nil
	}
	hits, _, err := idscan.Scan(f, userID, idscan.Options{Words: true})
	if err != nil || len(hits) == 0 || ctx.Err() != nil {
		return 0, errors.Join(err, ctx.Err())
	}
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	var count int64
	for _, h := range hits {
		before := make([]byte, min(24, h.Offset))
		if _, err := f.ReadAt(before, h.Offset-int64(len(before))); err == nil && ofItem.Match(before) {
			continue
		}
		if _, err := out.WriteAt(asterisks(h), h.Offset); err != nil {
			return count, errors.Join(err, out.Close())
		}
		count++
	}
	return count, errors.Join(out.Sync(), out.Close())
}

// asterisks have the length of what they replace and are text of the same kind.
func asterisks(h idscan.Hit) []byte {
	out := bytes.Repeat([]byte{'*'}, h.Length)
	for i := range out {
		if h.Form == idscan.UTF16LE && i%2 == 1 || h.Form == idscan.UTF16BE && i%2 == 0 {
			out[i] = 0
		}
	}
	return out
}

// maskPacked unpacks, masks and packs again. An archive within is not opened.
func maskPacked(path string, f *os.File, userID string, unpack func(io.Reader) (io.Reader, error), pack func(io.Writer) (io.WriteCloser, error)) (int64, error) {
	r, err := unpack(f)
	if err != nil {
		return 0, nil // damaged: Verify lists it as not read
	}
	data, err := io.ReadAll(r)
	if err != nil || len(data) >= 262 && string(data[257:262]) == "ustar" {
		return 0, nil
	}
	count := int64(0)
	for _, h := range idscan.In(data, userID, true) {
		if !ofItem.Match(data[max(0, h.Offset-24):h.Offset]) {
			copy(data[h.Offset:], asterisks(h))
			count++
		}
	}
	if count == 0 {
		return 0, nil
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	w, err := pack(&out)
	if err != nil {
		return 0, err
	}
	_, err = w.Write(data)
	if err = errors.Join(err, w.Close()); err != nil {
		return 0, err
	}
	return count, replace(path, out.Bytes(), info.Mode())
}

// replace gives a file new contents in one step.
func replace(path string, data []byte, mode fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), leftoverPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(mode.Perm()), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// sealTimeout is how long to wait for a server to end the segment of its journal that it is
// writing; it does so every second.
const sealTimeout = 15 * time.Second

// lines removes the lines of the user from a file of JSON objects, one a line.
func (d *deletion) lines(ctx context.Context, path string) (removed int64, err error) {
	for deadline := time.Now().Add(sealTimeout); strings.HasSuffix(path, openSuffix); {
		sealed := strings.TrimSuffix(path, openSuffix)
		if _, err := os.Stat(sealed); err == nil {
			path = sealed
			break
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return 0, nil // sealed and taken
		}
		unlock, err := tryLockFile(path)
		if err != nil {
			return 0, err
		}
		if unlock != nil {
			defer unlock() // its server has died
			break
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("%s names the user and is still being written after %v: stop whoever writes it and run the deletion again", path, sealTimeout)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var kept []byte
	for line := range bytes.Lines(data) {
		if ofUser(line, d.user) {
			removed++
			continue
		}
		kept = append(kept, line...)
	}
	if removed == 0 {
		return 0, nil
	}
	if len(kept) == 0 {
		return removed, os.Remove(path)
	}
	return removed, replace(path, kept, info.Mode())
}

// ofUser reads the user_id of a line.
func ofUser(line []byte, userID string) bool {
	var v struct {
		UserID any `json:"user_id"`
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	return dec.Decode(&v) == nil && v.UserID != nil && fmt.Sprint(v.UserID) == userID
}
