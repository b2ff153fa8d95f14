package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// LastSeq returns the last number that was given to an event. The event may be gone.
func (db *DB) LastSeq(ctx context.Context) (last int64, err error) {
	err = db.read(ctx, "read the counter of events", func(c *duck.Conn) error {
		last, err = queryInt(ctx, c, "SELECT last_seq FROM event_counter")
		return err
	})
	return last, err
}

// Mark names the present state of the log of events: every transaction that gives numbers to
// events draws a new name. Deleting events draws none.
func (db *DB) Mark(ctx context.Context) (mark string, err error) {
	err = db.read(ctx, "read the mark of the events", func(c *duck.Conn) error {
		mark, err = readMark(ctx, c)
		return err
	})
	return mark, err
}

// Reached says whether the log of events was in the state that a mark names, be it in this file
// or in one that it is a copy of. It was not when the file is another one, or an older copy that
// was put back, whatever was added to it since.
func (db *DB) Reached(ctx context.Context, mark string) (reached bool, err error) {
	number, notHex := strconv.ParseInt(mark, 16, 64)
	if notHex != nil {
		return false, ctx.Err() // no state is called so
	}
	err = db.read(ctx, "look for a mark of the events", func(c *duck.Conn) error {
		n, err := queryInt(ctx, c, "SELECT count(*) FROM event_marks WHERE mark = ?", number)
		reached = n > 0
		return err
	})
	return reached, err
}

// readMark is empty where salvaging a damaged file has lost the marks.
func readMark(ctx context.Context, c *duck.Conn) (mark string, err error) {
	err = c.Query(ctx, "SELECT mark FROM event_marks ORDER BY last_seq DESC LIMIT 1", nil, func(k *duck.Chunk) error {
		if k.Len() > 0 {
			mark = fmt.Sprintf("%016x", k.Int64(0)[0])
		}
		return nil
	})
	return mark, err
}

// addMark draws the mark of the state in which last is the last number.
func addMark(ctx context.Context, c *duck.Conn, last int64) error {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return fmt.Errorf("draw a mark: %w", err)
	}
	_, err := c.Exec(ctx, "INSERT INTO event_marks VALUES (?, ?)", last, int64(binary.LittleEndian.Uint64(b[:])>>1)) // never negative
	return err
}
