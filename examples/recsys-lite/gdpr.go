package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/gdpr/duckdb"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
)

func newGDPR(s settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "gdpr",
		Short: "Export, delete and look for what is kept of a user",
		Long: `Export, delete and look for what is kept of a user: in the database, in every stored
model, in files of events, in logs and in backups. Every operation is entered in
LOG_DIR/gdpr.log. docs/gdpr.md says precisely what a deletion reaches.`,
		Example: `  recsys-lite gdpr export-user --user-id 12347 --db data/recsys.db --output exports/user_12347.json
  recsys-lite gdpr delete-user --user-id 12347 --db data/recsys.db
  recsys-lite gdpr verify --user-id 12347 --db data/recsys.db`,
	}
	cmd.AddCommand(newGDPRExport(s), newGDPRDelete(s), newGDPRVerify(s), newGDPRList(s), newGDPRLift(s))
	return cmd
}

// siteFlags say where a shop keeps what may name a user.
type siteFlags struct {
	db          dbFlags
	modelDir    string
	roots       []string
	incremental string
	files       []string
	backups     []string
	dataDir     string
	logDir      string
}

func (x *siteFlags) add(cmd *cobra.Command, s settings) {
	f := cmd.Flags()
	x.db.add(cmd, s)
	f.StringVar(&x.modelDir, "model-dir", s.ModelDir, "`DIR` of a model, searched besides --models-root [$MODEL_DIR]")
	f.StringArrayVar(&x.roots, "models-root", []string{"model_artifacts"}, "`DIR` below which models lie; may be repeated")
	f.StringVar(&x.incremental, "incremental-dir", s.IncrementalDir, "`DIR` that events arrive in, with journals and quarantine [$INCREMENTAL_DIR]")
	f.StringArrayVar(&x.files, "files", []string{"exports"}, "further `DIR` or file with events or exports; may be repeated")
	f.StringArrayVar(&x.backups, "backups", []string{"backups"}, "`DIR` of backups, which are searched and never changed; may be repeated")
	f.StringVar(&x.dataDir, "data-dir", "", "`DIR` of the key and the receipts (that of the database when empty)")
	f.StringVar(&x.logDir, "log-dir", s.LogDir, "`DIR` of gdpr.log and the other logs [$LOG_DIR]")
}

// site wires the database in.
func (x *siteFlags) site() (*gdpr.Site, error) {
	if x.logDir == "" {
		x.logDir = "logs" // what is done to personal data is always logged
	}
	if x.dataDir == "" {
		x.dataDir = filepath.Dir(x.db.path)
	}
	site := &gdpr.Site{
		DataDir: x.dataDir, LogDir: x.logDir, ModelDirs: append(x.roots, x.modelDir),
		FileDirs: append([]string{x.incremental}, x.files...), BackupDirs: x.backups,
		Kinds: builtin.Kinds(),
	}
	duckdb.Connect(site, x.db.path, x.db.options(store.Options{}))
	site.Open = func(ctx context.Context, readOnly bool) (gdpr.Database, error) {
		return x.db.open(ctx, store.Options{ReadOnly: readOnly}) // a file of an earlier release as well
	}
	// The database's folder holds what was imported, unless it is where the user works.
	if dir := filepath.Dir(x.db.path); !holdsWorkingDir(dir) {
		site.FileDirs = append(site.FileDirs, dir)
	}
	rejects, err := filepath.Glob("*.rejects.csv")
	site.FileDirs = append(site.FileDirs, rejects...)
	return site, err
}

