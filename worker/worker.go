package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

// Config says what a Worker works on.
type Config struct {
	// ModelDir is the directory with the versions of the model. It may be empty yet.
	ModelDir string
	// Opener opens the model, with its index.
	Opener model.Opener
	// DB is the database file, Options how to open it; ReadOnly is the worker's to set.
	DB      string
	Options store.Options
	// Incremental is the directory that events arrive in; empty for none.
	Incremental string
	// Patience is that of the Inbox.
	Patience time.Duration
	// Keep is the number of versions to keep, at least 1, beside the current one.
	Keep int
	// BatchSize is that of recsys.Updater.
	BatchSize int
	// Chores are done after the import, while the database is open for writing: the end of a
	// retention period, say. Due says whether one has to be done now.
	Chores []Chore
	// Retrain says when the model is fitted anew; the zero value never.
	Retrain Retrain
	// Log, if set, is told of everything that was done.
	Log *slog.Logger
}

// Chore is something to do with the database from time to time.
type Chore struct {
	Name string
	Due  func(now time.Time) bool
	Do   func(ctx context.Context, db *store.DB) error
}

// Worker keeps a model directory fresh. Its methods are for one goroutine, but for Retrain.
type Worker struct {
	cfg   Config
	log   *slog.Logger
	inbox *Inbox
	// db is held by whoever has the database open: a tick or a retraining.
	db sync.Mutex
	// artifact is the current version, as it was read or published last.
	artifact *model.Artifact
	missing  bool // it was said that there is no model
	status   statusKeeper
	step     func(string)
}

// Validate reports every setting that is missing or out of range, wrapped in recsys.ErrInvalidConfig.
func (c Config) Validate() error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("%w: worker: "+format, append([]any{recsys.ErrInvalidConfig}, args...)...))
		}
	}
	fault(c.ModelDir == "", "ModelDir is empty, it must name the directory with the versions of the model")
	fault(c.DB == "", "DB is empty, it must name the database file")
	fault(c.Patience < 0, "Patience is %v, it must not be negative", c.Patience)
	fault(c.Keep < 1, "Keep is %d, it must be at least 1", c.Keep)
	fault(c.BatchSize < 0, "BatchSize is %d, it must not be negative", c.BatchSize)
	size := c.Retrain.TestSize
	fault(!(size >= 0 && size < 1), "Retrain.TestSize is %v, it must be above 0 and below 1, or 0 for .2", size)
	return errors.Join(faults...)
}

// New returns a worker. An error names every fault of cfg.
func New(cfg Config) (*Worker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	w := &Worker{cfg: cfg, log: cfg.Log}
	if cfg.Incremental != "" {
		w.inbox = &Inbox{Dir: cfg.Incremental, Patience: cfg.Patience, Journals: true, Log: cfg.Log}
	}
	return w, nil
}

func (w *Worker) at(step string) {
	if w.step != nil {
		w.step(step)
	}
}

// Report is what a tick did.
type Report struct {
	Imported Imported      `json:"imported"`
	Update   recsys.Update `json:"update"`
	// Version was published, empty where nothing was new; Pruned were removed.
	Version string   `json:"version"`
	Pruned  []string `json:"pruned"`
}

// Tick imports what has arrived, updates the current model and publishes it. What was done
// before an error stays done; the next tick goes on from there. The error wraps
// recsys.ErrSetBack when the database has not gone on from what the model knows of it, as an
// older copy that was put back has not. It may also be the wrong one, so that nothing but Retrain, or whoever is told, fits the model to it.
// Either way the Status beside the model's pointer says so afterwards.
func (w *Worker) Tick(ctx context.Context) (Report, error) {
	start := time.Now()
	r, err := w.tick(ctx, start)
	w.ticked(ctx, &r, start, err)
	return r, err
}

func (w *Worker) tick(ctx context.Context, start time.Time) (Report, error) {
	var r Report
	segments, next, took, err := w.update(ctx, &r)
	if err != nil {
		return r, err
	}
	defer func() {
		if next != nil {
			_ = next.lock.Unlock() // closing a file that was only locked
		}
	}()
	if next != nil && next.artifact != nil {
		if err := w.publish(ctx, next, &r); err != nil {
			return r, err
		}
	}
	if w.inbox != nil {
		if err := w.inbox.release(segments, &r.Imported); err != nil {
			return r, err
		}
	}
	if r.Version != "" {
		if r.Pruned, err = next.lock.Prune(w.cfg.Keep); err != nil {
			return r, fmt.Errorf("remove old versions: %w", err)
		}
		w.at("pruned")
	}
	if r.Version != "" || r.Imported.any() {
		w.log.Info("tick", "imported", r.Imported, "update", r.Update, "version", r.Version, "pruned", len(r.Pruned),
			"took", time.Since(start).Round(time.Millisecond), "database", took.Round(time.Millisecond))
	}
	return r, nil
}

// pending is an update to publish, under the lock that it was made under. artifact is nil when
// there is nothing new.
type pending struct {
	lock     *model.Lock
	artifact *model.Artifact
}

