package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/store"
)

func newIngest(s settings) *cobra.Command {
	var events, items, users []string
	var rejects string
	var o store.ImportOptions
	db, asJSON := &dbFlags{}, false
	cmd := &cobra.Command{
		Use:   "ingest",
		Short: "Import events and items from Parquet or CSV files",
		Long: `Import events and items from Parquet or CSV files into the database, which is
created if need be.

Events need the columns user_id, item_id and ts (Unix seconds, or a time such as 2026-01-31 or
2026-01-31T18:30:00Z); qty and event_type are used when present. Items need item_id; title,
category, brand, price, img_url and available are used, and every further column becomes an
attribute. CSV is UTF-8, separated by comma, semicolon, tab or bar; where by semicolon, as
Excel does it, numbers may have a decimal comma.
Users need user_id; country is used, for what is popular there, and every further column
becomes an attribute.

A file is applied exactly once, by its content; --force applies it again. Bad rows
are left out, counted by reason and listed in a CSV file; --strict refuses the file. It
is a failure if no row of a file can be used.`,
		Example: `  recsys-lite ingest --events data/events.parquet --items data/items.csv --db data/recsys.db
  recsys-lite ingest --events monday.csv --events tuesday.csv --strict`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(events)+len(items)+len(users) == 0 {
				return usagef("nothing to import: give --events FILE, --items FILE or --users FILE")
			}
			// A path that is mistyped leaves no empty database behind.
			for _, path := range slices.Concat(items, users, events) {
				if _, err := os.Stat(path); err != nil {
					return fmt.Errorf("import: %w", err)
				}
			}
			for _, dir := range []string{filepath.Dir(db.path), rejects} {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
			}
			d, err := db.open(cmd.Context(), store.Options{})
			if err != nil {
				return err
			}
			defer d.Close()
			hook, done := progressOn(cmd.ErrOrStderr())
			o.Progress = hook
			var reports []store.Report
			var useless []error
			// Items first: events of unknown items are fine, but a failure should cost little.
			for _, kind := range []struct {
				paths []string
				load  func(context.Context, string, store.ImportOptions) (store.Report, error)
			}{{items, d.ImportItems}, {users, d.ImportUsers}, {events, d.ImportEvents}} {
				for _, path := range kind.paths {
					o.RejectsPath = filepath.Join(rejects, filepath.Base(path)+".rejects.csv")
					r, err := kind.load(cmd.Context(), path, o)
					done()
					if err != nil {
						return err
					}
					if reports = append(reports, r); !asJSON {
						fmt.Fprintln(cmd.OutOrStdout(), r)
					}
					// Rows of the forgotten are dropped as they should be; otherwise it is another file.
					if r.Rejected > 0 && r.Inserted == 0 && r.Reasons[store.ReasonForgotten] == 0 && !r.AlreadyApplied {
						useless = append(useless, fmt.Errorf("no row of %s could be used", path))
					}
				}
			}
			if err := d.Close(); err != nil {
				return err
			}
			if asJSON {
				useless = append(useless, printJSON(cmd.OutOrStdout(), reports))
			}
			return errors.Join(useless...)
		},
	}
	f := cmd.Flags()
	db.add(cmd, s)
	f.StringArrayVar(&events, "events", nil, "events `FILE`, Parquet or CSV; may be repeated")
	f.StringArrayVar(&items, "items", nil, "items `FILE`, CSV or Parquet; may be repeated")
	f.StringArrayVar(&users, "users", nil, "users `FILE`, CSV or Parquet; may be repeated")
	f.BoolVar(&o.Force, "force", false, "apply files again that were applied before")
	f.BoolVar(&o.Strict, "strict", false, "refuse a file with any bad row")
	f.StringVar(&rejects, "rejects", ".", "`DIR` for the lists of bad rows, FILE.rejects.csv")
	f.BoolVar(&asJSON, "json", false, "print the reports as JSON")
	return cmd
}
