package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/recsys-lite/recsys"
)

// ErrRefused: the broker will not have us, so that trying again is of no use: wrong
// credentials, say.
var ErrRefused = errors.New("the broker refused the connection")

// Broker is a place that messages come from.
type Broker interface {
	// Source names the queue, the same at every start.
	Source() string
	// Connect opens a session. An error that wraps ErrRefused is final.
	Connect(ctx context.Context) (Session, error)
}

// Session is a connection to a broker, for one goroutine. After an error it can only be closed;
// messages that were not acknowledged are delivered again.
type Session interface {
	// Fetch waits for a message, and then up to wait for more, at most limit together.
	Fetch(ctx context.Context, limit int, wait time.Duration) ([]Message, error)
	// Ack acknowledges messages of this session.
	Ack(ctx context.Context, messages []Message) error
	Close() error
}

// Options says how to consume.
type Options struct {
	// BatchSize is the largest number of messages that are one commit, from 1.
	BatchSize int
	// Wait is how long a batch that is not full waits for more messages.
	Wait time.Duration
	// Take commits a batch and must not return before; store.DB.Deliver does that.
	Take func(ctx context.Context, source string, batch []recsys.Delivery) (recsys.Delivered, error)
	// Log, if set, is told of batches and of what went wrong.
	Log *slog.Logger
}

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 30 * time.Second
	// finish is how long a batch under way may take when the end is asked for.
	finish = 30 * time.Second
)

// Run consumes until ctx ends, and returns its error. A batch that cannot be committed is tried
// again, and a connection that breaks is opened again, with growing pauses. Before it has been
// connected once, an error that wraps ErrRefused is returned.
func Run(ctx context.Context, b Broker, o Options) error {
	if o.BatchSize < 1 || o.Wait < 0 || o.Take == nil {
		return fmt.Errorf("%w: queue: a batch size of at least 1 (%d), a wait that is not negative (%v), and Take are needed", recsys.ErrInvalidConfig, o.BatchSize, o.Wait)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	connected := false
	for pause := newPause(); ; {
		s, err := b.Connect(ctx)
		if err == nil {
			o.Log.Info("connected", "source", b.Source())
			connected = true
			err = consume(ctx, b, s, o, pause)
			if closeErr := s.Close(); closeErr != nil {
				o.Log.Debug("close", "source", b.Source(), "error", closeErr)
			}
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrRefused) && !connected:
			return err
		}
		o.Log.Warn("no connection, tried again", "source", b.Source(), "pause", pause.next, "error", err)
		if err := pause.wait(ctx); err != nil {
			return err
		}
	}
}

// consume moves batches until something goes wrong with the session, or ctx ends.
func consume(ctx context.Context, b Broker, s Session, o Options, pause *pause) error {
	for {
		messages, err := s.Fetch(ctx, o.BatchSize, o.Wait)
		if err != nil {
			return err
		}
		pause.reset()
		if len(messages) == 0 {
			continue
		}
		start := time.Now()
		batch := make([]recsys.Delivery, len(messages))
		for i, m := range messages {
			batch[i] = Parse(m, start)
		}
		done, err := take(ctx, b.Source(), batch, o)
		if err != nil {
			return err
		}
		// The batch is in the store: it is acknowledged also when the end is asked for.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
		err = s.Ack(last, messages)
		cancel()
		if err != nil {
			return fmt.Errorf("acknowledge: %w", err)
		}
		o.Log.Info("batch", "source", b.Source(), "messages", len(messages), "events", done.Events, "repeated", done.Repeated,
			"dead_letters", done.Dead, "forgotten", done.Forgotten, "took", time.Since(start).Round(time.Millisecond))
	}
}

// take commits a batch, however often that takes to work.
func take(ctx context.Context, source string, batch []recsys.Delivery, o Options) (recsys.Delivered, error) {
	for pause := newPause(); ; {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
		done, err := o.Take(last, source, batch)
		cancel()
		if err == nil {
			return done, nil
		}
		o.Log.Error("batch not committed, tried again", "source", source, "messages", len(batch), "pause", pause.next, "error", err)
		if err := pause.wait(ctx); err != nil {
			return done, err
		}
	}
}

// pause grows from wait to wait.
type pause struct{ next time.Duration }

func newPause() *pause { return &pause{firstPause} }

func (p *pause) reset() { p.next = firstPause }

// wait ends early, with an error, when ctx does.
func (p *pause) wait(ctx context.Context) error {
	// A draw keeps many consumers from coming back at the same moment.
	t := time.NewTimer(p.next/2 + rand.N(p.next/2))
	defer t.Stop()
	p.next = min(2*p.next, maxPause)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
