package gdpr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/recsys-lite/recsys/internal/idscan"
	"github.com/recsys-lite/recsys/model"
)

// DeleteOptions say how to delete.
type DeleteOptions struct {
	// Retrain, if not nil, fits the current model of a directory anew on the database, which
	// does not have the user any more, and publishes it. Versions that were learned with the
	// user go then.
	Retrain func(ctx context.Context, dir string, current *model.Manifest) error
	// Progress, if not nil, is told of each step before it begins.
	Progress func(step string)
	// Now is time.Now when nil.
	Now func() time.Time
}

// Delete removes a user from everything that the site names, and checks that nothing is left
// (Verify). It refuses before anything changes when the database could not be rewritten, because
// this process has it open for instance: close every DB on it first. Every step can be done twice: after an error or a crash, the same call completes
// what is missing. The user is blocked in running servers and in the database first, so that
// nothing comes back in between. Both outcomes are entered in the GDPR log.
func (s *Site) Delete(ctx context.Context, userID string, o DeleteOptions) (*Receipt, error) {
	if err := s.check(userID); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	keys, err := LoadKeys(s.DataDir, true)
	if err != nil {
		return nil, err
	}
	log, err := OpenLog(s.LogDir, keys)
	if err != nil {
		return nil, err
	}
	log.Now = o.Now
	d := &deletion{Site: s, user: userID, o: o, log: log,
		receipt: &Receipt{User: keys.Pseudonym(userID), Rows: map[string]int64{}, Artifacts: []ErasedArtifact{}, Files: []ErasedFile{},
			Retrained: []string{}, StillReflects: []string{}, Backups: []string{}, NotRead: []string{}, Found: []Finding{}}}
	err = d.run(ctx)
	logErr := log.Append(DataDeletion, d.receipt.User, err == nil)
	d.receipt.Time = o.Now().UTC().Truncate(time.Second)
	return d.receipt, errors.Join(err, logErr)
}

// deletion is one run of Delete.
type deletion struct {
	*Site
	user    string
	o       DeleteOptions
	log     *Log
	dirs    []string
	receipt *Receipt
}

