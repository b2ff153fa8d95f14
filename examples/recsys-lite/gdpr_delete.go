package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/worker"
)

func newGDPRDelete(s settings) *cobra.Command {
	x, userID, receiptPath := &siteFlags{}, "", ""
	retrain, asJSON := false, false
	index := &indexFlags{}
	cmd := &cobra.Command{
		Use:   "delete-user",
		Short: "Delete a user everywhere, and prove it",
		Long: `Delete a user everywhere: in running servers at once, in the database (whose file is
rewritten, so that the bytes are gone), in every version of every model, in files of events and
journals, in logs. Then every byte is searched for the id, and a signed receipt says what was
removed and what still reflects the user: item parameters, until the next full fit, and backups,
until they are rotated. --retrain fits every model anew that was learned with the user.

Events of the user that arrive later are dropped, until 'gdpr lift'. After an error or a crash,
the same command completes what is missing.`,
		Example: `  recsys-lite gdpr delete-user --user-id 12347 --db data/recsys.db
  recsys-lite gdpr delete-user --user-id 12347 --retrain --receipt receipt.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Before anything is deleted: --retrain comes last.
			err := checkIndexKind("--index", index.kind)
			if !retrain {
				err = without(cmd, "is for the models of --retrain: give that too", "index")
			}
			if err != nil {
				return err
			}
			site, err := x.site()
			if err != nil {
				return err
			}
			hook, done := progressOn(cmd.ErrOrStderr())
			defer done()
			o := gdpr.DeleteOptions{}
			if retrain {
				o.Retrain = func(ctx context.Context, dir string, current *model.Manifest) error {
					w, err := worker.New(refitting(dir, current, &x.db, index, recsys.Run{Progress: hook, Workers: x.db.threads}))
					if err == nil {
						_, err = w.Refit(ctx, current)
					}
					return err
				}
			}
			receipt, err := site.Delete(cmd.Context(), userID, o)
			done()
			if err != nil {
				if errors.Is(err, gdpr.ErrRemains) {
					return exitError{exitFound, err}
				}
				return fmt.Errorf("the deletion is not complete, run it again: %w", err)
			}
			keys, err := gdpr.LoadKeys(site.DataDir, false)
			if err != nil {
				return err
			}
			path, err := keys.WriteReceipt(site.DataDir, receiptPath, receipt)
			if err != nil {
				return fmt.Errorf("the user was deleted, but the receipt could not be written: %w", err)
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), receipt)
			}
			printReceipt(cmd, receipt, path)
			return nil
		},
	}
	x.add(cmd, s)
	index.add(cmd, s)
	requireUser(cmd, &userID)
	f := cmd.Flags()
	f.BoolVar(&retrain, "retrain", false, "fit every model anew that was learned with the user")
	f.StringVar(&receiptPath, "receipt", "", "`FILE` of the receipt (DATA_DIR/receipts/… when empty)")
	f.BoolVar(&asJSON, "json", false, "print the receipt's contents as JSON")
	return cmd
}

// refitting is a worker that fits the model of a directory anew; what had an index gets one.
func refitting(dir string, current *model.Manifest, db *dbFlags, index *indexFlags, run recsys.Run) worker.Config {
	cfg := worker.Config{ModelDir: dir, Keep: 1, DB: db.path, Options: db.options(store.Options{}), Opener: model.Opener{Kinds: builtin.Kinds(), Run: run}}
	if current.HasIndex() {
		cfg.Retrain.Index = func(ctx context.Context, a *model.Artifact) error { return index.build(ctx, a, run) }
	}
	return cfg
}

func printReceipt(cmd *cobra.Command, r *gdpr.Receipt, path string) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "deleted at %s, known from now on as %s\n", r.Time.Format(time.RFC3339), r.User)
	var rows []string
	for _, table := range []string{"events", "users", "dead_letters", "imported_files"} {
		rows = append(rows, fmt.Sprintf("%s %d", table, r.Rows[table]))
	}
	fmt.Fprintf(out, "rows: %s; the database file was rewritten\n", strings.Join(rows, ", "))
	for _, a := range r.Artifacts {
		if a.Became != "" {
			fmt.Fprintf(out, "model %s: %s became %s\n", a.Directory, a.Version, a.Became)
		}
	}
	for _, f := range r.Files {
		fmt.Fprintf(out, "file %s: %s removed, %s overwritten\n", f.Path, counted(f.Rows, "row"), counted(f.Masked, "place"))
	}
	printEach(out, "fitted anew", r.Retrained)
	printEach(out, "still reflects the user, until the next full fit", r.StillReflects)
	printEach(out, "in a backup, until it is rotated", r.Backups)
	printEach(out, "could not be searched", r.NotRead)
	fmt.Fprintf(out, "receipt: %s\n", path)
}

// printEach prints a line for each of a list.
func printEach[T any](out io.Writer, what string, list []T) {
	for _, one := range list {
		fmt.Fprintf(out, "%s: %v\n", what, one)
	}
}
