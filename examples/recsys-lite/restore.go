package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
)

func newRestore(s settings) *cobra.Command {
	r := &restore{}
	check, asJSON := false, false
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Put a backup in the place of the database and the models",
		Long: `Put a backup of 'backup' in place: the database, and the versions of models that are not
there; each model's pointer goes back to the version that was served. First every file is
compared with the backup's checksums. What is there already is replaced with --force only.

Users who were deleted after the backup was made, or while it was, stay deleted, and versions
with them are rewritten. Stop the worker and anything else that writes; a server picks the models up by
itself.`,
		Example: `  recsys-lite restore backups/20260101T010000Z --db data/recsys.db
  recsys-lite restore backups/20260101T010000Z --check
  recsys-lite restore backups/20260101T010000Z --force`,
		Args: exactly("BACKUP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if check {
				if err := without(cmd, "is for restoring, and --check restores nothing", "force", "models-parent"); err != nil {
					return err
				}
			}
			list, err := checkBackup(args[0])
			if err != nil {
				return err
			}
			result := restored{Backup: args[0], Models: list.Models}
			if !check {
				if err := r.run(cmd.Context(), args[0], list, &result); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), result)
			}
			if check {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is whole: %s, %s\n", args[0], counted(len(list.Files), "file"), counted(len(list.Models), "model"))
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "restored %s and %s; left out %s of users who were deleted since\n", r.db.path, counted(len(list.Models), "model"), counted(result.Forgotten, "row"))
			return nil
		},
	}
	r.db.add(cmd, s)
	f := cmd.Flags()
	f.StringVar(&r.parent, "models-parent", ".", "`DIR` in which the folders of models were, such as that of model_artifacts")
	f.BoolVar(&r.force, "force", false, "replace what is there")
	f.BoolVar(&check, "check", false, "compare the checksums, and restore nothing")
	f.BoolVar(&asJSON, "json", false, "print what was restored as JSON")
	return cmd
}

// restored is what restore prints.
type restored struct {
	Backup    string   `json:"backup"`
	Models    []string `json:"models"`
	Forgotten int64    `json:"rows_of_forgotten_users"`
}

// restore is one run of restore.
type restore struct {
	db     dbFlags
	parent string
	force  bool
}

func (r *restore) run(ctx context.Context, dir string, list *backupList, result *restored) error {
	if !r.force {
		for _, path := range append([]string{r.db.path}, r.places(list)...) {
			if _, err := os.Lstat(path); err == nil {
				return fmt.Errorf("%s is there already: move it away, or give --force to replace it", path)
			}
		}
	}
	if err := os.MkdirAll(filepath.Dir(r.db.path), 0o755); err != nil {
		return err
	}
	n, err := store.Restore(ctx, filepath.Join(dir, backupDB), r.db.path, r.db.options(store.Options{}))
	if err != nil {
		return err
	}
	result.Forgotten = n
	gone, err := r.tombstones(ctx)
	if err != nil {
		return err
	}
	if err := r.models(ctx, filepath.Join(dir, backupModels), list, gone); err != nil {
		return err
	}
	return r.key(dir)
}

// tombstones returns a test for the users whom the restored database has forgotten. Some of
// them may be in the models of the same backup, which is made of the models first.
func (r *restore) tombstones(ctx context.Context) (gone func(userID string) bool, err error) {
	db, err := r.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	gone, err = db.Forgotten(ctx)
	return gone, errors.Join(err, db.Close())
}

func (r *restore) places(list *backupList) []string {
	var paths []string
	for _, name := range list.Models {
		paths = append(paths, filepath.Join(r.parent, filepath.FromSlash(name)))
	}
	return paths
}

// key puts the key back where there is none: one that is there signed what came after.
func (r *restore) key(dir string) error {
	path := filepath.Join(filepath.Dir(r.db.path), gdpr.KeyFile)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(dir, backupKey))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return gdpr.WritePrivate(path, text)
}

// models unpacks beside the place and moves whole versions over.
func (r *restore) models(ctx context.Context, path string, list *backupList, gone func(userID string) bool) error {
	if err := os.MkdirAll(r.parent, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(r.parent, ".tmp-restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := untar(ctx, path, tmp); err != nil {
		return err
	}
	for i, to := range r.places(list) {
		if err := restoreModel(ctx, filepath.Join(tmp, filepath.FromSlash(list.Models[i])), to, gone); err != nil {
			return fmt.Errorf("%s: %w", to, err)
		}
	}
	return nil
}

func restoreModel(ctx context.Context, from, to string, gone func(userID string) bool) error {
	if _, err := os.Stat(to); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	} else {
		if err := moveVersions(from, to); err != nil {
			return err
		}
		if current, err := model.Current(from); err == nil {
			if _, err := os.Stat(filepath.Join(to, "versions", current)); err == nil {
				if err := model.Promote(to, current); err != nil {
					return err
				}
			}
		}
	}
	return eraseForgotten(ctx, to, gone)
}

// eraseForgotten erases whoever is on the list of a model directory, or gone, which may be nil.
// Those of the latter who are found join the list, so that running servers know of them too.
func eraseForgotten(ctx context.Context, dir string, gone func(userID string) bool) error {
	list := gdpr.OpenForgotten(dir, nil)
	if list.Len() == 0 && gone == nil {
		return nil
	}
	found := map[string]bool{}
	_, err := model.Opener{Kinds: builtin.Kinds()}.Erase(ctx, dir, func(userID string) bool {
		if list.Contains(userID) {
			return true
		}
		is := gone != nil && gone(userID)
		if is {
			found[userID] = true
		}
		return is
	})
	if len(found) > 0 {
		err = errors.Join(err, gdpr.AddForgotten(dir, slices.Sorted(maps.Keys(found))...))
	}
	return err
}

// moveVersions adds the versions that are not there; one of the same name is the same.
func moveVersions(from, to string) error {
	entries, err := os.ReadDir(filepath.Join(from, "versions"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(to, "versions"), 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		target := filepath.Join(to, "versions", e.Name())
		if _, err := model.Verify(target); err == nil {
			continue
		}
		if err := os.RemoveAll(target); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(from, "versions", e.Name()), target); err != nil {
			return err
		}
	}
	return nil
}

// untar unpacks regular files, below dir and nowhere else.
func untar(ctx context.Context, path, dir string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	t := tar.NewReader(z)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		name := filepath.FromSlash(h.Name)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fs.FileMode(h.Mode).Perm())
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		_, err = io.Copy(out, t)
		if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
			return fmt.Errorf("%s: %s: %w", path, strings.TrimSpace(h.Name), err)
		}
	}
}
