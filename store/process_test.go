//go:build unix

package store_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
)

// The test binary is its own helper process: with this variable set it imports a file.
const helperVar = "RECSYS_STORE_TEST_IMPORT"

// limitVar is the size in bytes that no file of the helper may grow beyond.
const limitVar = "RECSYS_STORE_TEST_LIMIT"

func TestMain(m *testing.M) {
	if spec := os.Getenv(helperVar); spec != "" {
		if err := helper(strings.Split(spec, "\n")); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// helper imports file into db. It says when it is at the stage stop, and then waits for a line
// of input, for ever if none comes.
func helper(spec []string) error {
	path, file, stop := spec[0], spec[1], spec[2]
	wait := func(stage string) {
		if stage == stop {
			fmt.Println("at", stage)
			if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
				select {}
			}
			stop = ""
		}
	}
	if text := os.Getenv(limitVar); text != "" {
		if err := limitFileSize(text); err != nil {
			return err
		}
	}
	db, err := store.Open(background, path, store.Options{Threads: 2, LockTimeout: 30 * time.Second})
	if err != nil {
		return err
	}
	defer db.Close()
	wait("open")
	r, err := db.ImportEvents(background, file, store.ImportOptions{Progress: func(p recsys.Progress) { wait(p.Stage) }})
	if err != nil {
		return err
	}
	wait("committed")
	fmt.Println("inserted", r.Inserted, "already", r.AlreadyApplied)
	return db.Close()
}

// child is a running helper.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, db, file, stop string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVar+"="+strings.Join([]string{db, file, stop}, "\n"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &child{cmd: cmd, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return c
}

func (c *child) expect(t *testing.T, prefix string) string {
	t.Helper()
	line, err := c.out.ReadString('\n')
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(line, prefix), "%q, not %q", line, prefix)
	return line
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Kill())
	_ = c.cmd.Wait() // reports the kill
}

// TestKilled kills an import at each stage; after a rerun each event is there once.
func TestKilled(t *testing.T) {
	const rows = 300_000
	file := parquetFile(t, "e.parquet", fmt.Sprintf("SELECT 'u' || i %% 1000 AS user_id, 'i' || i AS item_id, i AS ts FROM range(%d) t(i)", rows))
	text := write(t, "e.csv", "user_id,item_id,ts\n"+strings.Repeat("u,i,1\n", 150_000))
	for _, c := range []struct {
		stage, file string
		rows, after int64
	}{
		{"open", file, rows, 0}, {"read", file, rows, 0}, {"insert", file, rows, 0}, {"commit", file, rows, 0}, {"committed", file, rows, rows},
		{"read", text, 150_000, 0}, {"insert", text, 150_000, 0}, {"commit", text, 150_000, 0},
	} {
		t.Run(c.stage+filepath.Ext(c.file), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.db")
			p := start(t, path, c.file, c.stage)
			p.expect(t, "at "+c.stage)
			p.kill(t)

			// First for reading only, with the .wal file still there.
			db, err := store.Open(background, path, store.Options{ReadOnly: true})
			require.NoError(t, err)
			st, err := db.Stats(background)
			require.NoError(t, err)
			require.Equal(t, c.after, st.Events, "all or nothing")
			require.NoError(t, db.Close())
			db, err = store.Open(background, path, store.Options{})
			require.NoError(t, err)
			r, err := db.ImportEvents(background, c.file, store.ImportOptions{})
			require.NoError(t, err)
			require.Equal(t, c.after > 0, r.AlreadyApplied)
			st, err = db.Stats(background)
			require.NoError(t, err)
			require.Equal(t, c.rows, st.Events)
			require.NoError(t, db.Close())
			requireOnly(t, path)
		})
	}
}

// requireOnly checks that a closed database leaves nothing beside its file.
func requireOnly(t *testing.T, path string) {
	t.Helper()
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	for _, e := range left {
		require.Equal(t, filepath.Base(path), e.Name())
	}
}

// TestTwoProcesses has two processes import one file: one waits for the other, and finds it
// done.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	file := write(t, "e.csv", "user_id,item_id,ts\nu,i,1\nu,j,2\n")
	first := start(t, path, file, "commit")
	first.expect(t, "at commit")
	second := start(t, path, file, "")
	time.Sleep(100 * time.Millisecond) // it gets to the lock meanwhile, or comes later: both must work
	_, err := io.WriteString(first.in, "go\n")
	require.NoError(t, err)
	first.expect(t, "inserted 2 already false")
	second.expect(t, "inserted 2 already true")
	require.NoError(t, first.cmd.Wait())
	require.NoError(t, second.cmd.Wait())
	require.Len(t, events(t, open(t, path, store.Options{})), 2)
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	holder := start(t, path, "unused", "open")
	holder.expect(t, "at open")
	began := time.Now()
	_, err := store.Open(background, path, store.Options{LockTimeout: 300 * time.Millisecond})
	require.ErrorIs(t, err, store.ErrLocked)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "300ms")
	require.GreaterOrEqual(t, time.Since(began), 300*time.Millisecond)
	_, err = store.Open(background, path, store.Options{LockTimeout: -1, ReadOnly: true})
	require.ErrorIs(t, err, store.ErrLocked)
	ctx, cancel := contextAfter(50 * time.Millisecond)
	defer cancel()
	_, err = store.Open(ctx, path, store.Options{LockTimeout: time.Minute})
	require.ErrorIs(t, err, ctx.Err())
	time.AfterFunc(100*time.Millisecond, func() { _ = holder.cmd.Process.Kill() })
	db, err := store.Open(background, path, store.Options{LockTimeout: time.Minute})
	require.NoError(t, err, "the lock ends with its process")
	require.NoError(t, db.Close())
}
