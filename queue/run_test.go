package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/queue"
	"github.com/recsys-lite/recsys/store"
)

// shop is a database that consumers write to.
type shop struct {
	testing.TB
	db *store.DB

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever a batch was committed
	total   recsys.Delivered
	failing int // commits to refuse
}

func newShop(t testing.TB) *shop {
	t.Helper()
	db, err := store.Open(t.Context(), "", store.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &shop{TB: t, db: db, changed: make(chan struct{})}
}

func (s *shop) take(ctx context.Context, source string, batch []recsys.Delivery) (recsys.Delivered, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing > 0 {
		s.failing--
		return recsys.Delivered{}, store.ErrLocked
	}
	done, err := s.db.Deliver(ctx, source, batch)
	s.total.Events += done.Events
	s.total.Repeated += done.Repeated
	s.total.Dead += done.Dead
	close(s.changed)
	s.changed = make(chan struct{})
	return done, err
}

// until waits until the commits add up to something.
func (s *shop) until(enough func(recsys.Delivered) bool) {
	s.Helper()
	limit := time.After(60 * time.Second)
	for {
		s.mu.Lock()
		total, changed := s.total, s.changed
		s.mu.Unlock()
		if enough(total) {
			return
		}
		select {
		case <-changed:
		case <-limit:
			require.Failf(s, "waited in vain", "%+v", total)
		}
	}
}

func (s *shop) events() []recsys.Event {
	s.Helper()
	events, _, err := s.db.EventsAfter(context.Background(), 0, 1_000_000)
	require.NoError(s, err)
	return events
}

// consume runs until the returned function is called, which waits for the end.
func (s *shop) consume(b queue.Broker, batch int) (stop func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- queue.Run(ctx, b, queue.Options{BatchSize: batch, Wait: 50 * time.Millisecond, Take: s.take})
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			require.ErrorIs(s, <-done, context.Canceled)
		})
	}
	s.Cleanup(stop)
	return stop
}

func event(user string, i int) string {
	return fmt.Sprintf(`{"user_id":%q,"item_id":"i%d","ts":%d}`, user, i, i)
}

// flaky is a broker in memory whose sessions break.
type flaky struct {
	mu       sync.Mutex
	messages []queue.Message // not acknowledged
	connects int
	refuse   error
	breakAck bool
}

func (f *flaky) Source() string { return "flaky" }

func (f *flaky) Connect(context.Context) (queue.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.connects++
	return f, f.refuse
}

func (f *flaky) Fetch(ctx context.Context, limit int, _ time.Duration) ([]queue.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.messages) == 0 {
		f.mu.Unlock()
		<-ctx.Done()
		f.mu.Lock()
		return nil, ctx.Err()
	}
	batch := f.messages[:min(limit, len(f.messages))]
	for i := range batch {
		batch[i].Handle = i
	}
	return append([]queue.Message{}, batch...), nil
}

func (f *flaky) Ack(_ context.Context, messages []queue.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.breakAck = !f.breakAck; f.breakAck {
		for i := range f.messages {
			f.messages[i].Redelivered = true
		}
		return errors.New("the line is dead")
	}
	f.messages = f.messages[len(messages):]
	return nil
}

func (f *flaky) Close() error { return errors.New("dead already") }

// TestRunBreaks: every other acknowledgement gets lost, and some commits fail; each event is
// there once.
func TestRunBreaks(t *testing.T) {
	s := newShop(t)
	s.failing = 2
	f := &flaky{}
	for i := range 10 {
		f.messages = append(f.messages, queue.Message{Body: []byte(event("u", i))})
	}
	stop := s.consume(f, 4)
	s.until(func(d recsys.Delivered) bool { return d.Events == 10 && d.Repeated == 10 })
	stop()
	require.Len(t, s.events(), 10)
	require.GreaterOrEqual(t, f.connects, 3)
}

func TestRunRefused(t *testing.T) {
	s := newShop(t)
	o := queue.Options{BatchSize: 1, Take: s.take}
	err := queue.Run(t.Context(), &flaky{refuse: fmt.Errorf("%w: no", queue.ErrRefused)}, o)
	require.ErrorIs(t, err, queue.ErrRefused)
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	f := &flaky{refuse: errors.New("not yet")}
	require.ErrorIs(t, queue.Run(ctx, f, o), context.DeadlineExceeded)
	require.Greater(t, f.connects, 1)
	require.ErrorIs(t, queue.Run(t.Context(), f, queue.Options{BatchSize: 1}), recsys.ErrInvalidConfig)
	require.ErrorIs(t, queue.Run(t.Context(), f, queue.Options{Take: s.take}), recsys.ErrInvalidConfig)
}
