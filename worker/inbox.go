package worker

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/store"
)

const (
	quarantineDir = "quarantine"
	// reasonSuffix is behind the name of a file in quarantine: the text that says why.
	reasonSuffix = ".reason.txt"
	// DefaultPatience is how long a file that is not complete may stay unchanged.
	DefaultPatience = 5 * time.Minute
)

// Inbox imports what arrives in a directory: Parquet files of events, by age, and sealed
// journal segments. Files stay where they are; the database's ledger knows what it has taken.
//
// A file that is not complete is waited for. Only when it has not changed for Patience, or when
// it is complete and cannot be read, does it move to the folder quarantine, with a text beside
// it that says why. Names that begin with a dot or an underscore, or do not end in .parquet, are
// left alone. It is for one goroutine.
type Inbox struct {
	Dir string
	// Patience is DefaultPatience when 0.
	Patience time.Duration
	// Journals says to import journal segments too.
	Journals bool
	// Log, if set, is told of every file.
	Log *slog.Logger

	// files are those that were looked at before, by path. A file that is as it was then and
	// done is not looked at again.
	files map[string]*known
	// step, if set, is told between any two changes to disk (tests).
	step func(string)
}

// known is a file as it was when it was looked at last.
type known struct {
	info  fs.FileInfo
	since time.Time // of the monotonic clock, so that setting the clock changes nothing
	done  bool
}

func (k *known) same(info fs.FileInfo) bool {
	return os.SameFile(k.info, info) && k.info.Size() == info.Size() && k.info.ModTime().Equal(info.ModTime())
}

// Imported is what an Inbox did.
type Imported struct {
	// Files were imported, with Events events; Rejected of their rows could not be used.
	Files    int   `json:"files"`
	Events   int64 `json:"events"`
	Rejected int64 `json:"rejected"`
	// JournalEvents came from servers' journals.
	JournalEvents int `json:"journal_events"`
	// Waiting files are not complete yet; Quarantined ones were put aside.
	Waiting     int `json:"waiting"`
	Quarantined int `json:"quarantined"`
}

// LogValue makes a group of the numbers.
func (i Imported) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("files", i.Files), slog.Int64("events", i.Events), slog.Int64("rejected", i.Rejected),
		slog.Int("journal_events", i.JournalEvents), slog.Int("waiting", i.Waiting), slog.Int("quarantined", i.Quarantined))
}

func (i Imported) any() bool { return i.Files+i.JournalEvents+i.Quarantined > 0 }

func (b *Inbox) log() *slog.Logger {
	if b.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return b.Log
}

func (b *Inbox) at(step string) {
	if b.step != nil {
		b.step(step)
	}
}

// Pending says whether there is anything to import, without a database.
func (b *Inbox) Pending(ctx context.Context) (bool, error) {
	files, err := b.look()
	if err != nil || len(files) > 0 || !b.Journals {
		return len(files) > 0, err
	}
	if _, err := journal.Recover(ctx, b.Dir); err != nil {
		return false, err
	}
	segments, err := journal.Segments(b.Dir)
	return len(segments) > 0, err
}

// Import imports what there is. An error leaves the rest for the next call, which also tries
// again what failed.
func (b *Inbox) Import(ctx context.Context, db *store.DB) (Imported, error) {
	var done Imported
	err := b.importFiles(ctx, db, &done)
	if err == nil && b.Journals {
		_, err = b.importJournals(ctx, db, &done)
	}
	return done, err
}

func (b *Inbox) importFiles(ctx context.Context, db *store.DB, done *Imported) error {
	files, err := b.look()
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := b.importFile(ctx, db, path, done); err != nil {
			return err
		}
	}
	return nil
}

// look lists the files that are not done with, oldest first.
func (b *Inbox) look() ([]string, error) {
	entries, err := os.ReadDir(b.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("incremental directory: %w", err)
	}
	seen := make(map[string]*known, len(entries))
	var paths []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || !strings.EqualFold(filepath.Ext(name), ".parquet") {
			continue
		}
		path := filepath.Join(b.Dir, name)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue // it went away, or is no file
		}
		k := b.files[path]
		if k == nil || !k.same(info) {
			k = &known{info: info, since: time.Now()}
		}
		seen[path] = k
		if !k.done {
			paths = append(paths, path)
		}
	}
	b.files = seen
	slices.SortFunc(paths, func(x, y string) int {
		return cmp.Or(seen[x].info.ModTime().Compare(seen[y].info.ModTime()), strings.Compare(x, y))
	})
	return paths, nil
}

