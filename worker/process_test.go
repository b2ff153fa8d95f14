//go:build unix

package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

// The test binary is its own helper process: with this variable set it ticks once in the shop
// of that directory, says at which step it is, and stops for ever at the step of that number.
const helperVar = "RECSYS_WORKER_TEST"

func TestMain(m *testing.M) {
	if spec := os.Getenv(helperVar); spec != "" {
		if err := helper(spec); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println("done")
		os.Exit(0)
	}
	if dir := os.Getenv(loopVar); dir != "" {
		if err := loop(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// loopVar has the helper make five ticks, as the worker of BenchmarkServing.
const loopVar = "RECSYS_WORKER_BENCH"

func loop(dir string) error {
	w, err := New(benchConfig(dir))
	if err != nil {
		return err
	}
	t := &testing.B{}
	for n := range 5 {
		drop(t, dir, n)
		r, err := w.Tick(context.Background())
		if err != nil {
			return err
		}
		fmt.Println(r.Version)
	}
	return nil
}

func helper(spec string) error {
	dir, number, _ := strings.Cut(spec, "\n")
	stop, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	w, err := New(config(dir))
	if err != nil {
		return err
	}
	w.inbox.Patience = time.Nanosecond
	w.step = func(name string) {
		fmt.Println(name)
		if stop--; stop == 0 {
			fmt.Println("stopped")
			select {}
		}
	}
	_, err = w.Tick(context.Background())
	return err
}

// ticking is a running helper; lines are what it printed.
type ticking struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startTick(t testing.TB, dir string, stop int) *ticking {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVar+"="+dir+"\n"+strconv.Itoa(stop))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return &ticking{cmd, bufio.NewScanner(out)}
}

// until reads to a line; it returns the line before, and whether the line came.
func (k *ticking) until(line string) (before string, ok bool) {
	for k.lines.Scan() {
		if k.lines.Text() == line {
			return before, true
		}
		before = k.lines.Text()
	}
	return before, false
}

func (k *ticking) kill(t testing.TB) {
	t.Helper()
	require.NoError(t, k.cmd.Process.Kill())
	_ = k.cmd.Wait() // reports the kill
}

// copied is another shop with the same contents.
func (s *shop) copied(t testing.TB) *shop {
	t.Helper()
	c := &shop{TB: t, dir: t.TempDir(), events: s.events}
	require.NoError(t, os.CopyFS(c.dir, os.DirFS(s.dir)))
	return c
}

// busy is a shop where a tick has something of everything to do.
func busy(t testing.TB) *shop {
	s := newShop(t)
	cfg := config(s.dir)
	w, err := New(cfg)
	require.NoError(t, err)
	for i := range 3 { // versions to prune
		s.drop(fmt.Sprint("old", i, ".parquet"), parquetOf(t, []recsys.Event{purchase("old", "i1", int64(i))}))
		s.tick(w)
		s.events++
	}
	s.drop("1.parquet", parquetOf(t, []recsys.Event{purchase("ann", "i1", 1), purchase("ben", "new", 2)}))
	s.drop("2.parquet", parquetOf(t, []recsys.Event{purchase("ann", "i3", 3)}))
	s.drop("3.parquet", []byte("PAR1, but no more than that"))
	s.journal(purchase("cleo", "i5", 4), purchase("ann", "new", 5))
	s.journal(purchase("dora", "i7", 6))
	s.events += 6
	return s
}

// TestKilledAtEveryStep kills a worker between any two changes to disk; the next one completes
// what it left.
func TestKilledAtEveryStep(t *testing.T) {
	steps := map[string]bool{}
	template := busy(t)
	for stop := 1; ; stop++ {
		s := template.copied(t)
		p := startTick(t, s.dir, stop)
		step, stopped := p.until("stopped")
		if !stopped {
			require.Equal(t, "done", step)
			break
		}
		steps[strings.Fields(step)[0]] = true
		p.kill(t)
		w := s.worker()
		w.inbox.Patience = time.Nanosecond
		s.tick(w)
		s.check()
		require.Len(t, s.left(), 7, "after %s: the segments are gone, the broken file is in quarantine with its reason: %v", step, s.left())
		require.Zero(t, s.tick(w), step)
	}
	for _, want := range []string{"opened", "file", "imported", "reason", "journal", "journaled", "updated", "closed", "published", "released", "pruned"} {
		require.Contains(t, steps, want)
	}
}

// TestKilledBeforeRelease: the model that a killed worker published knows of every file that it
// left, however many servers wrote them, so that a server that starts reads none of their events
// a second time. Once the files are gone, the model need not name their journals for ever.
func TestKilledBeforeRelease(t *testing.T) {
	s := newShop(t)
	const servers = recsys.MaxJournals + 20
	for n := range servers {
		line := fmt.Sprintf(`{"seq":1,"user_id":"u%d","item_id":"i1","ts":2000,"qty":1,"event_type":"purchase"}`+"\n", n%30)
		s.drop(fmt.Sprintf("journal-%016x-%020d.jsonl", n, 1), []byte(line))
	}
	s.events += servers
	template := s.copied(t)
	imported := startTick(t, s.dir, -1)
	steps := 0
	for imported.lines.Scan() && imported.lines.Text() != "published" {
		steps++
	}
	require.NoError(t, imported.cmd.Wait())

	s = template
	p := startTick(t, s.dir, steps+1)
	step, stopped := p.until("stopped")
	require.True(t, stopped)
	require.Equal(t, "published", step)
	p.kill(t)
	require.Len(t, s.left(), servers)
	engine, err := recsys.NewEngine(s.check().Snapshot())
	require.NoError(t, err)
	segments, err := journal.Segments(s.path("incremental"))
	require.NoError(t, err)
	before := make(map[string]uint64)
	for u := range 30 {
		before[fmt.Sprint("u", u)] = engine.Revision(fmt.Sprint("u", u))
	}
	for _, segment := range segments {
		r, err := segment.Read()
		require.NoError(t, err)
		for first, events := range r.Runs() {
			engine.Record(recsys.LiveEvents{Journal: segment.Journal, First: first, Events: events})
		}
	}
	for user, revision := range before {
		require.Equal(t, revision, engine.Revision(user), "an event of %s was counted twice", user)
	}

	w := s.worker()
	s.tick(w)
	require.Empty(t, s.left())
	s.journal(purchase("u0", "i1", 3000))
	s.events++
	s.tick(w)
	require.Len(t, s.check().Snapshot().Journaled, recsys.MaxJournals)
}

// TestKilledAnywhere kills it at any moment, within steps too.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("many processes")
	}
	template := busy(t)
	for range 12 {
		s := template.copied(t)
		p := startTick(t, s.dir, -1)
		_, opened := p.until("opened")
		require.True(t, opened)
		time.Sleep(time.Duration(rand.Int64N(int64(150 * time.Millisecond)))) // the moment is the draw
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		w := s.worker()
		w.inbox.Patience = time.Nanosecond
		s.tick(w)
		s.check()
		require.Zero(t, s.tick(w))
	}
}

