package gdpr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/idscan"
)

// Finding is a place where an id stands.
type Finding struct {
	File string `json:"file"`
	// Place is where in the file: a column, an offset, an entry of an archive.
	Place string `json:"place"`
	// Form is how it stands there: "value" in a decoded column, "word in a value", or the
	// encoding of the bytes.
	Form  string `json:"form"`
	Count int64  `json:"count"`
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s, %d times", f.File, f.Place, f.Form, f.Count)
}

// Report is what Verify found.
type Report struct {
	// Found are the places where the user's id stands.
	Found []Finding `json:"found"`
	// Namesakes are texts that are not about the user: an item of the same id, a title with
	// that word, bytes of other values that happen to touch.
	Namesakes []Finding `json:"namesakes"`
	// Backups are places in backups, which deletion does not touch.
	Backups []Finding `json:"backups"`
	// NotRead are files whose contents cannot be told, with the reason.
	NotRead []string `json:"not_read"`
	// Files and Bytes were looked at.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	// LogLines is the length of the GDPR log; LogError says why its chain does not hold.
	LogLines int    `json:"log_lines"`
	LogError string `json:"log_error,omitempty"`
}

// ErrRemains: the id of a user stands somewhere.
var ErrRemains = errors.New("the user's id is still there")

// checkID refuses what cannot be an id.
func checkID(userID string) error {
	if userID == "" || !utf8.ValidString(userID) {
		return fmt.Errorf("%w: user id %.80q: it must be text in UTF-8, and not empty", recsys.ErrInvalidData, userID)
	}
	return nil
}

// Verify looks for a user's id in every file of the site, and checks the GDPR log against its
// chain. Columns of the database, of Arrow and of Parquet files are decoded; gzip, zstd, zip and
// tar are unpacked; every other byte is read as it is, in UTF-8, in UTF-16 of either order, with
// JSON's escapes and percent-encoded. In text the id must be a word of its own, so that "12" is
// not found in "2012". In the database's file any bytes count; those that belong to no value
// are compared with a fresh copy of the rows, unless the file is known to hold nothing else: what
// is more than in that lies in freed space.
func (s *Site) Verify(ctx context.Context, userID string) (*Report, error) {
	if err := s.check(userID); err != nil {
		return nil, err
	}
	r := &Report{Found: []Finding{}, Namesakes: []Finding{}, Backups: []Finding{}, NotRead: []string{}}
	if err := s.verifyDatabase(ctx, userID, r); err != nil {
		return nil, err
	}
	if err := s.verifyFiles(ctx, userID, r); err != nil {
		return nil, err
	}
	if err := s.verifyBackups(ctx, userID, r); err != nil {
		return nil, err
	}
	return r, s.verifyLog(r)
}

func (s *Site) verifyLog(r *Report) error {
	keys, err := LoadKeys(s.DataDir, false)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(s.LogDir, LogFile)); err == nil {
			r.LogError = fmt.Sprintf("there is a log, but no key %s to check it with", filepath.Join(s.DataDir, KeyFile))
		}
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.LogDir, LogFile)); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(s.LogDir, ChainFile)); err == nil {
			r.LogError = "the log is gone, its chain is there"
		}
		return nil
	}
	l, err := OpenLog(s.LogDir, keys)
	if err != nil {
		return err
	}
	lines, _, err := l.Check()
	r.LogLines = lines
	if errors.Is(err, ErrLog) {
		r.LogError, err = err.Error(), nil
	}
	return err
}

func (s *Site) verifyDatabase(ctx context.Context, userID string, r *Report) error {
	if _, err := os.Stat(s.DatabasePath); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// Values first: that fails if this process has the file open. Then its bytes must not be read,
	// for closing it here would release DuckDB's lock.
	mentions, err := s.Mentions(ctx, s.DatabasePath, userID)
	if err != nil {
		return err
	}
	raw, err := countRaw(s.DatabasePath, userID)
	if err != nil {
		return err
	}
	info, err := os.Stat(s.DatabasePath)
	if err != nil {
		return err
	}
	r.Files++
	r.Bytes += info.Size()
	wal, err := countRaw(s.DatabasePath+".wal", userID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if wal > 0 {
		r.Found = append(r.Found, Finding{s.DatabasePath + ".wal", "bytes", "as they are", wal})
	}
	r.sort(mentions)
	if raw == 0 || slices.ContainsFunc(mentions, func(f Finding) bool { return !namesake(f) }) {
		return nil
	}
	// No value explains the bytes: they are values of others that touch, or what was deleted.
	byChance, err := s.Tidy(ctx)
	if err != nil {
		return err
	}
	clean := raw
	if !byChance {
		if clean, err = s.CleanCount(ctx, func(path string) (int64, error) { return countRaw(path, userID) }); err != nil {
			return err
		}
	}
	if raw > clean {
		r.Found = append(r.Found, Finding{s.DatabasePath, "bytes in freed space", "as they are", raw - clean})
	} else {
		r.Namesakes = append(r.Namesakes, Finding{s.DatabasePath, "bytes of other values, side by side", "as they are", raw})
	}
	return nil
}

// countRaw counts the id in a file's bytes, also within words.
func countRaw(path, userID string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	_, n, err := idscan.Scan(f, userID, idscan.Options{Limit: 1})
	return n, err
}

// verifyFiles looks through all files but the database and the backups.
func (s *Site) verifyFiles(ctx context.Context, userID string, r *Report) error {
	folders := slices.Concat([]string{filepath.Join(s.DataDir, receiptsDir), s.LogDir}, s.ModelDirs, s.FileDirs)
	folders = slices.DeleteFunc(folders, func(f string) bool { return f == "" })
	list, err := files(folders, s.BackupDirs...)
	if err != nil {
		return err
	}
	for _, path := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if same(path, s.DatabasePath) || same(path, s.DatabasePath+".wal") || filepath.Base(path) == KeyFile {
			continue
		}
		scan := scanner{id: userID, found: r.sort, site: s}
		if err := scan.file(ctx, path); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue // gone since it was listed: a worker took it
			}
			if !scan.notRead(err) {
				return err
			}
			r.NotRead = append(r.NotRead, fmt.Sprintf("%s: %v", path, err))
		}
		r.Files++
		r.Bytes += scan.bytes
	}
	return nil
}

func (s *Site) verifyBackups(ctx context.Context, userID string, r *Report) error {
	list, err := files(s.BackupDirs)
	if err != nil {
		return err
	}
	for _, path := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		scan := scanner{id: userID, site: s, found: func(all []Finding) {
			for _, f := range all {
				if !namesake(f) {
					r.Backups = append(r.Backups, f)
				}
			}
		}}
		if err := scan.file(ctx, path); err != nil {
			if !scan.notRead(err) {
				return err
			}
			r.NotRead = append(r.NotRead, fmt.Sprintf("%s: %v", path, err))
		}
		r.Files++
		r.Bytes += scan.bytes
	}
	return nil
}

// sort enters findings where they belong.
func (r *Report) sort(all []Finding) {
	for _, f := range all {
		if namesake(f) {
			r.Namesakes = append(r.Namesakes, f)
		} else {
			r.Found = append(r.Found, f)
		}
	}
}
