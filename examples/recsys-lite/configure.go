package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/worker"
)

// kept is a setting that the database keeps, so that every program that works on it follows
// it.
type kept struct {
	name, fallback, meaning string
	low, high               int
}

// keptSettings are all of them. Their flags are their names with dashes.
var keptSettings = []kept{
	{"retention_days", "0", "days that events are kept, by their own time; 0 keeps them for ever", 0, 36500},
	{"backup_keep", "30", "number of backups that 'backup' keeps", 1, 10000},
}

func (k kept) flag() string { return strings.ReplaceAll(k.name, "_", "-") }

func newConfigure(s settings) *cobra.Command {
	db, asJSON, dryRun := &dbFlags{}, false, false
	cmd := &cobra.Command{
		Use:   "configure",
		Short: "Show or change the settings that the database keeps",
		Long: `Show or change the settings that the database keeps. Without a setting it shows all.

--retention-days N makes the worker delete events that are older, every hour and when it
starts; the models forget them with their next full fit. The answer says how many events will go;
--dry-run says it, and changes nothing. 0 keeps everything.`,
		Example: `  recsys-lite configure
  recsys-lite configure --retention-days 180
  recsys-lite configure --retention-days 180 --dry-run`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			changed := map[string]string{}
			for _, k := range keptSettings {
				if !cmd.Flags().Changed(k.flag()) {
					continue
				}
				v, err := cmd.Flags().GetInt(k.flag())
				if err != nil {
					return err
				}
				if v < k.low || v > k.high {
					return usagef("--%s is %d, it must lie between %d and %d", k.flag(), v, k.low, k.high)
				}
				changed[k.name] = strconv.Itoa(v)
			}
			return configure(cmd, db, changed, dryRun, asJSON)
		},
	}
	db.add(cmd, s)
	f := cmd.Flags()
	for _, k := range keptSettings {
		fallback, _ := strconv.Atoi(k.fallback)
		f.Int(k.flag(), fallback, k.meaning)
	}
	f.BoolVar(&dryRun, "dry-run", false, "say what the retention period would delete now, and change nothing")
	f.BoolVar(&asJSON, "json", false, "print the settings as JSON")
	return cmd
}

func configure(cmd *cobra.Command, flags *dbFlags, changed map[string]string, dryRun, asJSON bool) error {
	ctx := cmd.Context()
	db, err := flags.open(ctx, store.Options{ReadOnly: len(changed) == 0 || dryRun})
	if err != nil {
		return err
	}
	defer db.Close()
	all, err := effective(ctx, db, changed)
	if err != nil {
		return err
	}
	result := struct {
		Settings map[string]string `json:"settings"`
		Expired  *store.Expired    `json:"would_delete,omitempty"`
		Expiring *expiring         `json:"will_delete,omitempty"`
	}{Settings: all}
	_, period := changed["retention_days"]
	if dryRun || period {
		e, ok, err := expire(ctx, db, all, time.Now(), true)
		if err != nil {
			return err
		}
		switch {
		case dryRun:
			result.Expired = &e
		case ok:
			stats, err := db.Stats(ctx)
			if err != nil {
				return err
			}
			result.Expiring = &expiring{e, stats.Events}
		}
	}
	if !dryRun {
		for name, value := range changed {
			if err := db.SetSetting(ctx, name, value); err != nil {
				return err
			}
		}
	}
	if err := db.Close(); err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), result)
	}
	rows := make([][]string, 0, len(keptSettings))
	for _, k := range keptSettings {
		rows = append(rows, []string{k.name, all[k.name], k.meaning})
	}
	if err := printTable(cmd.OutOrStdout(), []string{"setting", "value", "meaning"}, rows); err != nil {
		return err
	}
	if e := result.Expired; e != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "would delete %d events, all events of %d users among them, and %d dead letters; the oldest event is of %s\n",
			e.Events, e.Users, e.DeadLetters, time.Unix(e.Oldest, 0).UTC().Format(time.DateOnly))
	}
	if e := result.Expiring; e != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "the worker will delete %d of %s and %s when it starts, or within an hour if it runs; --dry-run shows them without setting it\n",
			e.Events, counted(e.All, "event"), counted(e.DeadLetters, "dead letter"))
	}
	return nil
}

// expiring is what the worker deletes next because of a retention period that was set.
type expiring struct {
	store.Expired
	// All are the events that there are.
	All int64 `json:"of_events"`
}

// effective are the settings once changed is set, with the fallbacks where nothing is.
func effective(ctx context.Context, db *store.DB, changed map[string]string) (map[string]string, error) {
	set, err := db.Settings(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(set, changed)
	all := make(map[string]string, len(keptSettings))
	for _, k := range keptSettings {
		if all[k.name] = k.fallback; set[k.name] != "" {
			all[k.name] = set[k.name]
		}
		if v, err := strconv.Atoi(all[k.name]); err != nil || v < k.low || v > k.high {
			return nil, fmt.Errorf("setting %s is %q, it must be a number from %d to %d: set it again with 'configure --%s'", k.name, all[k.name], k.low, k.high, k.flag())
		}
	}
	return all, nil
}

// expire deletes what the retention period has passed for; ok is false when there is none.
func expire(ctx context.Context, db *store.DB, all map[string]string, now time.Time, dryRun bool) (e store.Expired, ok bool, err error) {
	days, err := strconv.Atoi(all["retention_days"])
	if err != nil || days == 0 {
		return e, false, err
	}
	before := now.AddDate(0, 0, -days)
	if before.Unix() < 0 {
		return e, true, nil // nothing happened before 1970
	}
	e, err = db.DeleteBefore(ctx, before, dryRun)
	return e, true, err
}

// retentionEvery is how often a worker looks for what has expired.
const retentionEvery = time.Hour

// retention makes a worker keep to the retention period. What it deletes is entered in the
// GDPR log.
func retention(dbPath, logDir string) worker.Chore {
	var last time.Time
	return worker.Chore{
		Name: "retention",
		// Also when the clock went back: a worker must not wait for a time that has been.
		Due: func(now time.Time) bool { return now.Sub(last) >= retentionEvery || now.Before(last) },
		Do: func(ctx context.Context, db *store.DB) error {
			now := time.Now()
			all, err := effective(ctx, db, nil)
			if err != nil {
				return err
			}
			e, ok, err := expire(ctx, db, all, now, false)
			if ok && (err != nil || e.Events+e.DeadLetters > 0) {
				err = logRetention(dbPath, logDir, err)
			}
			if err == nil {
				last = now
			}
			return err
		},
	}
}

func logRetention(dbPath, logDir string, outcome error) error {
	if logDir == "" {
		logDir = "logs"
	}
	keys, err := gdpr.LoadKeys(filepath.Dir(dbPath), true)
	if err != nil {
		return err
	}
	log, err := gdpr.OpenLog(logDir, keys)
	if err != nil {
		return err
	}
	if err := log.Append(gdpr.DataRetention, "-", outcome == nil); err != nil {
		return err
	}
	return outcome
}