// TestTwoWorkers has two processes and one more worker on one database and one model.
func TestTwoWorkers(t *testing.T) {
	s := busy(t)
	first := startTick(t, s.dir, 1)
	_, stopped := first.until("stopped")
	require.True(t, stopped)
	w := s.worker()
	w.cfg.Options.LockTimeout = -1
	_, err := w.Tick(t.Context())
	require.ErrorIs(t, err, store.ErrLocked, "the other one has the database")
	require.ErrorContains(t, err, "shop.db")
	first.kill(t)

	var wg sync.WaitGroup
	for range 2 {
		p := startTick(t, s.dir, -1)
		wg.Go(func() {
			if _, done := p.until("done"); !done {
				t.Error("a worker failed")
			}
			_ = p.cmd.Wait()
		})
	}
	wg.Wait()
	s.check()
}

// TestServerKilled: the open segment of a server that is gone is imported; that of one that
// runs is left until it is sealed.
func TestServerKilled(t *testing.T) {
	s := newShop(t)
	j, err := journal.Open(s.path("incremental"), journal.Options{SealEvery: time.Hour})
	require.NoError(t, err)
	_, err = j.Append(t.Context(), []recsys.Event{purchase("a", "i1", 1)})
	require.NoError(t, err)
	w := s.worker()
	require.Zero(t, s.tick(w))
	require.NoError(t, j.Close())
	sealed := s.left()[0]
	require.NoError(t, os.Rename(s.path("incremental/"+sealed), s.path("incremental/"+sealed+".open")), "as a killed server leaves it")
	require.Equal(t, 1, s.tick(w).Imported.JournalEvents)
	s.events++
	s.check()
	require.Empty(t, s.left())
}