// holdsWorkingDir: dir is the working directory or above it.
func holdsWorkingDir(dir string) bool {
	here, err := os.Getwd()
	if err != nil {
		return true
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return true
	}
	rel, err := filepath.Rel(abs, here)
	return err != nil || rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func requireUser(cmd *cobra.Command, userID *string) {
	cmd.Flags().StringVar(userID, "user-id", "", "`ID` of the user")
	_ = cmd.MarkFlagRequired("user-id")
}

func newGDPRExport(s settings) *cobra.Command {
	x, userID, output := &siteFlags{}, "", ""
	cmd := &cobra.Command{
		Use:   "export-user",
		Short: "Export everything that is kept of a user, as JSON",
		Long: `Export everything that is kept of a user, as JSON: events and items as the database has
them, the profile, and what each stored model holds (history, sequence, parameters). With
--output the file is readable for its owner alone. Exits with 4 when nothing is kept.`,
		Example: `  recsys-lite gdpr export-user --user-id 12347 --db data/recsys.db --output exports/user_12347.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := x.site()
			if err != nil {
				return err
			}
			keys, err := gdpr.LoadKeys(site.DataDir, true)
			if err != nil {
				return err
			}
			log, err := gdpr.OpenLog(site.LogDir, keys)
			if err != nil {
				return err
			}
			export, err := site.Export(cmd.Context(), userID, time.Now())
			if err == nil {
				err = writeExport(cmd, output, export)
			}
			// An export of nobody is logged under the pseudonym: an id that is not known has
			// no place in a log.
			subject := userID
			if err != nil {
				subject = keys.Pseudonym(userID)
			}
			if err := errors.Join(err, log.Append(gdpr.DataExport, subject, err == nil)); err != nil {
				if errors.Is(err, gdpr.ErrNoData) {
					return exitError{exitNoData, err}
				}
				return err
			}
			if output != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d events, %d items, %d models\n", output, len(export.Events), len(export.Items), len(export.Models))
			}
			return nil
		},
	}
	x.add(cmd, s)
	requireUser(cmd, &userID)
	cmd.Flags().StringVar(&output, "output", "", "`FILE` to write; stdout when empty")
	return cmd
}

func writeExport(cmd *cobra.Command, output string, export *gdpr.Export) error {
	if output == "" {
		return printJSON(cmd.OutOrStdout(), export)
	}
	var text strings.Builder
	if err := printJSON(&text, export); err != nil {
		return err
	}
	return gdpr.WritePrivate(output, []byte(text.String()))
}

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
			site, err := x.site()
			if err != nil {
				return err
			}
			hook, done := progressOn(cmd.ErrOrStderr())
			defer done()
			o := gdpr.DeleteOptions{}
			if retrain {
				o.Retrain = func(ctx context.Context, dir string, current *model.Manifest) error {
					return refit(ctx, dir, current, &x.db, index, hook)
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
		fmt.Fprintf(out, "file %s: %d rows removed, %d places overwritten\n", f.Path, f.Rows, f.Masked)
	}
	for _, dir := range r.Retrained {
		fmt.Fprintf(out, "fitted anew: %s\n", dir)
	}
	for _, what := range r.StillReflects {
		fmt.Fprintf(out, "still reflects the user, until the next full fit: %s\n", what)
	}
	for _, path := range r.Backups {
		fmt.Fprintf(out, "still holds the user, until it is rotated: %s\n", path)
	}
	for _, path := range r.NotRead {
		fmt.Fprintf(out, "could not be searched: %s\n", path)
	}
	fmt.Fprintf(out, "receipt: %s\n", path)
}

func newGDPRVerify(s settings) *cobra.Command {
	x, userID, receipt, asJSON := &siteFlags{}, "", "", false
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Look for a user in every byte, and check the log and receipts",
		Long: `Look for a user's id in every file: the database and its .wal, every model, files of
events, journals, quarantine, lists of rejected rows, logs, receipts, backups. Compressed columns
are decoded, archives unpacked, and the id is found in UTF-8, UTF-16, with JSON's escapes and
percent-encoded. The GDPR log is checked against its hash chain, and --receipt FILE against this
shop's key.

Exits with 3 when the id is found, or the log or the receipt does not hold. Backups are listed,
and do not count.`,
		Example: `  recsys-lite gdpr verify --user-id 12347 --db data/recsys.db
  recsys-lite gdpr verify --receipt receipt.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if userID == "" && receipt == "" {
				return usagef("give --user-id, --receipt or both")
			}
			site, err := x.site()
			if err != nil {
				return err
			}
			result := struct {
				*gdpr.Report
				Receipt *gdpr.Receipt `json:"receipt,omitempty"`
			}{}
			if receipt != "" {
				if result.Receipt, err = checkReceipt(site, receipt, userID); err != nil {
					return err
				}
			}
			if userID != "" {
				if result.Report, err = site.Verify(cmd.Context(), userID); err != nil {
					return err
				}
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), result)
			} else {
				printReport(cmd, result.Report, result.Receipt)
			}
			if r := result.Report; err == nil && r != nil {
				if len(r.Found) > 0 {
					return exitError{exitFound, fmt.Errorf("%w: in %d places", gdpr.ErrRemains, len(r.Found))}
				}
				if r.LogError != "" {
					return exitError{exitFound, errors.New(r.LogError)}
				}
			}
			return err
		},
	}
	x.add(cmd, s)
	cmd.Flags().StringVar(&userID, "user-id", "", "`ID` of the user to look for")
	cmd.Flags().StringVar(&receipt, "receipt", "", "`FILE` with a receipt to check; with --user-id also whether it is that user's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

func checkReceipt(site *gdpr.Site, path, userID string) (*gdpr.Receipt, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys, err := gdpr.LoadKeys(site.DataDir, false)
	if err != nil {
		return nil, fmt.Errorf("the key that receipts are signed with: %w", err)
	}
	r, err := keys.Verify(text)
	if err != nil {
		return nil, exitError{exitFound, fmt.Errorf("%s: %w", path, err)}
	}
	if userID != "" && keys.Pseudonym(userID) != r.User {
		return nil, exitError{exitFound, fmt.Errorf("%s: %w: it is of another user", path, gdpr.ErrReceipt)}
	}
	log, err := gdpr.OpenLog(site.LogDir, keys)
	if err != nil {
		return nil, err
	}
	if ok, err := log.Has(r.LogHead); err != nil || !ok {
		return nil, exitError{exitFound, errors.Join(err, fmt.Errorf("%s: %w: the GDPR log has no line that it follows: lines were cut off", path, gdpr.ErrLog))}
	}
	return r, nil
}

func printReport(cmd *cobra.Command, r *gdpr.Report, receipt *gdpr.Receipt) {
	out := cmd.OutOrStdout()
	if receipt != nil {
		fmt.Fprintf(out, "the receipt is valid: %s was deleted at %s\n", receipt.User, receipt.Time.Format(time.RFC3339))
	}
	if r == nil {
		return
	}
	for _, f := range r.Found {
		fmt.Fprintln(out, "found:", f)
	}
	for _, f := range r.Backups {
		fmt.Fprintln(out, "in a backup:", f)
	}
	for _, f := range r.Namesakes {
		fmt.Fprintln(out, "not about the user:", f)
	}
	for _, path := range r.NotRead {
		fmt.Fprintln(out, "could not be searched:", path)
	}
	fmt.Fprintf(out, "%d files with %d bytes were searched: the id is in %d places; the GDPR log has %d lines\n", r.Files, r.Bytes, len(r.Found), r.LogLines)
}

func newGDPRList(s settings) *cobra.Command {
	x, userID, asJSON := &siteFlags{}, "", false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the operations on personal data and the forgotten users",
		Long: `List the operations on personal data and the forgotten users, under their pseudonyms.
With --user-id only those of one user, whose pseudonym is computed from the id.`,
		Example: `  recsys-lite gdpr list
  recsys-lite gdpr list --user-id 12347`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := x.site()
			if err != nil {
				return err
			}
			r, err := listGDPR(cmd.Context(), x, site, userID)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), r)
			}
			for _, e := range r.Operations {
				fmt.Fprintln(cmd.OutOrStdout(), e.Line)
			}
			if userID != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%s has a tombstone: %t\n", r.User, r.Forgotten)
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d users have a tombstone\n", r.Tombstones)
			return nil
		},
	}
	x.add(cmd, s)
	cmd.Flags().StringVar(&userID, "user-id", "", "`ID` of the user whose operations to list")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return cmd
}

