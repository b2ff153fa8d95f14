package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

func (d *doctor) models(ctx context.Context, facts map[string]int64) error {
	found := 0
	for _, root := range d.roots {
		dirs, err := gdpr.ModelDirs(root)
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			if err := ctx.Err(); err != nil {
				return err
			}
			found++
			if err := d.model(ctx, dir, facts); err != nil {
				return err
			}
		}
	}
	if found == 0 {
		d.report.add(note, "train one: 'recsys-lite train als'", "there is no model below %s", strings.Join(d.roots, ", "))
	}
	return nil
}

func (d *doctor) model(ctx context.Context, dir string, facts map[string]int64) error {
	current, err := model.Current(dir)
	if err != nil {
		d.report.add(fault, "train it again, or promote another version", "%s: %v", dir, err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "versions"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.report.add(fault, "", "%v", err)
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(dir, "versions", e.Name())
		if strings.HasPrefix(e.Name(), ".tmp-") {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
				d.report.add(note, "the next training removes it", "%s is what a killed program left", path)
			}
			continue
		}
		if _, err := model.Verify(path); err != nil {
			weight := note
			if e.Name() == current {
				weight = fault
			}
			d.report.add(weight, "restore it from a backup, or train again and remove it", "%v", err)
		}
	}
	m, err := model.Verify(dir)
	if err != nil {
		return nil
	}
	setBack := false
	if facts != nil {
		if setBack, err = d.setBack(ctx, dir, m); err != nil {
			return err
		}
	}
	age := time.Since(m.Created)
	behind := facts["last_seq"] - m.Watermark.Seq
	switch {
	case setBack:
	case facts != nil && behind > facts["events"]/10 && behind > 100:
		d.report.add(note, "run the worker, or train again", "%s: %s does not know the last %d events", dir, m.Version, behind)
	case age > 60*24*time.Hour:
		d.report.add(note, "train again: item parameters change with a full fit only", "%s: %s was fitted %d days ago", dir, m.Version, int(age.Hours()/24))
	default:
		d.report.add(fine, "", "%s: %s is whole, %d users, %d items", dir, m.Version, m.Users, m.Items)
	}
	return nil
}

// setBack says whether the database is not, or not any more, what a model was made from.
func (d *doctor) setBack(ctx context.Context, dir string, m *model.Manifest) (bool, error) {
	db, err := d.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer db.Close()
	err = m.Watermark.Check(ctx, db)
	if !errors.Is(err, recsys.ErrSetBack) {
		return false, err
	}
	d.report.add(fault, "train it again, or put the right database back", "%s, %s: %v", dir, m.Version, err)
	return true, nil
}
