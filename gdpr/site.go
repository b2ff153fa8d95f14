package gdpr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// Database is what this package needs of a shop's database. Package store has the methods.
type Database interface {
	// UserEvents, User and Items are what an export shows.
	UserEvents(ctx context.Context, userID string) ([]recsys.Event, error)
	User(ctx context.Context, userID string) (recsys.User, bool, error)
	Items(ctx context.Context) ([]recsys.Item, error)
	// Forget deletes the user's rows, counting them by table, and sets a tombstone that keeps
	// later ones out; LiftTombstone takes it away and says whether there was one.
	Forget(ctx context.Context, userID string) (map[string]int64, error)
	LiftTombstone(ctx context.Context, userID string) (bool, error)
	IsForgotten(ctx context.Context, userID string) (bool, error)
	// EraseFromFile removes the user's rows from a Parquet or CSV file.
	EraseFromFile(ctx context.Context, path, userID string) (int64, error)
	Close() error
}

// Site says where a shop keeps what may name a user. Empty folders stand for what it has not. It
// has a database: package gdpr/duckdb fills its fields for the file of package store.
type Site struct {
	// DataDir has the key and the receipts.
	DataDir string
	// LogDir has the GDPR log and the logs of servers and workers.
	LogDir string
	// ModelDirs are folders below which models lie, in whatever depth.
	ModelDirs []string
	// FileDirs are folders with files of events: those waiting to be imported, imported,
	// rejected or put into quarantine, journals, exports. They are searched in any depth.
	FileDirs []string
	// BackupDirs are searched and reported, but never changed.
	BackupDirs []string
	// Kinds are the algorithms of the models.
	Kinds []model.Kind
	// DatabasePath is the database's file.
	DatabasePath string
	// Open opens the database; Rewrite replaces its file by one without deleted bytes, and is
	// called when nobody has it open. Ready says what keeps Rewrite and the functions below from
	// running, and what to close; it changes nothing, and is asked before anything is deleted.
	Open    func(ctx context.Context, readOnly bool) (Database, error)
	Ready   func(ctx context.Context) error
	Rewrite func(ctx context.Context) error
	// Mentions finds an id in the decoded values of a database file, which may be a backup. The
	// place of a finding is "column TABLE.COLUMN".
	Mentions func(ctx context.Context, path, userID string) ([]Finding, error)
	// Tidy reports whether the database's file holds live rows and nothing else, so that a byte
	// pattern in it that is no value is one by chance. Where it is not, CleanCount counts the
	// patterns in a fresh copy of the rows, for comparison.
	Tidy       func(ctx context.Context) (bool, error)
	CleanCount func(ctx context.Context, count func(path string) (int64, error)) (int64, error)
}

// check reports a site without a database, and an id that cannot be one.
func (s *Site) check(userID string) error {
	if s.DatabasePath == "" || s.Open == nil || s.Ready == nil || s.Rewrite == nil || s.Mentions == nil || s.Tidy == nil || s.CleanCount == nil {
		return fmt.Errorf("%w: gdpr: the site's database is not described: set all of DatabasePath, Open, Ready, Rewrite, Mentions, Tidy and CleanCount, as gdpr/duckdb.Connect does", recsys.ErrInvalidConfig)
	}
	return checkID(userID)
}

// modelDirs finds the directories of versions, and the artifacts that lie alone, below the
// site's folders. Links are followed at the top only.
func (s *Site) modelDirs() ([]string, error) {
	var found []string
	for _, root := range s.ModelDirs {
		root, err := filepath.EvalSymlinks(root)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // gone since it was listed
			case err != nil:
				return err
			case !d.IsDir():
				return nil
			}
			if isModelDir(path) {
				found = append(found, path)
				return filepath.SkipDir
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// ModelDirs finds the directories of models below root, by path: those with versions, with a
// pointer, or with an artifact that lies alone.
func ModelDirs(root string) ([]string, error) {
	s := &Site{ModelDirs: []string{root}}
	return s.modelDirs()
}

// isModelDir: there are versions in it, a pointer to one, or an artifact.
func isModelDir(path string) bool {
	for _, name := range []string{"versions", "current", "manifest.json"} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return true
		}
	}
	return false
}

// files lists the regular files below folders, by path, without those below skip. Links are
// followed at the top only.
func files(folders []string, skip ...string) ([]string, error) {
	var found []string
	for _, folder := range folders {
		root, err := filepath.EvalSymlinks(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if d.IsDir() && slices.ContainsFunc(skip, func(s string) bool { return same(s, path) }) {
				return filepath.SkipDir
			}
			if d.Type().IsRegular() {
				found = append(found, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func same(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
