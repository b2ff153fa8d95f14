package httpapi

import (
	"context"
	"sync"
	"time"
)

// deadline is context.WithDeadline for work that mostly looks at Err and at the clock: it sets
// a timer only when somebody waits for Done. With timer and registration at the parent, which
// few requests need, a context costs as much as writing the answer.
type deadline struct {
	context.Context // the parent
	end             time.Time

	mu      sync.Mutex
	stopped bool
	err     error           // what Err has said, which stays
	timed   context.Context // with a timer, once Done was called
	cancel  context.CancelFunc
}

// stop ends the context, as a CancelFunc does.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	if d.cancel != nil {
		d.cancel()
	}
}

func (d *deadline) Deadline() (time.Time, bool) {
	if end, ok := d.Context.Deadline(); ok && end.Before(d.end) {
		return end, true
	}
	return d.end, true
}

func (d *deadline) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timed == nil {
		d.timed, d.cancel = context.WithDeadline(d.Context, d.end)
		if d.stopped {
			d.cancel()
		}
	}
	return d.timed.Done()
}

func (d *deadline) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = d.now()
	}
	return d.err
}

// now is the error that the context has at this moment.
func (d *deadline) now() error {
	if d.timed != nil {
		return d.timed.Err()
	}
	if err := d.Context.Err(); err != nil {
		return err
	}
	switch {
	case d.stopped:
		return context.Canceled
	case time.Now().After(d.end):
		return context.DeadlineExceeded
	}
	return nil
}
