package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

// The files of a backup.
const (
	backupDB       = "recsys.db"
	backupModels   = "models.tar.gz"
	backupKey      = gdpr.KeyFile
	backupManifest = "backup.json"
	backupTime     = "20060102T150405Z"
)

// backupList says what a backup consists of.
type backupList struct {
	Format  int          `json:"format"` // 1
	Created time.Time    `json:"created"`
	Library string       `json:"library"`
	Models  []string     `json:"models"` // directories with versions, as they were named
	Files   []backupFile `json:"files"`
}

type backupFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func newBackup(s settings) *cobra.Command {
	b := &backup{}
	keep, asJSON := 0, false
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Back up the database and the models, while everything runs",
		Long: `Back up the database and all models below --models-root into a new folder of --output,
named after the time in UTC, with a list of sizes and checksums. The copy of the database is one
state of it: whoever writes waits while it is made, as does a worker that publishes. The oldest
backups beyond --keep are removed; other folders are left alone.

A backup holds personal data, and the key of the GDPR receipts: only its owner can read it.`,
		Example: `  recsys-lite backup --db data/recsys.db --output backups --keep 30
  recsys-lite restore backups/20260101T010000Z`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if keep < 0 {
				return usagef("--keep is %d, it must be at least 1, or 0 for the setting", keep)
			}
			path, list, err := b.run(cmd.Context())
			if err != nil {
				return err
			}
			removed, err := b.prune(cmd.Context(), keep)
			if err != nil {
				return fmt.Errorf("%s is whole, but older backups could not be removed: %w", path, err)
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"path": path, "backup": list, "removed": removed})
			}
			for _, f := range list.Files {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, sha256 %s\n", filepath.Join(path, f.Name), f.Size, f.SHA256)
			}
			for _, name := range removed {
				fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", name)
			}
			return nil
		},
	}
	b.db.add(cmd, s)
	f := cmd.Flags()
	f.StringArrayVar(&b.roots, "models-root", []string{"model_artifacts"}, "`DIR` below which models lie; may be repeated")
	f.StringVar(&b.output, "output", "backups", "`DIR` of the backups")
	f.IntVar(&keep, "keep", 0, "number of backups to keep; 0 takes the setting backup_keep")
	f.BoolVar(&asJSON, "json", false, "print the list of files as JSON")
	return cmd
}

// backup is one run of backup.
type backup struct {
	db     dbFlags
	roots  []string
	output string
}

func (b *backup) run(ctx context.Context) (string, *backupList, error) {
	list := &backupList{Format: 1, Created: time.Now().UTC().Truncate(time.Second), Library: version, Models: []string{}}
	if err := os.MkdirAll(b.output, 0o700); err != nil {
		return "", nil, err
	}
	left, err := filepath.Glob(filepath.Join(b.output, ".tmp-backup-*"))
	if err != nil {
		return "", nil, err
	}
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			if err := os.RemoveAll(dir); err != nil {
				return "", nil, err
			}
		}
	}
	tmp, err := os.MkdirTemp(b.output, ".tmp-backup-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(tmp)
	// The models first: a model that has taken in what the copy of the database has not would,
	// restored, pass over the next events, which get the same numbers.
	f, err := writeHashed(filepath.Join(tmp, backupModels), func(w io.Writer) error { return b.models(ctx, w, list) })
	if err != nil {
		return "", nil, err
	}
	size, sum, err := store.Copy(ctx, b.db.path, filepath.Join(tmp, backupDB), b.db.options(store.Options{}))
	if err != nil {
		return "", nil, err
	}
	list.Files = append(list.Files, backupFile{backupDB, size, sum}, *f)
	key, err := os.ReadFile(filepath.Join(filepath.Dir(b.db.path), gdpr.KeyFile))
	if err == nil {
		if f, err = writeHashed(filepath.Join(tmp, backupKey), func(w io.Writer) error { _, err := w.Write(key); return err }); err != nil {
			return "", nil, err
		}
		list.Files = append(list.Files, *f)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", nil, err
	}
	return b.commit(tmp, list)
}

