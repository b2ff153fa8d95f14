package duck

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func connect(t *testing.T) *Conn {
	t.Helper()
	db, err := Open("", map[string]string{"threads": "2"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	c, err := db.Connect()
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// TestCancel: a query that would run for hours ends with its context, and the connection is
// good for another.
func TestCancel(t *testing.T) {
	c := connect(t)
	ctx, cancel := context.WithCancel(context.Background())
	var ended time.Time
	time.AfterFunc(100*time.Millisecond, func() { ended = time.Now(); cancel() })
	_, err := c.Exec(ctx, `SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range) = hash(b.range) + 1 OR a.range * b.range = -1`)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(ended), 5*time.Second)
	_, err = c.Exec(context.Background(), `SELECT 1`)
	require.NoError(t, err)
}

func TestValues(t *testing.T) {
	c := connect(t)
	long := strings.Repeat("ü", 600)
	rows := 0
	err := c.Query(context.Background(), `SELECT ?::VARCHAR, ?::VARCHAR, ?::BIGINT, ?::DOUBLE, ?::BOOLEAN, ?::VARCHAR, len(?::VARCHAR[]), 7::INTEGER FROM range(3000)`,
		[]any{"a\x00b", long, int64(-5), 1.5, true, nil, []string{"'", ""}}, func(k *Chunk) error {
			for r := range k.Len() {
				require.Equal(t, "a\x00b", k.String(0, r))
				require.Equal(t, long, k.String(1, r))
				require.EqualValues(t, -5, k.Int64(2)[r])
				require.EqualValues(t, 1.5, k.Float64(3)[r])
				require.True(t, k.Bool(4)[r])
				require.True(t, k.Null(5, r))
				require.False(t, k.Null(0, r))
				require.EqualValues(t, 2, k.Int64(6)[r])
				require.EqualValues(t, 7, k.Int32(7)[r])
			}
			rows += k.Len()
			return nil
		})
	require.NoError(t, err)
	require.Equal(t, 3000, rows)
	for _, bad := range []any{struct{}{}, []int{1}} {
		_, err := c.Exec(context.Background(), `SELECT ?`, bad)
		require.ErrorContains(t, err, "cannot bind")
	}
	_, err = c.Exec(context.Background(), `SELEC`)
	require.ErrorContains(t, err, "syntax error")
	_, err = Open("", map[string]string{"no_such_setting": "1"})
	require.ErrorContains(t, err, "no_such_setting")
}
