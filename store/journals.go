package store

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// AppendJournaled adds events of a journal that are not in the database yet, in one
// transaction with the journal's mark, and returns how many it added. seqs are the journal's
// own numbers of the events and ascend; those at or below the mark, which is the last number
// that the database has taken, are passed over. So every event is added once, however often
// it is given. The journal counts as waiting from then on (KeepJournals).
func (db *DB) AppendJournaled(ctx context.Context, journal string, seqs []int64, events []recsys.Event) (int, error) {
	what := fmt.Sprintf("append events of journal %.80q", journal)
	if journal == "" || !utf8.ValidString(journal) || len(seqs) != len(events) || !slices.IsSorted(seqs) {
		return 0, fmt.Errorf("store: %s: %w: a name is needed, and ascending numbers beside the events", what, recsys.ErrInvalidData)
	}
	events = slices.Clone(events)
	for i := range events {
		if err := events[i].Normalize(); err != nil {
			return 0, fmt.Errorf("store: %s: event %d: %w", what, seqs[i], err)
		}
	}
	if len(events) == 0 {
		return 0, ctx.Err()
	}
	added := 0
	err := db.write(ctx, what, func(c *duck.Conn) error {
		mark, err := queryInt(ctx, c, `SELECT last_seq FROM journals WHERE journal = ?`, journal)
		if err != nil {
			return err
		}
		first, known := slices.BinarySearch(seqs, mark)
		for known && first < len(seqs) && seqs[first] == mark {
			first++
		}
		if first == len(seqs) {
			return nil
		}
		if added, err = appendAll(ctx, c, events[first:]); err != nil {
			return err
		}
		if _, err := c.Exec(ctx, `DELETE FROM journals WHERE journal = ?`, journal); err != nil {
			return err
		}
		_, err = c.Exec(ctx, `INSERT INTO journals VALUES (?, ?, ?, true)`, journal, seqs[len(seqs)-1], time.Now().Unix())
		return err
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// KeepJournals says which journals still have files from which a server could read events
// again: these are waiting, and all others are not.
func (db *DB) KeepJournals(ctx context.Context, waiting []string) error {
	return db.write(ctx, "note which journals are waiting", func(c *duck.Conn) error {
		_, err := c.Exec(ctx, `UPDATE journals SET waiting = NOT waiting WHERE waiting <> (journal IN (SELECT unnest(?::VARCHAR[])))`, waiting)
		return err
	})
}

// Journals returns the marks of all journals that are waiting, and of others up to the given
// number in all, latest changed first.
func (db *DB) Journals(ctx context.Context, limit int) (map[string]int64, error) {
	marks := map[string]int64{}
	err := db.read(ctx, "read the marks of journals", func(c *duck.Conn) error {
		return c.Query(ctx, `SELECT journal, last_seq FROM journals
			QUALIFY waiting OR row_number() OVER (ORDER BY waiting DESC, updated_at DESC, rowid DESC) <= ?`, []any{max(limit, 0)}, func(k *duck.Chunk) error {
			for r, seq := range k.Int64(1) {
				marks[k.String(0, r)] = seq
			}
			return nil
		})
	})
	return marks, err
}