// gdprList is what gdpr list prints.
type gdprList struct {
	Operations []gdpr.Entry `json:"operations"`
	Tombstones int          `json:"tombstones"`
	User       string       `json:"user,omitempty"`
	Forgotten  bool         `json:"forgotten,omitempty"`
}

func listGDPR(ctx context.Context, x *siteFlags, site *gdpr.Site, userID string) (*gdprList, error) {
	keys, err := gdpr.LoadKeys(site.DataDir, true)
	if err != nil {
		return nil, err
	}
	log, err := gdpr.OpenLog(site.LogDir, keys)
	if err != nil {
		return nil, err
	}
	r := &gdprList{Operations: []gdpr.Entry{}}
	all, err := log.Entries()
	if err != nil {
		return nil, err
	}
	if userID != "" {
		r.User = keys.Pseudonym(userID)
	}
	for _, e := range all {
		if userID == "" || e.User == r.User {
			r.Operations = append(r.Operations, e)
		}
	}
	db, err := x.db.open(ctx, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tombstones, err := db.Tombstones(ctx)
	if err != nil {
		return nil, err
	}
	r.Tombstones = len(tombstones)
	if userID != "" {
		r.Forgotten, err = db.IsForgotten(ctx, userID)
	}
	return r, err
}

func newGDPRLift(s settings) *cobra.Command {
	x, userID := &siteFlags{}, ""
	cmd := &cobra.Command{
		Use:   "lift",
		Short: "Accept events of a deleted user again",
		Long: `Take the tombstone of a deleted user away, so that events from now on are accepted
again: the user has come back. What was deleted does not come back.`,
		Example: `  recsys-lite gdpr lift --user-id 12347`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := x.site()
			if err != nil {
				return err
			}
			lifted, err := site.Lift(cmd.Context(), userID, time.Now)
			if err != nil {
				return err
			}
			if !lifted {
				return exitError{exitNoData, fmt.Errorf("%q has no tombstone", userID)}
			}
			fmt.Fprintln(cmd.OutOrStdout(), "lifted: events from now on are accepted")
			return nil
		},
	}
	x.add(cmd, s)
	requireUser(cmd, &userID)
	return cmd
}