// update does all that the database is needed for, and closes it. The result is nil without a
// model.
func (w *Worker) update(ctx context.Context, r *Report) (segments []taken, next *pending, took time.Duration, err error) {
	work, err := w.anyWork(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	w.db.Lock()
	defer w.db.Unlock()
	start := time.Now()
	db, err := w.open(ctx, work)
	if err != nil {
		return nil, nil, 0, err
	}
	w.at("opened")
	defer func() {
		err = errors.Join(err, db.Close())
		took = time.Since(start)
		if err != nil && next != nil {
			err = errors.Join(err, next.lock.Unlock())
			next = nil
		}
		if err == nil {
			w.at("closed")
		}
	}()
	if w.inbox != nil && work {
		w.inbox.step = w.step
		if err := w.inbox.importFiles(ctx, db, &r.Imported); err != nil {
			return nil, nil, 0, err
		}
		if segments, err = w.inbox.importJournals(ctx, db, &r.Imported); err != nil {
			return nil, nil, 0, err
		}
	}
	if err := w.chores(ctx, db, work); err != nil {
		return segments, nil, 0, err
	}
	next, err = w.renew(ctx, db, r)
	return segments, next, 0, err
}

// anyWork says whether the database has to be opened for writing.
func (w *Worker) anyWork(ctx context.Context) (bool, error) {
	now := time.Now()
	for _, c := range w.cfg.Chores {
		if c.Due(now) {
			return true, nil
		}
	}
	if w.inbox == nil {
		return false, nil
	}
	return w.inbox.Pending(ctx)
}

// open opens the database, for writing if that is needed: to import, to make it, or to bring it
// up to date.
func (w *Worker) open(ctx context.Context, write bool) (*store.DB, error) {
	o := w.cfg.Options
	if o.ReadOnly = !write; write {
		return store.Open(ctx, w.cfg.DB, o)
	}
	db, err := store.Open(ctx, w.cfg.DB, o)
	if err == nil || errors.Is(err, store.ErrLocked) || ctx.Err() != nil {
		return db, err
	}
	o.ReadOnly = false
	return store.Open(ctx, w.cfg.DB, o)
}

func (w *Worker) chores(ctx context.Context, db *store.DB, write bool) error {
	if !write {
		return nil
	}
	now := time.Now()
	for _, c := range w.cfg.Chores {
		if !c.Due(now) {
			continue
		}
		start := time.Now()
		if err := c.Do(ctx, db); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		w.log.Info(c.Name, "took", time.Since(start).Round(time.Millisecond))
		w.at("chore " + c.Name)
	}
	return nil
}

// renew makes the next version from the current one.
func (w *Worker) renew(ctx context.Context, db *store.DB, r *Report) (*pending, error) {
	if _, err := model.Current(w.cfg.ModelDir); errors.Is(err, model.ErrNoArtifact) {
		if !w.missing {
			w.log.Warn("there is no model yet: events are imported, and wait for one to be trained", "model_dir", w.cfg.ModelDir)
		}
		w.missing = true
		return nil, nil
	}
	w.missing = false
	lock, err := model.LockDir(ctx, w.cfg.ModelDir)
	if err != nil {
		return nil, err
	}
	next := &pending{lock: lock}
	if next.artifact, err = w.derive(ctx, db, r); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return next, nil
}

func (w *Worker) derive(ctx context.Context, db *store.DB, r *Report) (*model.Artifact, error) {
	if err := w.current(); err != nil {
		return nil, err
	}
	u := &recsys.Updater{Clone: model.Cloner(w.cfg.Opener.Run, w.cfg.Opener.Kinds...), BatchSize: w.cfg.BatchSize}
	s, done, err := u.Update(ctx, db, w.artifact.Snapshot())
	if err != nil {
		// The index may have taken vectors in: read it again.
		w.artifact = nil
		return nil, err
	}
	if r.Update = done; !done.Changed() {
		return nil, nil
	}
	w.at("updated")
	// Names and order of versions follow this time, also when the clock was set back.
	created := time.Now().UTC().Truncate(time.Second)
	if last := w.artifact.Manifest.Created; !created.After(last) {
		created = last.Add(time.Second)
	}
	a, err := w.artifact.Updated(s, created)
	w.artifact = nil // s shares its index
	return a, err
}

// current reads the current version, unless it is the one that was published last.
func (w *Worker) current() error {
	version, err := model.Current(w.cfg.ModelDir)
	if err != nil {
		return err
	}
	if w.artifact != nil && w.artifact.Manifest.Version == version {
		return nil
	}
	start := time.Now()
	if w.artifact, err = w.cfg.Opener.Open(w.cfg.ModelDir); err != nil {
		return err
	}
	w.log.Info("model read", "version", w.artifact.Manifest.Version, "took", time.Since(start).Round(time.Millisecond))
	return nil
}

// publish makes the update the current version.
func (w *Worker) publish(ctx context.Context, next *pending, r *Report) error {
	erased := next.artifact.Manifest.Annotations[model.ErasureAnnotation]
	version, err := next.lock.Publish(ctx, next.artifact)
	if err != nil {
		return fmt.Errorf("publish an update: %w", err)
	}
	w.at("published")
	r.Version = version
	if string(erased) == string(next.artifact.Manifest.Annotations[model.ErasureAnnotation]) {
		w.artifact = next.artifact
	} // else what is here still has users who were forgotten meanwhile: it is read again
	return nil
}