func (d *deletion) run(ctx context.Context) error {
	var err error
	if d.dirs, err = d.modelDirs(); err != nil {
		return err
	}
	d.o.Progress("check that everything can be finished")
	if err := d.Ready(ctx); err != nil {
		return fmt.Errorf("nothing was changed, for the database could not be rewritten: %w", err)
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"block the user in running servers", d.block},
		{"delete the rows of the database and of files to import", d.rows},
		{"rewrite the database file", d.rewrite},
		{"rewrite the models", d.models},
		{"fit the models anew", d.retrain},
		{"delete rows from files that came late", d.lateFiles},
		{"erase logs and other files", d.otherFiles},
		{"erase the GDPR log", d.ownLog},
		{"verify", d.verify},
	} {
		d.o.Progress(step.name)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (d *deletion) block(context.Context) error {
	for _, dir := range d.dirs {
		if err := AddForgotten(dir, d.user); err != nil {
			return err
		}
	}
	return nil
}

// rows deletes what is in the database and, while nobody can import them, in files.
func (d *deletion) rows(ctx context.Context) error {
	db, err := d.Open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Forget(ctx, d.user)
	if err != nil {
		return err
	}
	for table, n := range rows {
		d.receipt.Rows[table] += n
	}
	if err := d.fromFiles(ctx, db); err != nil {
		return err
	}
	return db.Close()
}

// fromFiles removes the user's rows from all files of events.
func (d *deletion) fromFiles(ctx context.Context, db Database) error {
	list, err := d.eventFiles()
	if err != nil {
		return err
	}
	for _, path := range list {
		err := d.eventFile(ctx, db, path)
		if sealed, open := strings.CutSuffix(path, openSuffix); open && errors.Is(err, fs.ErrNotExist) {
			err = d.eventFile(ctx, db, sealed) // its server has ended it in the meantime
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// openSuffix ends the name of a journal's segment that is being written.
const openSuffix = ".open"

// lateFiles looks for rows once more: what a server had accepted before the user was blocked
// may have come to a file since.
func (d *deletion) lateFiles(ctx context.Context) error {
	db, err := d.Open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := d.fromFiles(ctx, db); err != nil {
		return err
	}
	return db.Close()
}

// eventFiles lists what may have rows of events, and removes what a deletion that was killed
// left among it.
func (d *deletion) eventFiles() ([]string, error) {
	list, err := files(d.FileDirs, slices.Concat(d.dirs, d.BackupDirs)...)
	if err != nil {
		return nil, err
	}
	kept := list[:0]
	for _, path := range list {
		switch name := filepath.Base(path); {
		case strings.HasPrefix(name, leftoverPrefix):
			if err := os.Remove(path); err != nil {
				return nil, err
			}
		case same(path, d.DatabasePath), name == KeyFile, strings.HasSuffix(name, ".wal"):
		default:
			kept = append(kept, path)
		}
	}
	return kept, nil
}

// leftoverPrefix begins the names of temporary files of a deletion.
const leftoverPrefix = ".tmp-erase-"

func (d *deletion) eventFile(ctx context.Context, db Database, path string) error {
	named := false
	scan := scanner{id: d.user, site: d.Site, found: func(all []Finding) { named = named || len(all) > 0 }}
	err := scan.file(ctx, path)
	if err != nil && !scan.notRead(err) {
		return err
	}
	if !named {
		return nil // if it could not be read, Verify lists it
	}
	if done, err := d.exported(path); done || err != nil {
		return err
	}
	var n int64
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case strings.Contains(filepath.Base(path), ".jsonl"), ext == ".ndjson":
		if n, err = d.lines(ctx, path); err != nil {
			return err
		}
	case isParquet(path) || ext == ".csv":
		// A file that cannot be decoded is left for masking.
		if n, err = db.EraseFromFile(ctx, path, d.user); err != nil && ctx.Err() != nil {
			return err
		}
	}
	if n > 0 {
		d.erased(path, n, 0)
	}
	return nil
}

// erased enters a file in the receipt, without the id that its name may have.
func (d *deletion) erased(path string, rows, masked int64) {
	d.receipt.Files = append(d.receipt.Files, ErasedFile{Path: withoutID(path, d.user), Rows: rows, Masked: masked})
}

func withoutID(path, userID string) string {
	text := []byte(path)
	for _, h := range idscan.In(text, userID, true) {
		copy(text[h.Offset:], asterisks(h))
	}
	return string(text)
}

// exported removes an export of the user.
func (d *deletion) exported(path string) (bool, error) {
	if !strings.EqualFold(filepath.Ext(path), ".json") {
		return false, nil
	}
	text, err := os.ReadFile(path)
	if err != nil || !ofUser(text, d.user) {
		return false, err
	}
	d.erased(path, 1, 0)
	return true, os.Remove(path)
}

func isParquet(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	_, err = f.Read(head)
	return err == nil && string(head) == "PAR1"
}

func (d *deletion) rewrite(ctx context.Context) error {
	if err := d.Rewrite(ctx); err != nil {
		return err
	}
	d.receipt.Rewritten = true
	return nil
}

// models rewrites every version that holds the user. Whoever publishes meanwhile finds the
// user on the list of forgotten ones.
func (d *deletion) models(ctx context.Context) error {
	gone := func(id string) bool { return id == d.user }
	var faults error
	for _, dir := range d.dirs {
		done, err := model.Opener{Kinds: d.Kinds}.Erase(ctx, dir, gone)
		for _, e := range done {
			d.receipt.Artifacts = append(d.receipt.Artifacts, ErasedArtifact{dir, e.Version, e.Became, e.Kind, e.Current})
		}
		if ctx.Err() != nil {
			return err
		}
		faults = errors.Join(faults, err)
	}
	return faults
}

// retrain fits anew what was learned with the user, or says what was.
func (d *deletion) retrain(ctx context.Context) error {
	for _, dir := range d.dirs {
		versions, err := model.Versions(dir)
		if err != nil {
			return err
		}
		reflecting := slices.DeleteFunc(versions, func(m *model.Manifest) bool { return len(m.Annotations[model.ErasureAnnotation]) == 0 })
		if len(reflecting) == 0 {
			continue
		}
		current, err := model.Current(dir)
		if err != nil && !errors.Is(err, model.ErrNoArtifact) {
			return err
		}
		if d.o.Retrain == nil || current == "" {
			for _, m := range reflecting {
				d.receipt.StillReflects = append(d.receipt.StillReflects, fmt.Sprintf("%s: the item parameters of %s (%s)", dir, m.Version, m.Kind))
			}
			continue
		}
		at := slices.IndexFunc(reflecting, func(m *model.Manifest) bool { return m.Version == current })
		if at >= 0 {
			if err := d.o.Retrain(ctx, dir, reflecting[at]); err != nil {
				return fmt.Errorf("%s: %w", dir, err)
			}
			d.receipt.Retrained = append(d.receipt.Retrained, dir)
		}
		for _, m := range reflecting {
			if err := model.Remove(dir, m.Version); err != nil {
				return err
			}
		}
	}
	return nil
}

// otherFiles overwrites the id where it stands in files that have no rows.
func (d *deletion) otherFiles(ctx context.Context) error {
	folders := slices.DeleteFunc(slices.Concat([]string{d.LogDir}, d.FileDirs), func(f string) bool { return f == "" })
	list, err := files(folders, slices.Concat(d.dirs, d.BackupDirs)...)
	if err != nil {
		return err
	}
	for _, path := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch name := filepath.Base(path); {
		case name == LogFile || name == ChainFile || name == KeyFile || same(path, d.DatabasePath) || isDatabase(path):
			continue
		}
		n, err := mask(ctx, path, d.user)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path, err)
		}
		if n > 0 {
			d.erased(path, 0, n)
		}
	}
	return nil
}

func isDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 12)
	n, _ := f.Read(head)
	return n == 12 && string(head[8:]) == "DUCK"
}

func (d *deletion) ownLog(context.Context) error {
	n, err := d.log.Erase(d.user)
	if err != nil {
		return err
	}
	d.receipt.LogLines = n
	_, d.receipt.LogHead, err = d.log.Check()
	return err
}

func (d *deletion) verify(ctx context.Context) error {
	r, err := d.Verify(ctx, d.user)
	if err != nil {
		return err
	}
	d.receipt.Found, d.receipt.NotRead = r.Found, r.NotRead
	for _, f := range r.Backups {
		if name := withoutID(f.File, d.user); !slices.Contains(d.receipt.Backups, name) {
			d.receipt.Backups = append(d.receipt.Backups, name)
		}
	}
	if len(r.Found) > 0 {
		return fmt.Errorf("%w, in %d places, of which the first is %s", ErrRemains, len(r.Found), r.Found[0])
	}
	return nil
}