// commit writes the list and gives the backup its name: of two in one second, the later one is
// dated a second later.
func (b *backup) commit(tmp string, list *backupList) (string, *backupList, error) {
	path := filepath.Join(b.output, list.Created.Format(backupTime))
	for {
		if _, err := os.Lstat(path); err != nil {
			break
		}
		list.Created = list.Created.Add(time.Second)
		path = filepath.Join(b.output, list.Created.Format(backupTime))
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return "", nil, err
	}
	if err := gdpr.WritePrivate(filepath.Join(tmp, backupManifest), append(text, '\n')); err != nil {
		return "", nil, err
	}
	// Older backups go on the strength of this one: its name must outlive a power cut.
	return path, list, errors.Join(os.Rename(tmp, path), durable.SyncDir(b.output))
}

// writeHashed writes a file that its owner alone can read, and syncs it.
func writeHashed(path string, write func(io.Writer) error) (*backupFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	err = write(io.MultiWriter(f, h))
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return &backupFile{filepath.Base(path), info.Size(), hex.EncodeToString(h.Sum(nil))}, nil
}

// models writes all directories of models. Each is locked while it is read.
func (b *backup) models(ctx context.Context, w io.Writer, list *backupList) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	for _, root := range b.roots {
		dirs, err := gdpr.ModelDirs(root)
		if err != nil {
			return err
		}
		if len(dirs) == 0 {
			continue
		}
		real, err := filepath.EvalSymlinks(root)
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			rel, err := filepath.Rel(real, dir)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(filepath.Join(filepath.Base(filepath.Clean(root)), rel))
			if err := tarDir(ctx, t, dir, name); err != nil {
				return fmt.Errorf("%s: %w", dir, err)
			}
			list.Models = append(list.Models, name)
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func tarDir(ctx context.Context, t *tar.Writer, dir, name string) (err error) {
	lock, err := model.LockDir(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".tmp-") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || d.Name() == ".lock" || d.Name() == model.WorkerFile {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := &tar.Header{Name: name + "/" + filepath.ToSlash(rel), Mode: int64(info.Mode().Perm()), Size: info.Size(), ModTime: info.ModTime(), Typeflag: tar.TypeReg}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err = io.Copy(t, f)
		return err
	})
}

// prune removes the oldest backups.
func (b *backup) prune(ctx context.Context, keep int) ([]string, error) {
	if keep == 0 {
		db, err := b.db.open(ctx, store.Options{ReadOnly: true})
		if err != nil {
			return nil, err
		}
		all, err := effective(ctx, db, nil)
		if err = errors.Join(err, db.Close()); err != nil {
			return nil, err
		}
		if keep, err = strconv.Atoi(all["backup_keep"]); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(b.output)
	if err != nil {
		return nil, err
	}
	var own []string
	for _, e := range entries {
		if _, err := time.Parse(backupTime, e.Name()); err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(b.output, e.Name(), backupManifest)); err == nil {
			own = append(own, filepath.Join(b.output, e.Name()))
		}
	}
	slices.Sort(own)
	removed := own[:max(len(own)-keep, 0)]
	for _, path := range removed {
		if err := os.RemoveAll(path); err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// checkBackup reads the list of a backup and compares every file with it.
func checkBackup(dir string) (*backupList, error) {
	path := filepath.Join(dir, backupManifest)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s is no backup: %w", dir, err)
	}
	list := new(backupList)
	if err := json.Unmarshal(text, list); err != nil || list.Format != 1 {
		return nil, fmt.Errorf("%s: it is not a list of format 1, as this release writes it: %w", path, errors.Join(err, errBackup))
	}
	for _, want := range list.Files {
		name := filepath.Join(dir, filepath.Base(want.Name))
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBackup, err)
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		if n != want.Size || hex.EncodeToString(h.Sum(nil)) != want.SHA256 {
			return nil, fmt.Errorf("%w: %s is not what was backed up: it has %d bytes of %d, or another checksum: take another backup", errBackup, name, n, want.Size)
		}
	}
	return list, nil
}

var errBackup = errors.New("damaged backup")
