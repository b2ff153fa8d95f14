package store

import (
	"context"
	"time"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// watchInterval is how often a statement that runs is asked how far it is.
const watchInterval = 100 * time.Millisecond

// watch runs insert, and meanwhile reports how many of the rows are in, as DuckDB estimates it.
func (o ImportOptions) watch(ctx context.Context, c *duck.Conn, rows int64, insert func() error) error {
	if o.Progress == nil {
		return insert()
	}
	for _, setting := range []string{`SET enable_progress_bar = true`, `SET enable_progress_bar_print = false`, `SET progress_bar_time = 0`} {
		if _, err := c.Exec(ctx, setting); err != nil {
			return err
		}
	}
	finished, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(watchInterval)
		defer tick.Stop()
		done := int64(0)
		for {
			select {
			case <-finished:
				return
			case <-tick.C:
			}
			// A statement before the one that counts may have come further.
			if share, ok := c.Progress(); ok && int64(share*float64(rows)) > done {
				done = min(int64(share*float64(rows)), rows)
				o.report("insert", done, rows)
			}
		}
	}()
	err := insert()
	close(finished)
	<-stopped
	return err
}
