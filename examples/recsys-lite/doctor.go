package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/model"
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
				return exitError{exitFound, fmt.Errorf("%d faults", n)}
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

// rows are contradictions that no program of ours makes.
func (d *doctor) rows(n map[string]int64) {
	for _, c := range []struct{ fact, what, advice string }{
		{"repeated_numbers", "events share a number with another", "two programs wrote to copies of the file that were mixed: restore a backup"},
		{"numbers_past_counter", "events have a number above the counter", "the file was changed by hand: restore a backup"},
		{"repeated_item_ids", "items have the id of another", "import the catalogue again: 'recsys-lite ingest --items F --force'"},
		{"forgotten_with_events", "users have a tombstone and events", "run 'recsys-lite gdpr delete-user' for them again, or 'gdpr lift'"},
	} {
		if n[c.fact] > 0 {
			d.report.add(fault, c.advice, "%d %s", n[c.fact], c.what)
		}
	}
}

// data says what a shop should fix, and why.
func (d *doctor) data(n map[string]int64) {
	share := func(part, whole string) float64 { return float64(n[part]) / float64(max(n[whole], 1)) }
	if n["events"] == 0 {
		d.report.add(note, "import some: 'recsys-lite ingest --events F'", "there are no events")
		return
	}
	last := time.Unix(n["last_event"], 0).UTC()
	d.report.add(fine, "", "%d users with %d events of %d items over %d days, the last one on %s", n["users"], n["events"], n["items_with_events"], n["days"], last.Format(time.DateOnly))
	for _, c := range []struct {
		when         bool
		what, advice string
	}{
		{n["events_of_unknown_items"] > 0, fmt.Sprintf("%d events are of %d items that are not in the catalogue", n["events_of_unknown_items"], n["unknown_items"]),
			"import the whole catalogue, discontinued items with available=false: items without an entry are recommended without title and price, and no filter knows them"},
		{share("items_never_bought", "items") > 0.3, fmt.Sprintf("%.0f %% of the catalogue was never in an event", 100*share("items_never_bought", "items")),
			"train lightfm with --use-item-features: the other models cannot rank what nobody had"},
		{share("items_without_category", "items") > 0.2, fmt.Sprintf("%.0f %% of the items have no category", 100*share("items_without_category", "items")),
			"add a column category: without it there are no category filters, no diversity, and no ranking of new items"},
		{share("items_without_title", "items") > 0.05, fmt.Sprintf("%.0f %% of the items have no title", 100*share("items_without_title", "items")), "add a column title: customers see these items without a name"},
		{share("items_without_price", "items") > 0.2, fmt.Sprintf("%.0f %% of the items have no price", 100*share("items_without_price", "items")), "add a column price: a price filter leaves these items out"},
		{share("items_without_image", "items") > 0.5, fmt.Sprintf("%.0f %% of the items have no image", 100*share("items_without_image", "items")), "add a column img_url: the widget shows a placeholder"},
		{share("users_with_one_event", "users") > 0.6, fmt.Sprintf("%.0f %% of the users have a single event", 100*share("users_with_one_event", "users")),
			"log views and baskets as events as well (event_type), and merge guests with their accounts: from one event little can be learned"},
		{n["event_types"] == 1, "all events are of one type", "log views and baskets too, and weigh them with --event-weights: there are many more of them than purchases"},
		{share("repeated_events", "events") > 0.01, fmt.Sprintf("%.1f %% of the events repeat another one exactly", 100*share("repeated_events", "events")),
			"see whether an export is imported twice under other contents: repeats count as further purchases"},
		{n["events_in_the_future"] > 0, fmt.Sprintf("%d events are more than a day in the future", n["events_in_the_future"]), "check the clock or the unit of ts: half-lives and time splits go by the latest event"},
		{n["events_at_time_zero"] > 0, fmt.Sprintf("%d events have the time 0", n["events_at_time_zero"]), "export the real time: sequences and time splits cannot use these"},
		{share("returns", "events") > 0.2, fmt.Sprintf("%.0f %% of the events are returns", 100*share("returns", "events")), "see whether qty has the right sign"},
		{n["returns_without_buy"] > 0, fmt.Sprintf("%d times a user returned more of an item than was bought", n["returns_without_buy"]), "import the purchases before the first export, too; such an item counts as not had"},
		{n["most_events_of_a_user"] > 1000 && n["most_events_of_a_user"] > 200*max(n["median_events_of_a_user"], 1),
			fmt.Sprintf("one user has %d events, the median is %d", n["most_events_of_a_user"], n["median_events_of_a_user"]), "see whether that is a bot, a till or a test account, and leave it out"},
		{time.Since(last) > 30*24*time.Hour, fmt.Sprintf("the last event is of %s", last.Format(time.DateOnly)), "see whether events still arrive: 'recsys-lite worker', POST /events"},
		{n["users_without_events"] > 0, fmt.Sprintf("%d users are described and have no events", n["users_without_events"]), "delete those who left: 'recsys-lite gdpr delete-user'"},
	} {
		if c.when {
			d.report.add(note, c.advice, "%s", c.what)
		}
	}
}

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
	d.report.add(fine, "", "%s: %d lines agree with the chain", filepath.Join(d.logDir, gdpr.LogFile), n)
	return nil
}

func runSalvage(cmd *cobra.Command, db *dbFlags, out string, asJSON bool) error {
	all, err := store.Salvage(cmd.Context(), db.path, out, db.options(store.Options{}))
	if err != nil {
		return err
	}
	if asJSON {
		text, err := json.Marshal(all)
		if err != nil {
			return err
		}
		return printJSON(cmd.OutOrStdout(), map[string]any{"out": out, "tables": json.RawMessage(text)})
	}
	for _, s := range all {
		lost := fmt.Sprintf("%d lost", s.Lost)
		if s.Lost < 0 {
			lost = "nobody knows how many were lost"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%-16s %d rows saved, %s", s.Table, s.Rows, lost)
		if s.Reason != "" {
			fmt.Fprintf(cmd.OutOrStdout(), ": %.200s", s.Reason)
		}
		fmt.Fprintln(cmd.OutOrStdout())
	}
	fmt.Fprintf(cmd.OutOrStdout(), "saved into %s\n", out)
	return nil
}
