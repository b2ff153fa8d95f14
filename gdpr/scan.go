package gdpr

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/recsys-lite/recsys/internal/idscan"
	"github.com/recsys-lite/recsys/model"
)

// scanner looks for an id in one file, whatever that is.
type scanner struct {
	id    string
	site  *Site
	found func([]Finding)
	bytes int64
}

// errUnreadable marks what is in a format that was recognised, and damaged.
var errUnreadable = errors.New("it cannot be decoded")

func (s *scanner) notRead(err error) bool {
	return errors.Is(err, errUnreadable) || os.IsPermission(err)
}

// depth bounds archives within archives.
const depth = 4

func (s *scanner) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	head := make([]byte, 12)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.Close()
		return err
	}
	if n == 12 && string(head[8:12]) == "DUCK" {
		// A database: its values are looked at by what opened it, not from here, where closing
		// the file would release a lock.
		f.Close()
		return s.database(ctx, path)
	}
	defer f.Close()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	s.bytes += info.Size()
	return s.stream(ctx, path, "", f, depth)
}

// database looks into a database that is not the site's own: a backup.
func (s *scanner) database(ctx context.Context, path string) error {
	raw, err := countRaw(path, s.id)
	if err != nil {
		return err
	}
	mentions, err := s.site.Mentions(ctx, path, s.id)
	if err != nil {
		if raw > 0 {
			s.found([]Finding{{path, "bytes", "as they are", raw}})
		}
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	s.found(mentions)
	return nil
}

// stream reads one file or entry. Place is what leads to an entry of an archive.
func (s *scanner) stream(ctx context.Context, path, place string, r io.Reader, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	head = head[:n]
	whole := io.MultiReader(bytes.NewReader(head), r)
	if depth == 0 {
		return fmt.Errorf("%w: archives are nested too deeply", errUnreadable)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(whole)
		if err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		return s.stream(ctx, path, place+"gunzipped ", z, depth-1)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(whole)
		if err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		defer z.Close()
		return s.stream(ctx, path, place+"unpacked ", z, depth-1)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return s.zip(ctx, path, place, whole, depth)
	case len(head) >= 262 && string(head[257:262]) == "ustar":
		return s.tar(ctx, path, place, whole, depth)
	case bytes.HasPrefix(head, []byte("ARROW1")), bytes.HasPrefix(head, []byte("PAR1")):
		data, err := io.ReadAll(whole)
		if err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		return s.columns(ctx, path, place, data)
	case place != "" && len(head) >= 12 && string(head[8:12]) == "DUCK":
		return s.packedDatabase(ctx, path, place, whole)
	case filepath.Base(path) == model.WorkerFile && place == "", strings.HasSuffix(place, "/"+model.WorkerFile+": "):
		return s.workerStatus(path, place, whole)
	case strings.EqualFold(filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz")), ".csv") && place == "":
		return s.csv(path, place, whole)
	}
	return s.raw(path, place, whole)
}

func (s *scanner) tar(ctx context.Context, path, place string, r io.Reader, depth int) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		s.name(path, place, h.Name)
		if err := s.stream(ctx, path, place+h.Name+": ", t, depth-1); err != nil {
			return err
		}
	}
}