func (b *Inbox) importFile(ctx context.Context, db *store.DB, path string, done *Imported) error {
	k := b.files[path]
	if whole, err := complete(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			b.log().Warn("file went away before it was read", "file", path)
			return nil
		}
		return err
	} else if !whole {
		patience := b.Patience
		if patience == 0 {
			patience = DefaultPatience
		}
		if time.Since(k.since) < patience {
			done.Waiting++
			return nil
		}
		return b.quarantine(k, path, fmt.Errorf("not a complete Parquet file, and unchanged for %v", patience), done)
	}
	b.at("file " + filepath.Base(path))
	start := time.Now()
	rejects := filepath.Join(b.Dir, quarantineDir, filepath.Base(path)+".rejects.csv")
	if err := os.MkdirAll(filepath.Dir(rejects), 0o777); err != nil {
		rejects = "" // the rows are counted; a directory for reading only must not stop the import
	}
	r, err := db.ImportEvents(ctx, path, store.ImportOptions{RejectsPath: rejects})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return err
	case errors.Is(err, store.ErrFileChanged), errors.Is(err, fs.ErrNotExist):
		b.log().Warn("file not imported, it is looked at again", "file", path, "error", err)
		done.Waiting++
		return nil
	default:
		// Is it the file, or the database (a full disk, say)? A database in memory knows.
		if b.readable(ctx, path) {
			return err
		}
		return b.quarantine(k, path, err, done)
	}
	k.done = true
	if r.AlreadyApplied {
		b.log().Debug("file known", "file", path, "applied", r.AppliedAt)
		return nil
	}
	b.at("imported " + filepath.Base(path))
	done.Files++
	done.Events += r.Inserted
	done.Rejected += r.Rejected
	b.log().Info("file imported", "file", path, "events", r.Inserted, "rejected", r.Rejected, "rejects", r.RejectsFile,
		"took", time.Since(start).Round(time.Millisecond))
	return nil
}

// readable says whether a file can be imported at all.
func (b *Inbox) readable(ctx context.Context, path string) bool {
	db, err := store.Open(ctx, "", store.Options{})
	if err != nil {
		return true
	}
	defer db.Close()
	_, err = db.ImportEvents(ctx, path, store.ImportOptions{})
	return err == nil || ctx.Err() != nil || errors.Is(err, fs.ErrNotExist)
}

// quarantine moves a file out of the way. The reason is there first, so that no file lies
// there without one.
func (b *Inbox) quarantine(k *known, path string, reason error, done *Imported) error {
	dir := filepath.Join(b.Dir, quarantineDir)
	to := filepath.Join(dir, filepath.Base(path))
	for n := 2; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			break
		}
		to = filepath.Join(dir, fmt.Sprintf("%d-%s", n, filepath.Base(path)))
	}
	text := fmt.Sprintf("%s\n%s: %v\n", time.Now().UTC().Format(time.RFC3339), path, reason)
	err := os.MkdirAll(dir, 0o777)
	if err == nil {
		err = os.WriteFile(to+reasonSuffix, []byte(text), 0o666)
	}
	if err == nil {
		b.at("reason")
		err = os.Rename(path, to)
	}
	k.done = true // also where it cannot be moved: it is not read again until it changes
	if err != nil {
		b.log().Error("file cannot be imported, and not be moved to quarantine", "file", path, "reason", reason, "error", err)
		return nil
	}
	done.Quarantined++
	b.log().Warn("file moved to quarantine", "file", path, "to", to, "reason", reason)
	return nil
}

// complete says whether a file has the beginning and the end of a Parquet file. Writers write
// the end last.
func complete(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	var head, tail [4]byte
	if info.Size() < 12 {
		return false, nil
	}
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return false, ignoreEOF(err)
	}
	if _, err := f.ReadAt(tail[:], info.Size()-4); err != nil {
		return false, ignoreEOF(err)
	}
	magic := []byte("PAR1")
	return bytes.Equal(head[:], magic) && bytes.Equal(tail[:], magic), nil
}

// ignoreEOF passes over a file that was cut at this moment.
func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
