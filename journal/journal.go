package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/recsys-lite/recsys"
)

// ErrClosed: the journal was closed before.
var ErrClosed = errors.New("journal is closed")

// Options says how to keep a journal. The zero value is what one normally wants.
type Options struct {
	// SealEvery is how long a segment is written at most, and so how long events are out of
	// the worker's sight; 0 means a second.
	SealEvery time.Duration
	// MaxSegment is the size in bytes at which a segment is sealed earlier; 0 means 8 MiB.
	MaxSegment int64
	// Log, if set, is told when a segment cannot be sealed; that is tried again.
	Log *slog.Logger
}

// Journal is a writer of segments. It implements recsys.Journal.
type Journal struct {
	dir, id string
	opts    Options

	// mu guards what callers of Append share.
	mu     sync.Mutex
	open   *batch // not handed to the writer yet; nil when there is none
	next   int64
	closed bool

	wake    chan struct{} // holds a token when there is a batch to write
	closing chan struct{}
	stopped chan struct{}

	// files guards the segment.
	files   sync.Mutex
	segment *segment
	due     *time.Timer
}

var _ recsys.Journal = (*Journal)(nil)

// batch is what one sync makes durable.
type batch struct {
	lines bytes.Buffer
	first int64
	done  chan struct{}
	err   error
}

// Open starts a new journal in a directory, which it makes if need be. What journals before it
// left there stays for the worker.
func Open(dir string, o Options) (*Journal, error) {
	if o.SealEvery == 0 {
		o.SealEvery = time.Second
	}
	if o.MaxSegment == 0 {
		o.MaxSegment = 8 << 20
	}
	if o.SealEvery < 0 || o.MaxSegment < 0 {
		return nil, fmt.Errorf("%w: journal: seal every %v, segments of %d bytes: both must be positive", recsys.ErrInvalidConfig, o.SealEvery, o.MaxSegment)
	}
	if dir == "" {
		return nil, fmt.Errorf("%w: journal: a directory is needed", recsys.ErrInvalidConfig)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{dir: dir, id: hex.EncodeToString(id[:]), opts: o, next: 1,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), stopped: make(chan struct{})}
	// A directory that cannot be written to is better known now than at the first event.
	probe, err := os.CreateTemp(dir, tmpPrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	go j.write()
	return j, nil
}

// ID names the journal.
func (j *Journal) ID() string { return j.id }

// Append adds events and returns the number of the first. When it returns without an error
// they are on stable storage; a ctx that ends once they are on their way changes nothing. After
// an error none of them is kept, and a later call may succeed (the disk was full, say).
func (j *Journal) Append(ctx context.Context, events []recsys.Event) (first int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var lines []event
	for i, e := range events {
		if err := e.Normalize(); err != nil {
			return 0, fmt.Errorf("journal: event %d: %w", i, err)
		}
		lines = append(lines, event{UserID: e.UserID, ItemID: e.ItemID, Time: e.Time, Qty: e.Qty, Type: e.Type})
	}
	b, first, err := j.enqueue(lines)
	if err != nil || len(lines) == 0 {
		return first, err
	}
	<-b.done
	return first, b.err
}

func (j *Journal) enqueue(lines []event) (*batch, int64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, 0, fmt.Errorf("journal %s: %w", j.id, ErrClosed)
	}
	first := j.next
	if len(lines) == 0 {
		return nil, first, nil
	}
	if j.open == nil {
		j.open = &batch{first: first, done: make(chan struct{})}
		j.wake <- struct{}{}
	}
	for i := range lines {
		lines[i].Seq = j.next
		j.next++
		lines[i].encode(&j.open.lines)
	}
	return j.open, first, nil
}

// write is the goroutine that makes batches durable, one after another. What comes in during
// a sync shares the next one.
func (j *Journal) write() {
	defer close(j.stopped)
	for {
		select {
		case <-j.wake:
			j.mu.Lock()
			b := j.open
			j.open = nil
			j.mu.Unlock()
			j.commit(b)
		case <-j.closing:
			return
		}
	}
}

func (j *Journal) commit(b *batch) {
	j.files.Lock()
	defer j.files.Unlock()
	defer close(b.done)
	if j.segment == nil {
		if j.segment, b.err = newSegment(j.dir, j.id, b.first); b.err != nil {
			return
		}
		j.due = time.AfterFunc(j.opts.SealEvery, j.sealDue)
	}
	b.err = j.segment.append(b.lines.Bytes())
	if j.segment.broken || j.segment.size >= j.opts.MaxSegment {
		j.sealLogged()
	}
}

func (j *Journal) sealDue() {
	j.files.Lock()
	defer j.files.Unlock()
	j.sealLogged()
}

// sealLogged seals the segment, now or when the timer runs again.
func (j *Journal) sealLogged() {
	if err := j.seal(); err != nil {
		j.opts.Log.Error("journal segment not sealed properly", "again", j.segment != nil, "error", err)
		if j.segment != nil {
			j.due.Reset(j.opts.SealEvery)
		}
	}
}

func (j *Journal) seal() error {
	if j.segment == nil {
		return nil
	}
	err := j.segment.seal()
	if j.segment.sealed {
		j.due.Stop()
		j.segment = nil
	}
	return err
}

// Seal hands what was appended so far to the worker at once.
func (j *Journal) Seal() error {
	j.files.Lock()
	defer j.files.Unlock()
	return j.seal()
}

// Close waits for appends under way and seals the last segment. Closing twice is no error.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	under := j.open
	j.mu.Unlock()
	if under != nil {
		<-under.done
	}
	close(j.closing)
	<-j.stopped
	return j.Seal()
}
