// Package duckdb tells a gdpr.Site how to search, empty and rewrite the DuckDB file that package
// store keeps. It stands apart so that package gdpr links no database.
package duckdb

import (
	"context"
	"os"
	"path/filepath"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/store"
)

// Connect makes the file at path the site's database. o is how it is opened: if this process has
// it open too, its Threads and MemoryLimit must be those that store.Open was given there. Then
// the site can export and lift; to delete and to verify it, every DB on it must be closed, and
// they say so before they begin.
func Connect(s *gdpr.Site, path string, o store.Options) {
	s.DatabasePath = path
	s.Open = func(ctx context.Context, readOnly bool) (gdpr.Database, error) {
		own := o
		own.ReadOnly = readOnly
		return store.Open(ctx, path, own)
	}
	s.Ready = func(ctx context.Context) error { return store.Rewritable(ctx, path, o) }
	s.Rewrite = func(ctx context.Context) error {
		_, _, err := store.Rewrite(ctx, path, o)
		return err
	}
	s.Mentions = func(ctx context.Context, path, userID string) ([]gdpr.Finding, error) {
		found, err := store.MentionsIn(ctx, path, userID, o)
		all := make([]gdpr.Finding, len(found))
		for i, m := range found {
			form := "word in a value"
			if m.Whole {
				form = "value"
			}
			all[i] = gdpr.Finding{File: path, Place: "column " + m.Table + "." + m.Column, Form: form, Count: m.Rows}
		}
		return all, err
	}
	s.Tidy = func(ctx context.Context) (bool, error) { return store.Tidy(ctx, path, o) }
	s.CleanCount = func(ctx context.Context, count func(path string) (int64, error)) (int64, error) {
		return cleanCount(ctx, path, o, count)
	}
}

// cleanCount counts in a copy of the database's rows.
func cleanCount(ctx context.Context, path string, o store.Options, count func(path string) (int64, error)) (int64, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".tmp-verify-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	fresh := filepath.Join(dir, "fresh.db")
	if err := store.CopyRows(ctx, path, fresh, o); err != nil {
		return 0, err
	}
	return count(fresh)
}
