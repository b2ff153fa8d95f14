package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gate"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/worker"
)

func newWorker(s settings) *cobra.Command {
	u := &updates{settings: s}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Keep a model fresh while the shop runs",
		Long: `Every --interval: import new Parquet files of events and the journals of servers from
--incremental-dir, each exactly once; refit the users with new events; give new items
vectors; publish the result under --model-dir, where a running server picks it up; remove
all but the newest --keep versions, never the current one.

A file that is not complete is waited for; one that cannot be read moves to the folder
quarantine, with a text that says why. Between ticks the database is closed. The worker can
be killed at any time: the next one completes what it left. What was done, and how long it
took, is in LOG_DIR/worker.log.

Without a model, events are imported and wait for one. Items that sell already keep the
parameters of the last fit until the next one: see --retrain-cron.`,
		Example: `  recsys-lite worker --model-dir model_artifacts/als --db data/recsys.db --interval 60
  recsys-lite worker --once --json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return u.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&u.settings.ModelDir, "model-dir", s.ModelDir, "`DIR` of the model [$MODEL_DIR]")
	u.db.add(cmd, s)
	f.IntVar(&u.settings.WorkerInterval, "interval", s.WorkerInterval, "`SECONDS` between ticks [$WORKER_INTERVAL]")
	f.IntVar(&u.settings.BatchSize, "batch-size", s.BatchSize, "events read, and users refitted, at a time: it bounds memory [$BATCH_SIZE]")
	f.IntVar(&u.settings.Threads, "threads", s.Threads, "number of threads, 0 for one per CPU [$THREADS]")
	f.StringVar(&u.settings.IncrementalDir, "incremental-dir", s.IncrementalDir, "`DIR` that events arrive in; none when empty [$INCREMENTAL_DIR]")
	f.DurationVar(&u.patience, "patience", worker.DefaultPatience, "how long an incomplete file may stay unchanged before it is taken for damaged")
	f.IntVar(&u.keep, "keep", 5, "number of versions to keep under --model-dir")
	f.StringVar(&u.settings.RetrainCron, "retrain-cron", s.RetrainCron, "when to fit the model anew on all events, as five cron fields such as '0 2 * * 0'; it is published if it passes the gate (see train --gate); never when empty [$RETRAIN_CRON]")
	u.gate.addMeasures(cmd)
	f.BoolVar(&u.once, "once", false, "one tick without a retraining, and its result on stdout; a failure is the command's")
	f.BoolVar(&u.asJSON, "json", false, "with --once: print the result as JSON")
	f.StringVar(&u.settings.LogDir, "log-dir", s.LogDir, "`DIR` of worker.log; empty logs to the terminal only [$LOG_DIR]")
	f.StringVar(&u.settings.LogLevel, "log-level", s.LogLevel, "DEBUG, INFO, WARN or ERROR [$LOG_LEVEL]")
	return cmd
}

// updates is one run of worker.
type updates struct {
	settings settings
	db       dbFlags
	patience time.Duration
	keep     int
	gate     gateFlags
	schedule worker.Schedule
	once     bool
	asJSON   bool
}

func (u *updates) check() error {
	switch {
	case u.settings.WorkerInterval < 1:
		return usagef("--interval is %d, it must be at least 1 second", u.settings.WorkerInterval)
	case u.settings.BatchSize < 1:
		return usagef("--batch-size is %d, it must be at least 1", u.settings.BatchSize)
	case u.keep < 1:
		return usagef("--keep is %d, it must be at least 1", u.keep)
	case u.patience <= 0:
		return usagef("--patience is %v, it must be positive", u.patience)
	case u.asJSON && !u.once:
		return usagef("--json prints the result of --once; without it the worker runs until it is stopped, and logs")
	}
	if u.settings.RetrainCron != "" {
		schedule, err := cron.ParseStandard(u.settings.RetrainCron)
		if err != nil {
			return usagef("--retrain-cron %q: %w", u.settings.RetrainCron, err)
		}
		u.schedule = schedule
	}
	return u.gate.check()
}

// checkRetraining refuses what was said of a retraining where there will be none. RETRAIN_CRON
// may be set for another run.
func (u *updates) checkRetraining(cmd *cobra.Command) error {
	switch {
	case u.once:
		return without(cmd, "does not go with --once, which is one tick and retrains nothing ('recsys-lite train KIND --gate' fits now)", append(gateMeasures, "retrain-cron")...)
	case u.schedule == nil:
		return without(cmd, "is for retraining, which --retrain-cron asks for", gateMeasures...)
	}
	return checkIndexKind("$INDEX", u.settings.Index)
}

func (u *updates) run(cmd *cobra.Command) error {
	if err := errors.Join(u.check(), u.checkRetraining(cmd)); err != nil {
		return err
	}
	log, closeLog, err := newLog(u.settings, "worker.log", cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeLog()
	cfg := u.config(log)
	w, err := worker.New(cfg)
	if err != nil {
		return usageError{err}
	}
	ctx := cmd.Context()
	if u.once {
		r, err := w.Tick(ctx)
		if err != nil {
			return err
		}
		if u.asJSON {
			return printJSON(cmd.OutOrStdout(), r)
		}
		fmt.Fprintln(cmd.OutOrStdout(), tickText(r))
		return nil
	}
	log.Info("worker started", "model_dir", cfg.ModelDir, "db", cfg.DB, "incremental_dir", cfg.Incremental, "interval_s", u.settings.WorkerInterval)
	err = w.Run(ctx, time.Duration(u.settings.WorkerInterval)*time.Second)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		log.Info("worker stopped")
		return nil // it was asked to
	}
	return err
}

func (u *updates) config(log *slog.Logger) worker.Config {
	lockTimeout := u.db.lockTimeout
	if lockTimeout == 0 {
		lockTimeout = -1
	}
	return worker.Config{
		ModelDir: u.settings.ModelDir,
		Opener:   model.Opener{Kinds: builtin.Kinds(), Run: recsys.Run{Workers: u.settings.Threads}, Index: index.Opener(u.settings.search())},
		DB:       u.db.path, Options: store.Options{LockTimeout: lockTimeout, Threads: u.settings.Threads},
		Incremental: u.settings.IncrementalDir, Patience: u.patience,
		Keep: u.keep, BatchSize: u.settings.BatchSize, Log: log,
		Chores: []worker.Chore{retention(u.db.path, u.settings.LogDir)},
		Retrain: worker.Retrain{Schedule: u.schedule, TestSize: u.gate.testSize, Gate: gate.Options{Metric: u.gate.metric, Seed: 1},
			Index: func(ctx context.Context, a *model.Artifact) error {
				x := indexFlags{kind: u.settings.Index, settings: u.settings}
				return x.build(ctx, a, recsys.Run{Workers: u.settings.Threads})
			}},
	}
}

// tickText is one line for people.
func tickText(r worker.Report) string {
	if r.Version == "" && r.Imported == (worker.Imported{}) {
		return "nothing new"
	}
	i, d := r.Imported, r.Update
	text := fmt.Sprintf("%d files with %d events imported (%d rows rejected), %d events from journals; %d files waiting, %d in quarantine",
		i.Files, i.Events, i.Rejected, i.JournalEvents, i.Waiting, i.Quarantined)
	if r.Version == "" {
		return text + "; no new version"
	}
	return text + fmt.Sprintf("\n%s: %d events, %d users refitted (%d new), %d new items (%d wait for the next fit); %d old versions removed",
		r.Version, d.Events, d.Users, d.NewUsers, d.NewItems, d.WaitingItems, len(r.Pruned))
}