// small mounts a file system of that size in place of a folder of the shop.
func (s *shop) small(t *testing.T, name, options string, flags uintptr) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root to mount a file system")
	}
	path := s.path(name)
	require.NoError(t, os.MkdirAll(path, 0o700))
	old := s.path(name + " before")
	require.NoError(t, os.Rename(path, old))
	require.NoError(t, os.Mkdir(path, 0o700))
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, options); err != nil {
		t.Skip("cannot mount a file system:", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(path, syscall.MNT_DETACH)) })
	require.NoError(t, os.CopyFS(path, os.DirFS(old)))
	if flags != 0 {
		require.NoError(t, syscall.Mount("", path, "", syscall.MS_REMOUNT|flags, ""))
	}
}

// TestFullDisk has no room for a new version: the events stay in the database, the segments
// where they are, and the next tick with room completes it.
func TestFullDisk(t *testing.T) {
	s := newShop(t)
	s.small(t, "model", "size=200k", 0)
	ballast := s.path("model/ballast")
	f, err := os.Create(ballast)
	require.NoError(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, f.Close())
	before, err := model.Current(s.path("model"))
	require.NoError(t, err)
	s.journal(purchase("a", "new", 1))
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 2)}))
	w := s.worker()
	for range 2 {
		_, err = w.Tick(t.Context())
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.ErrorContains(t, err, "publish an update")
		require.Len(t, s.left(), 2)
		now, err := model.Current(s.path("model"))
		require.NoError(t, err)
		require.Equal(t, before, now)
	}
	require.NoError(t, os.Remove(ballast))
	require.Equal(t, 2, s.tick(w).Update.Events)
	s.events += 2
	s.check()
	require.Equal(t, []string{"x.parquet"}, s.left())
}

// TestReadOnly: files that cannot be moved away are imported all the same, and a model
// directory that cannot be written to is an error that names it.
func TestReadOnly(t *testing.T) {
	s := newShop(t)
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 2)}))
	s.drop("bad.parquet", []byte("PAR1, and the same at the end: PAR1"))
	s.small(t, "incremental", "", syscall.MS_RDONLY)
	w := s.worker()
	r := s.tick(w)
	s.events++
	require.Equal(t, Imported{Files: 1, Events: 1}, r.Imported)
	require.Zero(t, s.tick(w), "the bad file is not read again")
	s.check()

	s = newShop(t)
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 2)}))
	s.small(t, "model", "", syscall.MS_RDONLY)
	_, err := s.worker().Tick(t.Context())
	require.ErrorIs(t, err, syscall.EROFS)
	require.ErrorContains(t, err, s.path("model"))
}

// TestFileDisappears takes a file away at the moment when it is about to be read.
func TestFileDisappears(t *testing.T) {
	s := newShop(t)
	w := s.worker()
	path := s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 2)}))
	s.drop("y.parquet", parquetOf(t, []recsys.Event{purchase("b", "i3", 2)}))
	away := filepath.Join(s.dir, "x.parquet")
	w.step = func(name string) {
		if name == "file x.parquet" {
			if err := os.Rename(path, away); err != nil {
				panic(err)
			}
		}
	}
	require.Equal(t, Imported{Files: 1, Events: 1, Waiting: 1}, s.tick(w).Imported)
	w.step = nil
	require.NoError(t, os.Rename(away, path))
	require.Equal(t, Imported{Files: 1, Events: 1}, s.tick(w).Imported)
	s.events += 2
	s.check()
}

func TestRunGoesOn(t *testing.T) {
	s := newShop(t)
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 2)}))
	w := s.worker()
	ctx, cancel := context.WithCancel(t.Context())
	failed := false
	w.cfg.Chores = []Chore{{Name: "breaks once", Due: func(time.Time) bool { return !failed }, Do: func(context.Context, *store.DB) error {
		failed = true
		return errors.New("no such luck")
	}}}
	w.step = func(name string) {
		if name == "published" {
			cancel()
		}
	}
	require.ErrorIs(t, w.Run(ctx, time.Millisecond), context.Canceled)
	require.True(t, failed)
	s.events++
	s.check()
}
