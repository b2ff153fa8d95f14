package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/store"
)

// atOnce is about how many events of a journal are one transaction.
const atOnce = 50_000

// taken is a segment whose events are in the database.
type taken struct {
	journal.Segment
	bad []recsys.DeadLetter
}

// importJournals takes the events of sealed segments that are not in the database yet, and
// lists all segments, for they stay until a model has them (release).
func (b *Inbox) importJournals(ctx context.Context, db *store.DB, done *Imported) ([]taken, error) {
	if _, err := journal.Recover(ctx, b.Dir); err != nil {
		return nil, err
	}
	segments, err := journal.Segments(b.Dir)
	if err != nil {
		return nil, err
	}
	var out []taken
	var id string // whose events the batch has
	var batch journal.Records
	flush := func() error {
		if len(batch.Seqs) == 0 {
			return nil
		}
		b.at("journal " + id)
		start := time.Now()
		n, err := db.AppendJournaled(ctx, id, batch.Seqs, batch.Events)
		if err != nil {
			return err
		}
		b.at("journaled " + id)
		if n > 0 {
			b.log().Info("journal imported", "journal", id, "events", n, "last", batch.Seqs[len(batch.Seqs)-1], "took", time.Since(start).Round(time.Millisecond))
		}
		done.JournalEvents += n
		batch = journal.Records{}
		return nil
	}
	for _, s := range segments {
		r, err := s.Read()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another worker has released it
		}
		if err != nil {
			return out, err
		}
		if s.Journal != id || len(batch.Seqs) >= atOnce {
			if err := flush(); err != nil {
				return out, err
			}
			id = s.Journal
		}
		out = append(out, taken{Segment: s, bad: r.Bad})
		batch.Seqs, batch.Events = append(batch.Seqs, r.Seqs...), append(batch.Events, r.Events...)
	}
	if err := flush(); err != nil {
		return out, err
	}
	waiting := []string{}
	for _, t := range out {
		if n := len(waiting); n == 0 || waiting[n-1] != t.Journal {
			waiting = append(waiting, t.Journal)
		}
	}
	return out, db.KeepJournals(ctx, waiting)
}

// release removes the segments that were imported before the current model was updated: it
// contains their events, and servers need them no more. A segment with damaged lines goes to
// quarantine instead.
func (b *Inbox) release(segments []taken, done *Imported) error {
	for _, t := range segments {
		if len(t.bad) > 0 {
			reason := fmt.Errorf("%d damaged lines, the first: %s; the other lines were imported", len(t.bad), t.bad[0].Reason)
			if err := b.quarantine(&known{}, t.Path, reason, done); err != nil {
				return err
			}
			continue
		}
		if err := os.Remove(t.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a journal segment that is in the database: %w", err)
		}
		b.at("released " + filepath.Base(t.Path))
	}
	return nil
}
