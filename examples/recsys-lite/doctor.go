package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/store"
)

func newDoctor(s settings) *cobra.Command {
	d := &doctor{}
	salvage, asJSON := "", false
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the database, the models and the data, and salvage what can be",
		Long: `Examine the database (schema, checksums of every block, rows that contradict each other),
the models below --models-root (checksums, age, leftovers), the GDPR log, and the data: what a
shop should fix to get better recommendations, and why. Nothing is changed. Exits with 3 when
there is a fault; what is only worth knowing does not count.

--salvage OUT saves what can be read of a damaged database into a new file, table by table and
part by part, and says what was lost.`,
		Example: `  recsys-lite doctor --db data/recsys.db
  recsys-lite doctor --db data/recsys.db --salvage data/salvaged.db`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if salvage != "" {
				if err := without(cmd, "is for an examination, and --salvage makes none", "models-root", "log-dir"); err != nil {
					return err
				}
				return runSalvage(cmd, &d.db, salvage, asJSON)
			}
			if err := d.run(cmd.Context()); err != nil {
				return err
			}
			if asJSON {
				if err := printJSON(cmd.OutOrStdout(), d.report); err != nil {
					return err
				}
			} else {
				d.report.print(cmd)
			}
			if n := d.report.count(fault); n > 0 {
				return exitError{exitFound, errors.New(counted(n, "fault"))}
			}
			return nil
		},
	}
	d.db.add(cmd, s)
	f := cmd.Flags()
	f.StringArrayVar(&d.roots, "models-root", []string{"model_artifacts"}, "`DIR` below which models lie; may be repeated")
	f.StringVar(&d.logDir, "log-dir", s.LogDir, "`DIR` of gdpr.log; empty leaves it out [$LOG_DIR]")
	f.StringVar(&salvage, "salvage", "", "`OUT`, a new file to save into; empty examines only")
	f.BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

// The weights of findings.
const (
	fine  = "ok"
	note  = "note"
	fault = "fault"
)

// finding is one thing that the doctor says.
type finding struct {
	Weight string `json:"weight"`
	What   string `json:"what"`
	Advice string `json:"advice,omitempty"`
}

type findings struct {
	Findings []finding        `json:"findings"`
	Facts    map[string]int64 `json:"facts,omitempty"`
}

func (f *findings) add(weight, advice, format string, args ...any) {
	f.Findings = append(f.Findings, finding{weight, fmt.Sprintf(format, args...), advice})
}

func (f *findings) count(weight string) (n int) {
	for _, x := range f.Findings {
		if x.Weight == weight {
			n++
		}
	}
	return n
}

func (f *findings) print(cmd *cobra.Command) {
	for _, x := range f.Findings {
		fmt.Fprintf(cmd.OutOrStdout(), "%-6s %s\n", x.Weight, x.What)
		if x.Advice != "" {
			fmt.Fprintf(cmd.OutOrStdout(), "       → %s\n", x.Advice)
		}
	}
}

// doctor is one examination.
type doctor struct {
	db     dbFlags
	roots  []string
	logDir string
	report findings
}

func (d *doctor) run(ctx context.Context) error {
	facts, err := d.database(ctx)
	if err != nil {
		return err
	}
	d.report.Facts = facts
	if facts != nil {
		d.rows(facts)
		d.data(facts)
	}
	if err := d.models(ctx, facts); err != nil {
		return err
	}
	return d.log()
}

// database returns nil when it cannot be asked.
func (d *doctor) database(ctx context.Context) (map[string]int64, error) {
	const advice = "restore a backup ('recsys-lite restore'), or save what can be read: 'recsys-lite doctor --salvage OUT'"
	r, err := store.Inspect(ctx, d.db.path, d.db.options(store.Options{}))
	switch {
	case ctx.Err() != nil || errors.Is(err, store.ErrLocked):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		d.report.add(fault, "import events with 'recsys-lite ingest', or name the file with --db", "there is no database %s", d.db.path)
		return nil, nil
	case err != nil:
		if f, denied := os.Open(d.db.path); denied == nil {
			f.Close()
		} else if errors.Is(denied, fs.ErrPermission) {
			d.report.add(fault, "run this as the owner of the file, or let others read it", "%v", denied)
			return nil, nil
		}
		d.report.add(fault, advice, "%v", err)
		return nil, nil
	}
	if r.WAL {
		d.report.add(note, "a program was killed; the next command that writes moves its rows into the database. Until then a plain copy of the file misses them", "%s.wal holds rows that are not in the database file", d.db.path)
	}
	for _, table := range slices.Sorted(maps.Keys(r.Damaged)) {
		d.report.add(fault, advice, "table %s is damaged: %s", table, r.Damaged[table])
	}
	if len(r.Damaged) == 0 {
		d.report.add(fine, "", "%s: schema %d, every block has its checksum, %d events, %d items, %d users described", d.db.path, r.Version, r.Rows["events"], r.Rows["items"], r.Rows["users"])
	}
	if r.Free*2 > r.Bytes && r.Bytes > 10<<20 {
		d.report.add(note, "'gdpr delete-user' rewrites the file, or restore a backup", "more than half of the file is free: %d of %d bytes", r.Free, r.Bytes)
	}
	if len(r.Facts) == 0 {
		if len(r.Damaged) == 0 {
			d.report.add(note, "open it once for writing with this program, as 'worker --once' does", "the file has schema %d of another release", r.Version)
		}
		return nil, nil
	}
	r.Facts["events"], r.Facts["items"] = r.Rows["events"], r.Rows["items"]
	return r.Facts, nil
}

func (d *doctor) log() error {
	if d.logDir == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(d.logDir, gdpr.LogFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	keys, err := gdpr.LoadKeys(filepath.Dir(d.db.path), false)
	if err != nil {
		d.report.add(fault, "restore the key from a backup: without it the log cannot be checked", "%v", err)
		return nil
	}
	log, err := gdpr.OpenLog(d.logDir, keys)
	if err != nil {
		return err
	}
	n, _, err := log.Check()
	if err != nil {
		d.report.add(fault, "compare it with the backups of the log: somebody changed it", "%v", err)
		return nil
	}
	d.report.add(fine, "", "%s: the chain agrees with %s", filepath.Join(d.logDir, gdpr.LogFile), counted(n, "line"))
	return nil
}
