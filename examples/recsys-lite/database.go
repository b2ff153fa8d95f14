package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// dbFlags say which database to open, and how.
type dbFlags struct {
	path        string
	lockTimeout time.Duration
	threads     int
}

func (d *dbFlags) add(cmd *cobra.Command, s settings) {
	cmd.Flags().StringVar(&d.path, "db", s.DBPath, "database `FILE` [$DB_PATH]")
	cmd.Flags().DurationVar(&d.lockTimeout, "lock-timeout", store.DefaultLockTimeout, "how long to wait while another process has the database open")
	d.threads = s.Threads
}

// options completes what a command asks of a database by the flags.
func (d *dbFlags) options(o store.Options) store.Options {
	o.LockTimeout, o.Threads = d.lockTimeout, d.threads
	if o.LockTimeout == 0 {
		o.LockTimeout = -1
	}
	return o
}

// exists refuses a path at which there is no file.
func (d *dbFlags) exists() error {
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database %s: import events with 'recsys-lite ingest', or name the file with --db", d.path)
	}
	return nil
}

func (d *dbFlags) open(ctx context.Context, o store.Options) (*store.DB, error) {
	if o.ReadOnly {
		if err := d.exists(); err != nil {
			return nil, err
		}
	}
	o = d.options(o)
	db, err := store.Open(ctx, d.path, o)
	if !o.ReadOnly || !errors.Is(err, store.ErrSchema) {
		return db, err
	}
	// A file of an earlier release is brought up to date first.
	o.ReadOnly = false
	if db, err = store.Open(ctx, d.path, o); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	o.ReadOnly = true
	return store.Open(ctx, d.path, o)
}

// weightingFlags say how events become weights.
type weightingFlags struct {
	scheme   string
	types    map[string]string
	halfLife string
}

func (w *weightingFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&w.scheme, "weighting", string(recsys.Log1p), "how quantities weigh: binary, log1p or linear")
	f.StringToStringVar(&w.types, "event-weights", nil, "`TYPE=WEIGHT` of events, such as purchase=1,view=0.1 (1 where not listed)")
	f.Lookup("event-weights").DefValue = "" // help would say []
	f.StringVar(&w.halfLife, "half-life", "", "age at which an event counts half, such as 90d or 36h (never when empty)")
}

func (w *weightingFlags) weighting() (recsys.Weighting, error) {
	out := recsys.Weighting{Scheme: recsys.Scheme(w.scheme)}
	for name, text := range w.types {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return out, usagef("--event-weights: the weight of %q is %q, it must be a number", name, text)
		}
		if out.EventTypes == nil {
			out.EventTypes = make(map[string]float64)
		}
		out.EventTypes[name] = v
	}
	if w.halfLife != "" {
		age, err := parseAge(w.halfLife)
		if err != nil {
			return out, usagef("--half-life: %w", err)
		}
		out.HalfLife = age
	}
	if err := out.Validate(); err != nil {
		return out, usageError{err}
	}
	return out, nil
}

// parseAge reads a duration that may also be a number of days, "90d".
func parseAge(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || !(n >= 0) || n > math.MaxInt64/float64(24*time.Hour) {
			return 0, fmt.Errorf("%q is no number of days", text)
		}
		return time.Duration(n * float64(24*time.Hour)), nil
	}
	age, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration such as 90d or 36h", text)
	}
	return age, nil
}

// readFiles returns the events of files by way of a database in memory, so that they are
// checked as an import would, and any bad row is an error.
func readFiles(ctx context.Context, paths []string) ([]recsys.Event, error) {
	db, err := store.Open(ctx, "", store.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	for _, path := range paths {
		if _, err := db.ImportEvents(ctx, path, store.ImportOptions{Strict: true}); err != nil {
			return nil, err
		}
	}
	return recsys.AllEvents(ctx, db)
}
