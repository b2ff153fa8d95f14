package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/gdpr/duckdb"
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

// site wires the database in. There must be one: a path that is mistyped would draw another key
// beside it, under which the log and the receipts could not be checked.
func (x *siteFlags) site() (*gdpr.Site, error) {
	if err := x.db.exists(); err != nil {
		return nil, err
	}
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
