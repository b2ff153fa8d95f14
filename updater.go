package recsys

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// Updater brings a snapshot up to date with a store between full fits: touched users are
// refitted, new items join, and histories and catalogue follow. It works on any Store. A shop
// that embeds an Engine lets Run swap the results in; a program that keeps its models on disk
// (package worker) calls Update and publishes what it returns.
//
// Items keep the parameters of the fit, or of the update that they joined by, until the next
// fit. But for those that nobody had by then: with its first buyers such an item joins like a
// new one. Its old index stays, so that no other moves, unavailable and under a name that says
// nothing; the next fit has it no more.
type Updater struct {
	// Clone copies a model of a kind, so that the one in use stays as it is; model.Cloner makes
	// such a function. It is needed.
	Clone func(kind string, m Model) (Model, error)
	// BatchSize is the number of events read, and of users refitted, at a time; 0 means 10,000.
	// It bounds the memory of an update; users who have new items are one batch in any case, for
	// an item's vector depends on all of them.
	BatchSize int
	// Log, if set, is told by Run what was done.
	Log *slog.Logger
}

// Update is what an Updater did.
type Update struct {
	// Events is the number of events since the snapshot; Users who have any were refitted, of
	// them NewUsers are new.
	Events   int `json:"events"`
	Users    int `json:"users"`
	NewUsers int `json:"new_users"`
	// NewItems have joined, those with a first sale among them. WaitingItems have not: the model takes in none before its next fit.
	NewItems     int `json:"new_items"`
	WaitingItems int `json:"waiting_items"`
	// Catalogue says that the items' metadata changed, Journals that the store has taken more of
	// a server's journal.
	Catalogue bool `json:"catalogue"`
	Journals  bool `json:"journals"`
}

// Changed says whether there is anything new to serve.
func (u Update) Changed() bool {
	return u.Events > 0 || u.NewItems > 0 || u.Catalogue || u.Journals
}

// LogValue makes a group of the numbers.
func (u Update) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("events", u.Events), slog.Int("users", u.Users), slog.Int("new_users", u.NewUsers),
		slog.Int("new_items", u.NewItems), slog.Int("waiting_items", u.WaitingItems), slog.Bool("catalogue", u.Catalogue))
}

// journalMarks is a Store that takes events from journals, such as store.DB.
type journalMarks interface {
	Journals(ctx context.Context, limit int) (map[string]int64, error)
}

// MaxJournals is how many journals' marks a snapshot carries at least, if there are so many:
// every start of a server begins one, and a server that runs may hold events of the latest. Those
// of journals whose files are still there come on top, for a server that starts reads them.
const MaxJournals = 100

// Update returns s as it is after the events and items that came to the store since; s itself
// stays as it is, but for its Index, to which the vectors of new items are added. Version and
// Created are the caller's to set. Without anything new it returns s.
//
// The error wraps ErrSetBack when the store was set back, or is another one than the snapshot
// comes from (Watermark.Check).
func (u *Updater) Update(ctx context.Context, st Store, s Snapshot) (Snapshot, Update, error) {
	var done Update
	if u.Clone == nil || u.BatchSize < 0 {
		return s, done, fmt.Errorf("%w: updater: Clone is needed, and a batch size of at least 1 (%d)", ErrInvalidConfig, u.BatchSize)
	}
	if err := s.validate(); err != nil {
		return s, done, fmt.Errorf("update of model %q: %w", s.Version, err)
	}
	next, done, err := u.update(ctx, st, s)
	if err != nil {
		return s, Update{}, fmt.Errorf("update of model %q: %w", s.Version, err)
	}
	return next, done, nil
}

func (u *Updater) batchSize() int {
	if u.BatchSize == 0 {
		return 10_000
	}
	return u.BatchSize
}

