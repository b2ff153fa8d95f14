//go:build unix

package store_test

import (
	"io"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

func limitFileSize(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ) // then the write fails instead
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}

// TestDiskFull lets the file hit a limit in the middle of an import, as on a full disk: an
// error that names the file, and everything as it was.
func TestDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, path, store.Options{})
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("u", "i", 1, 1)}))
	require.NoError(t, db.Close())
	file := parquetFile(t, "e.parquet", "SELECT 'user ' || hash(i) AS user_id, 'item ' || hash(i + 1) AS item_id, i AS ts FROM range(500000) t(i)")
	t.Setenv(limitVar, strconv.Itoa(4<<20))
	p := start(t, path, file, "")
	said, err := io.ReadAll(p.out)
	require.NoError(t, err)
	require.Error(t, p.cmd.Wait(), "%s", said)
	require.Contains(t, string(said), file)

	db = open(t, path, store.Options{})
	require.Equal(t, []recsys.Event{buy("u", "i", 1, 1)}, events(t, db))
	r, err := db.ImportEvents(background, file, store.ImportOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 500_000, r.Inserted)
}
