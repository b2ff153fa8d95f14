package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/worker"
)

func newStreamIngest(s settings) *cobra.Command {
	t := &stream{settings: s}
	cmd := &cobra.Command{
		Use:   "stream-ingest DIR",
		Short: "Import every Parquet file of events that appears in a directory",
		Long: `Watch a directory and import every Parquet file of events that appears in it, also by
renaming, exactly once: the database remembers the content of files, for ever and for all
importers. A file that is not complete is waited for; one that cannot be read moves to
DIR/quarantine, with a text that says why. Between files the database is closed.

Changes are noticed at once where the file system tells of them, and at the latest after
--poll-interval where it does not (network and container mounts). Models do not change: run a
worker for that, or train. The log is LOG_DIR/stream-ingest.log.`,
		Example: `  recsys-lite stream-ingest data/incremental --db data/recsys.db
  recsys-lite stream-ingest /mnt/share/events --poll-interval 1`,
		Args: exactly("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error { return t.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	t.db.add(cmd, s)
	f.Float64Var(&t.poll, "poll-interval", 5, "`SECONDS` between two looks at the directory")
	f.DurationVar(&t.patience, "patience", worker.DefaultPatience, "how long an incomplete file may stay unchanged before it is taken for damaged")
	f.StringVar(&t.settings.LogDir, "log-dir", s.LogDir, "`DIR` of stream-ingest.log; empty logs to the terminal only [$LOG_DIR]")
	f.StringVar(&t.settings.LogLevel, "log-level", s.LogLevel, "DEBUG, INFO, WARN or ERROR [$LOG_LEVEL]")
	return cmd
}

// stream is one run of stream-ingest.
type stream struct {
	settings settings
	db       dbFlags
	poll     float64
	patience time.Duration
}

func (t *stream) run(cmd *cobra.Command, dir string) error {
	if !(t.poll >= 0.01 && t.poll <= 86400) {
		return usagef("--poll-interval is %v, it must lie between 0.01 and 86400 seconds", t.poll)
	}
	if t.patience <= 0 {
		return usagef("--patience is %v, it must be positive", t.patience)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("directory to watch: %w", err)
	}
	if !info.IsDir() {
		return usagef("%s is a file, not a directory to watch", dir)
	}
	log, closeLog, err := newLog(t.settings, "stream-ingest.log", cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeLog()
	inbox := &worker.Inbox{Dir: dir, Patience: t.patience, Log: log}
	log.Info("watching", "dir", dir, "db", t.db.path)
	err = watch(cmd.Context(), dir, time.Duration(t.poll*float64(time.Second)), log, func(ctx context.Context) error { return t.take(ctx, inbox) })
	if cmd.Context().Err() != nil {
		log.Info("stopped")
		return nil // it was asked to
	}
	return err
}

func (t *stream) take(ctx context.Context, inbox *worker.Inbox) error {
	if work, err := inbox.Pending(ctx); err != nil || !work {
		return err
	}
	db, err := t.db.open(ctx, store.Options{})
	if err != nil {
		return err
	}
	_, err = inbox.Import(ctx, db)
	return errors.Join(err, db.Close())
}

// watch calls take at once, whenever something changes in dir, and every poll, until ctx ends.
// What take returns is logged: the next call tries again.
func watch(ctx context.Context, dir string, poll time.Duration, log *slog.Logger, take func(context.Context) error) error {
	var changes <-chan fsnotify.Event
	var faults <-chan error
	w, err := fsnotify.NewWatcher()
	if err == nil {
		defer w.Close()
		err = w.Add(dir)
		changes, faults = w.Events, w.Errors
	}
	if err != nil {
		log.Warn("changes are not told of, the directory is looked at every interval", "dir", dir, "interval", poll, "error", err)
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if err := take(ctx); err != nil && ctx.Err() == nil {
			log.Error("import failed, tried again", "error", err)
		}
		for again := false; !again; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
				again = true
			case e := <-changes:
				again = filepath.Ext(e.Name) == ".parquet" && !e.Has(fsnotify.Chmod) && !e.Has(fsnotify.Remove)
			case err := <-faults:
				log.Warn("changes may have been missed, the directory is looked at", "error", err)
				again = true
			}
		}
	}
}
