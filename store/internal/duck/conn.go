package duck

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Conn is a connection with its own transaction and temporary tables. It is not safe for
// concurrent use.
type Conn struct{ conn mapping.Connection }

// Close closes the connection and rolls back what was not committed.
func (c *Conn) Close() { mapping.Disconnect(&c.conn) }

// Exec runs one statement and returns how many rows it changed.
func (c *Conn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	var changed int64
	err := c.run(ctx, query, args, func(res *mapping.Result) error {
		changed = int64(mapping.RowsChanged(res))
		return nil
	})
	return changed, err
}

// Progress is how much of the statement that runs in another goroutine is done, from 0 to 1;
// false while DuckDB cannot say. It wants the setting enable_progress_bar.
func (c *Conn) Progress() (float64, bool) {
	p := mapping.QueryProgress(c.conn)
	percent, _, _ := mapping.QueryProgressTypeMembers(&p)
	return percent / 100, percent >= 0
}

// Query runs one statement and hands over its result chunk by chunk. A chunk and its slices
// are valid during the call only.
func (c *Conn) Query(ctx context.Context, query string, args []any, each func(*Chunk) error) error {
	return c.run(ctx, query, args, func(res *mapping.Result) error {
		//lint:ignore SA1019 the results are materialised, and DuckDB offers no other count of their chunks
		n := mapping.ResultChunkCount(*res)
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			chunk := newChunk(mapping.ResultGetChunk(*res, i))
			err := each(chunk)
			chunk.close()
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Conn) run(ctx context.Context, query string, args []any, use func(*mapping.Result) error) error {
	var stmt mapping.PreparedStatement
	var res mapping.Result
	defer mapping.DestroyPrepare(&stmt)
	defer mapping.DestroyResult(&res)
	err := c.interruptible(ctx, func() error {
		if mapping.Prepare(c.conn, query, &stmt) == mapping.StateError {
			return Error(mapping.PrepareError(stmt))
		}
		for i, arg := range args {
			if err := bind(stmt, mapping.IdxT(i+1), arg); err != nil {
				return err
			}
		}
		var pending mapping.PendingResult
		defer mapping.DestroyPending(&pending)
		if mapping.PendingPrepared(stmt, &pending) == mapping.StateError {
			return Error(mapping.PendingError(pending))
		}
		if mapping.ExecutePending(pending, &res) == mapping.StateError {
			return Error(mapping.ResultError(&res))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return use(&res)
}

// interruptible runs f, a call into DuckDB, and interrupts it when ctx ends. The interrupt is
// repeated, for DuckDB forgets one that comes before the query has begun.
func (c *Conn) interruptible(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ctx.Done() == nil {
		return f()
	}
	finished := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-finished:
			return
		case <-ctx.Done():
		}
		for {
			mapping.Interrupt(c.conn)
			select {
			case <-finished:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	err := f()
	close(finished)
	<-stopped
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// bind sets parameter i, counted from 1.
func bind(stmt mapping.PreparedStatement, i mapping.IdxT, arg any) error {
	state := mapping.StateError
	switch v := arg.(type) {
	case nil:
		state = mapping.BindNull(stmt, i)
	case bool:
		state = mapping.BindBoolean(stmt, i, v)
	case int:
		state = mapping.BindInt64(stmt, i, int64(v))
	case int64:
		state = mapping.BindInt64(stmt, i, v)
	case float64:
		if math.IsNaN(v) {
			return fmt.Errorf("duckdb: parameter %d is not a number", i)
		}
		state = mapping.BindDouble(stmt, i, v)
	case string:
		state = mapping.BindVarchar(stmt, i, v)
	case []string:
		state = bindStrings(stmt, i, v)
	}
	if state == mapping.StateError {
		return fmt.Errorf("duckdb: cannot bind parameter %d of type %T", i, arg)
	}
	return nil
}

func bindStrings(stmt mapping.PreparedStatement, i mapping.IdxT, list []string) mapping.State {
	varchar := mapping.CreateLogicalType(mapping.TypeVarchar)
	defer mapping.DestroyLogicalType(&varchar)
	values := make([]mapping.Value, len(list))
	for k, s := range list {
		values[k] = mapping.CreateVarcharLength(s, mapping.IdxT(len(s)))
	}
	all := mapping.CreateListValue(varchar, values)
	defer mapping.DestroyValue(&all)
	for k := range values {
		mapping.DestroyValue(&values[k])
	}
	return mapping.BindValue(stmt, i, all)
}