func (u *Updater) update(ctx context.Context, st Store, s Snapshot) (Snapshot, Update, error) {
	var done Update
	n := &renewal{Snapshot: s, waiting: make(map[string]bool), retired: make(map[int32]bool), again: make(map[string]int32)}
	if err := s.Watermark.Check(ctx, st); err != nil {
		return s, done, err
	}
	// The marks come first: they must not promise events that are not read below.
	if marks, ok := st.(journalMarks); ok {
		var err error
		if n.Journaled, err = marks.Journals(ctx, MaxJournals); err != nil {
			return s, done, err
		}
		done.Journals = !maps.Equal(n.Journaled, s.Journaled)
	}
	news, err := readNews(ctx, st, n, u.batchSize())
	if err != nil {
		return s, done, err
	}
	catalogue, err := st.Items(ctx)
	if err != nil {
		return s, done, err
	}
	done.Events, done.Users = news.events, len(news.buyers)+len(news.others)
	batches := news.batches(u.batchSize(), s.Catalogue != nil && n.lacks(catalogue))
	if len(batches) > 0 {
		if n.Model, err = u.Clone(s.Kind, s.Model); err != nil {
			return s, done, err
		}
	}
	n.Watermark = news.last
	for _, users := range batches {
		if err := n.apply(ctx, st, users); err != nil {
			return s, done, err
		}
	}
	indexed := s.Items.Len()
	if len(batches) > 0 {
		refitted, err := n.refit(ctx)
		if err != nil {
			return s, done, err
		}
		if refitted {
			indexed = 0 // all vectors are others
		}
	}
	done.NewUsers, done.NewItems, done.WaitingItems = n.Users.Len()-s.Users.Len(), n.Items.Len()-s.Items.Len(), len(n.waiting)
	done.Catalogue = n.describe(catalogue)
	if !done.Changed() {
		return s, done, nil
	}
	if err := n.index(ctx, indexed); err != nil {
		return s, done, err
	}
	return n.Snapshot, done, nil
}

// news is what came to a store.
type news struct {
	events int
	// buyers have events with items that the model does not know or that nobody had, others have
	// not. Both are sorted.
	buyers, others []string
	last           Watermark
}

func readNews(ctx context.Context, st Store, s *renewal, page int) (*news, error) {
	n := &news{last: s.Watermark}
	buyer := make(map[string]bool)
	for {
		events, last, err := st.EventsAfter(ctx, n.last.Seq, page)
		if err != nil {
			return nil, err
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			n.last.Time = max(n.last.Time, e.Time)
			if s.Weighting.Amount(e.Type, 1, 0) == 0 {
				continue // such events are in no history
			}
			i, known := s.Items.Index(e.ItemID)
			buyer[e.UserID] = buyer[e.UserID] || !known || s.unsold(i)
		}
		n.events += len(events)
		n.last.Seq = last
	}
	if log, ok := st.(markedLog); ok {
		var err error
		if n.last.Mark, err = log.Mark(ctx); err != nil {
			return nil, err
		}
	}
	for id, unknown := range buyer {
		if unknown {
			n.buyers = append(n.buyers, id)
		} else {
			n.others = append(n.others, id)
		}
	}
	slices.SortFunc(n.buyers, CompareIDs)
	slices.SortFunc(n.others, CompareIDs)
	return n, nil
}

// batches are the users to refit together. The first batch brings the new items: it is there,
// without users, when only the catalogue has any.
func (n *news) batches(size int, newItems bool) [][]string {
	var out [][]string
	others := n.others
	if len(n.buyers) > 0 || newItems {
		fill := min(len(others), max(size-len(n.buyers), 0))
		out = append(out, slices.Concat(n.buyers, others[:fill]))
		others = others[fill:]
	}
	return slices.AppendSeq(out, slices.Chunk(others, size))
}

// Run updates what e serves every interval until ctx ends, and returns its error. What goes
// wrong is logged and tried again at the next interval. The versions of updates are those of the
// fitted model, a plus sign and the number of the last event: "als-20260101T020304Z+1234".
func (u *Updater) Run(ctx context.Context, st Store, e *Engine, interval time.Duration) error {
	if interval <= 0 {
		return fmt.Errorf("%w: updater: interval %v, it must be positive", ErrInvalidConfig, interval)
	}
	log := u.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		start := time.Now()
		done, err := u.Tick(ctx, st, e)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			log.Error("update failed, it is tried again", "error", err)
		case done.Changed():
			log.Info("updated", "what", done, "took", time.Since(start).Round(time.Millisecond))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Tick updates what e serves once. The error wraps ErrNoModel as long as it serves nothing.
func (u *Updater) Tick(ctx context.Context, st Store, e *Engine) (Update, error) {
	s, ok := e.Snapshot()
	if !ok {
		return Update{}, ErrNoModel
	}
	next, done, err := u.Update(ctx, st, s)
	if err != nil || !done.Changed() {
		return done, err
	}
	next.Version = updatedVersion(s.Version, next.Watermark.Seq)
	return done, e.Swap(next)
}
