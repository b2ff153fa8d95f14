package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// Run ticks every interval, and retrains when that is due, until ctx ends, and returns its
// error. What fails is logged and tried again. Ticks go on during a retraining, and one follows
// it at once, so that its model learns of what came meanwhile.
func (w *Worker) Run(ctx context.Context, interval time.Duration) error {
	if interval <= 0 {
		return fmt.Errorf("%w: worker: interval %v, it must be positive", recsys.ErrInvalidConfig, interval)
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	due := newDue(w.cfg.Retrain.Schedule, time.Now())
	var retraining chan struct{} // closed when it ends; nil while there is none
	for {
		w.plan(interval, due.next)
		_, err := w.Tick(ctx)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, store.ErrLocked):
			w.log.Warn("database in use, tried again at the next tick", "error", err)
		case err != nil:
			w.log.Error("tick failed, tried again at the next", "error", err)
		}
		select {
		case <-ctx.Done():
			if retraining != nil {
				<-retraining
			}
			return ctx.Err()
		case <-retraining:
			retraining = nil
		case <-tick.C:
		case <-due.timer(time.Now()):
		}
		if due.now(time.Now()) && retraining == nil {
			retraining = make(chan struct{})
			go func(done chan struct{}) {
				defer close(done)
				if _, err := w.Retrain(ctx); err != nil && ctx.Err() == nil {
					w.log.Error("retraining failed, the current model stays", "error", err)
				}
			}(retraining)
		}
	}
}

// due is when the next retraining is.
type due struct {
	schedule Schedule
	next     time.Time
}

func newDue(s Schedule, now time.Time) *due {
	d := &due{schedule: s}
	if s != nil {
		d.next = s.Next(now)
	}
	return d
}

// timer fires when it is due, by the present clock; a nil channel never does.
func (d *due) timer(now time.Time) <-chan time.Time {
	if d.schedule == nil || d.next.IsZero() {
		return nil
	}
	// A clock that was set back makes the next time nearer than the one noted.
	if n := d.schedule.Next(now); n.Before(d.next) {
		d.next = n
	}
	return time.After(max(d.next.Sub(now), 0))
}

// now says whether it is due, and looks ahead if so.
func (d *due) now(now time.Time) bool {
	if d.schedule == nil || d.next.IsZero() || now.Before(d.next) {
		return false
	}
	d.next = d.schedule.Next(now)
	return true
}