func (s *scanner) zip(ctx context.Context, path, place string, r io.Reader, depth int) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	for _, f := range z.File {
		s.name(path, place, f.Name)
		e, err := f.Open()
		if err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		err = s.stream(ctx, path, place+f.Name+": ", e, depth-1)
		e.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// packedDatabase unpacks a database of an archive to look into it.
func (s *scanner) packedDatabase(ctx context.Context, path, place string, r io.Reader) error {
	dir, err := os.MkdirTemp(s.site.DataDir, ".tmp-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tmp := filepath.Join(dir, "unpacked.db")
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	own := scanner{id: s.id, site: s.site, found: func(all []Finding) {
		for i := range all {
			all[i].File, all[i].Place = path, place+all[i].Place
		}
		s.found(all)
	}}
	return own.database(ctx, tmp)
}

// name looks at a file's name within an archive.
func (s *scanner) name(path, place, name string) {
	if n := len(idscan.In([]byte(name), s.id, true)); n > 0 {
		s.found([]Finding{{path, place + "name of an entry", "word in a value", int64(n)}})
	}
}

// raw looks at bytes as they are. The file's own name counts as well.
func (s *scanner) raw(path, place string, r io.Reader) error {
	if place == "" {
		s.name(path, "", filepath.Base(path))
	}
	// What stands before a hit may say that it is an item's: a window that slides along.
	data, err := io.ReadAll(io.LimitReader(r, maxText))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	s.text(path, place, data, 0)
	if int64(len(data)) < maxText {
		return nil
	}
	hits, n, err := idscan.Scan(r, s.id, idscan.Options{Words: true, Limit: 1})
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if n > 0 {
		s.found([]Finding{{path, fmt.Sprintf("%sfrom byte %d on", place, maxText+hits[0].Offset), hits[0].Form, n}})
	}
	return nil
}

// maxText is how much of a file is looked at closely; what is behind it is searched all the
// same, but every hit counts as the user's.
const maxText = 256 << 20

// ofItem is what stands before the id of an item in JSON, in a log line, in a URL.
var ofItem = regexp.MustCompile(`(?i)items?(_?ids?)?["']?\s*(=|:|%3D)\s*\[?["']?$`)

func (s *scanner) text(path, place string, data []byte, offset int64) {
	type key struct {
		form string
		item bool
	}
	counts, first := map[key]int64{}, map[key]int64{}
	for _, h := range idscan.In(data, s.id, true) {
		k := key{h.Form, ofItem.Match(data[max(0, h.Offset-24):h.Offset])}
		if counts[k]++; counts[k] == 1 {
			first[k] = offset + h.Offset
		}
	}
	var all []Finding
	for k, n := range counts {
		where := fmt.Sprintf("%sfrom byte %d on", place, first[k])
		if k.item {
			where = place + "item_id"
		}
		all = append(all, Finding{path, where, k.form, n})
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Form, b.Form), strings.Compare(a.Place, b.Place))
	})
	s.found(all)
}

// workerStatus looks at the texts of what the worker says of itself. Its numbers and times are
// no ids: "events": 12 is not user 12.
func (s *scanner) workerStatus(path, place string, r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, maxText))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	var texts []byte
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.raw(path, place, io.MultiReader(bytes.NewReader(data), r))
		}
		if text, ok := token.(string); ok {
			if _, err := time.Parse(time.RFC3339, text); err != nil {
				texts = append(append(texts, text...), '\n')
			}
		}
	}
	s.text(path, place, texts, 0)
	return nil
}

// csv tells columns apart where it can.
func (s *scanner) csv(path, place string, r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, maxText))
	if err != nil {
		return err
	}
	if len(idscan.In(data, s.id, true)) == 0 && int64(len(data)) < maxText {
		s.name(path, "", filepath.Base(path))
		return nil
	}
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	header, err := c.Read()
	if err != nil || !slices.ContainsFunc(header, func(h string) bool { return catalogueColumn(h) || strings.EqualFold(strings.TrimSpace(h), "user_id") }) || int64(len(data)) == maxText {
		return s.raw(path, place, io.MultiReader(bytes.NewReader(data), r))
	}
	s.name(path, "", filepath.Base(path))
	counts := map[string]int64{}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.raw(path, place, bytes.NewReader(data))
		}
		for i, v := range record {
			counts[strings.ToLower(strings.TrimSpace(header[i]))] += int64(len(idscan.In([]byte(v), s.id, true)))
		}
	}
	var all []Finding
	for _, column := range sortedKeys(counts) {
		if counts[column] > 0 {
			all = append(all, Finding{path, place + "column " + column, "value", counts[column]})
		}
	}
	s.found(all)
	return nil
}

// catalogueColumn: a column that says something of an item, or numbers.
func catalogueColumn(name string) bool {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "item_id", "title", "category", "brand", "price", "img_url", "available", "qty", "ts":
		return true
	}
	return false
}

// namesake: the place is a column of the catalogue, or the id of an item.
func namesake(f Finding) bool {
	place := f.Place
	if strings.HasSuffix(place, "item_id") || strings.Contains(place, "items.arrow") || strings.HasSuffix(f.File, "items.arrow") {
		return true
	}
	if at := strings.LastIndex(place, "column "); at >= 0 {
		name := place[at+len("column "):]
		return catalogueColumn(name) || strings.HasPrefix(name, "items.")
	}
	return false
}
