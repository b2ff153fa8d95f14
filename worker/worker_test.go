package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/journal"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/store"
)

func purchase(user, item string, at int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: item, Time: at, Qty: 1, Type: recsys.DefaultEventType}
}

// parquetOf is a Parquet file of events.
func parquetOf(t testing.TB, events []recsys.Event) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "user_id", Type: arrow.BinaryTypes.String}, {Name: "item_id", Type: arrow.BinaryTypes.String},
		{Name: "ts", Type: arrow.PrimitiveTypes.Int64}, {Name: "qty", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, e := range events {
		b.Field(0).(*array.StringBuilder).Append(e.UserID)
		b.Field(1).(*array.StringBuilder).Append(e.ItemID)
		b.Field(2).(*array.Int64Builder).Append(e.Time)
		b.Field(3).(*array.Int64Builder).Append(e.Qty)
	}
	var out strings.Builder
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(b.NewRecordBatch()))
	require.NoError(t, w.Close())
	return []byte(out.String())
}

// shop is a directory with a database, a model and an incremental folder.
type shop struct {
	testing.TB
	dir    string
	events int64 // that must be in the database
}

func (s *shop) path(name string) string { return filepath.Join(s.dir, name) }

func newShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{TB: t, dir: t.TempDir()}
	require.NoError(t, os.Mkdir(s.path("incremental"), 0o700))
	db := s.db()
	var events []recsys.Event
	for u := range 30 {
		for i := u % 2; i < 12; i += 2 {
			if (u/2+i/2)%4 != 0 {
				events = append(events, purchase(fmt.Sprint("u", u), fmt.Sprint("i", i), int64(1000+i)))
			}
		}
	}
	require.NoError(t, db.AppendEvents(t.Context(), events))
	s.events = int64(len(events))
	m, err := als.Kind.New(json.RawMessage(`{"factors": 4, "iterations": 3}`), recsys.Run{Workers: 1})
	require.NoError(t, err)
	d, err := db.Dataset(t.Context(), recsys.DatasetOptions{Sequences: true})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.NoError(t, m.Fit(t.Context(), d))
	a := model.NewArtifact("als", m, d, []recsys.Item{})
	a.Manifest.Created = time.Now().Add(-time.Minute)
	_, err = model.Publish(t.Context(), s.path("model"), a)
	require.NoError(t, err)
	return s
}

func (s *shop) db() *store.DB {
	s.Helper()
	db, err := store.Open(s.Context(), s.path("shop.db"), store.Options{Threads: 2})
	require.NoError(s, err)
	return db
}

func config(dir string) Config {
	return Config{ModelDir: filepath.Join(dir, "model"), DB: filepath.Join(dir, "shop.db"), Options: store.Options{Threads: 2},
		Incremental: filepath.Join(dir, "incremental"), Keep: 3,
		Opener: model.Opener{Kinds: []model.Kind{als.Kind}, Run: recsys.Run{Workers: 1}}}
}

func (s *shop) worker() *Worker {
	s.Helper()
	w, err := New(config(s.dir))
	require.NoError(s, err)
	return w
}

func (s *shop) drop(name string, content []byte) string {
	s.Helper()
	path := filepath.Join(s.path("incremental"), name)
	require.NoError(s, os.WriteFile(path, content, 0o600))
	return path
}

func (s *shop) journal(events ...recsys.Event) string {
	s.Helper()
	j, err := journal.Open(s.path("incremental"), journal.Options{SealEvery: time.Hour})
	require.NoError(s, err)
	_, err = j.Append(s.Context(), events)
	require.NoError(s, err)
	require.NoError(s, j.Close())
	return j.ID()
}

func (s *shop) tick(w *Worker) Report {
	s.Helper()
	r, err := w.Tick(s.Context())
	require.NoError(s, err)
	return r
}

// check makes sure that database and current model hold every event once.
func (s *shop) check() *model.Artifact {
	s.Helper()
	db := s.db()
	st, err := db.Stats(s.Context())
	require.NoError(s, err)
	require.Equal(s, s.events, st.Events)
	d, err := db.Dataset(s.Context(), recsys.DatasetOptions{Sequences: true})
	require.NoError(s, err)
	require.NoError(s, db.Close())
	a, err := model.Open(s.path("model"), als.Kind)
	require.NoError(s, err)
	require.Equal(s, d.Watermark.Seq, a.Manifest.Watermark.Seq)
	require.Equal(s, d.Interactions.NNZ(), a.Interactions.NNZ())
	require.Equal(s, len(d.Sequences.Items), len(a.Sequences.Items))
	for u, id := range d.Users.IDs() {
		to, ok := a.Users.Index(id)
		require.True(s, ok, id)
		have := map[string]float32{}
		cols, values := a.Interactions.Row(int(to))
		for p, c := range cols {
			have[a.Items.ID(c)] = values[p]
		}
		cols, values = d.Interactions.Row(u)
		require.Len(s, have, len(cols))
		for p, c := range cols {
			require.Equal(s, values[p], have[d.Items.ID(c)], id)
		}
	}
	entries, err := os.ReadDir(filepath.Join(s.path("model"), "versions"))
	require.NoError(s, err)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".tmp-") {
			_, err := model.Verify(filepath.Join(s.path("model"), "versions", e.Name()))
			require.NoError(s, err)
		}
	}
	return a
}

func (s *shop) left() []string {
	s.Helper()
	var names []string
	require.NoError(s, filepath.WalkDir(s.path("incremental"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(s.path("incremental"), path)
			names = append(names, rel)
		}
		return err
	}))
	return names
}

func TestTick(t *testing.T) {
	s := newShop(t)
	w := s.worker()
	require.Zero(t, s.tick(w))
	s.drop("events_1.parquet", parquetOf(t, []recsys.Event{purchase("fresh", "i2", 5000), purchase("fresh", "i4", 5001), purchase("u1", "new item", 5002)}))
	s.drop("events_1.parquet.tmp", []byte("PAR1"))
	s.drop(".hidden.parquet", []byte("x"))
	id := s.journal(purchase("fresh", "i6", 6000), purchase("guest", "new item", 6001))
	r := s.tick(w)
	s.events += 5
	require.Equal(t, Imported{Files: 1, Events: 3, JournalEvents: 2}, r.Imported)
	require.Equal(t, recsys.Update{Events: 5, Users: 3, NewUsers: 2, NewItems: 1, Catalogue: true, Journals: true}, r.Update)
	a := s.check()
	require.Equal(t, r.Version, a.Manifest.Version)
	require.Equal(t, map[string]int64{id: 2}, a.Snapshot().Journaled)
	require.Equal(t, []string{".hidden.parquet", "events_1.parquet", "events_1.parquet.tmp"}, s.left(), "segments go once a model has them")
	note, err := a.Manifest.Update()
	require.NoError(t, err)
	require.Equal(t, 1, note.Updates)
	require.NotEqual(t, a.Manifest.Version, note.Base)

	// The engine knows the newcomer.
	e, err := recsys.NewEngine(a.Snapshot())
	require.NoError(t, err)
	top, err := e.Recommend(t.Context(), recsys.Request{UserID: "fresh", K: 1})
	require.NoError(t, err)
	require.Contains(t, []string{"i0", "i8", "i10"}, top.Items[0].Item.ID)

	require.Zero(t, s.tick(w))
	require.Zero(t, s.tick(s.worker()), "another worker knows it too")
	// Under another name it is the same file.
	s.drop("again.parquet", parquetOf(t, []recsys.Event{purchase("fresh", "i2", 5000), purchase("fresh", "i4", 5001), purchase("u1", "new item", 5002)}))
	require.Zero(t, s.tick(w))
	s.check()

	// Versions are pruned by number.
	for i := range 5 {
		s.drop(fmt.Sprintf("more%d.parquet", i), parquetOf(t, []recsys.Event{purchase("fresh", "i2", int64(7000+i))}))
		require.NotEmpty(t, s.tick(w).Version)
		s.events++
	}
	versions, err := model.Versions(s.path("model"))
	require.NoError(t, err)
	require.Len(t, versions, 3)
	require.Equal(t, s.check().Manifest.Version, versions[0].Version)
}

func TestFiles(t *testing.T) {
	s := newShop(t)
	w := s.worker()
	w.inbox.Patience = time.Hour
	whole := parquetOf(t, []recsys.Event{purchase("a", "i1", 1), purchase("b", "i1", 2)})
	partial := s.drop("partial.parquet", whole[:len(whole)-5])
	s.drop("damaged.parquet", append([]byte("PAR1 nothing of the kind, but long enough"), "PAR1"...))
	bad := parquetOf(t, []recsys.Event{purchase("c", "i1", 1), purchase("", "i1", 2)})
	s.drop("bad rows.parquet", bad)
	r := s.tick(w)
	s.events++
	require.Equal(t, Imported{Files: 1, Events: 1, Rejected: 1, Waiting: 1, Quarantined: 1}, r.Imported)
	reason, err := os.ReadFile(s.path("incremental/quarantine/damaged.parquet.reason.txt"))
	require.NoError(t, err)
	require.Contains(t, string(reason), "not a complete Parquet file")
	require.FileExists(t, s.path("incremental/quarantine/damaged.parquet"))
	rejects, err := os.ReadFile(s.path("incremental/quarantine/bad rows.parquet.rejects.csv"))
	require.NoError(t, err)
	require.Contains(t, string(rejects), "missing user_id")

	// The rest of the partial file arrives.
	require.NoError(t, os.WriteFile(partial, whole, 0o600))
	r = s.tick(w)
	s.events += 2
	require.Equal(t, Imported{Files: 1, Events: 2}, r.Imported)
	// One that never does moves away when patience ends, whatever the clock says.
	partial = s.drop("never.parquet", whole[:40])
	require.NoError(t, os.Chtimes(partial, time.Time{}, time.Now().Add(1000*time.Hour)))
	require.Equal(t, 1, s.tick(w).Imported.Waiting)
	w.inbox.Patience = time.Nanosecond
	require.Equal(t, 1, s.tick(w).Imported.Quarantined)
	require.FileExists(t, s.path("incremental/quarantine/never.parquet"))
	s.drop("never.parquet", whole[:41])
	require.Equal(t, 1, s.tick(w).Imported.Quarantined)
	require.FileExists(t, s.path("incremental/quarantine/2-never.parquet"))
	s.check()
}

func TestDamagedSegment(t *testing.T) {
	s := newShop(t)
	id := s.journal(purchase("a", "i1", 1), purchase("b", "i1", 2))
	segments, err := journal.Segments(s.path("incremental"))
	require.NoError(t, err)
	f, err := os.OpenFile(segments[0].Path, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = f.WriteString("garbage\n")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	r := s.tick(s.worker())
	s.events += 2
	require.Equal(t, 2, r.Imported.JournalEvents)
	require.Equal(t, 1, r.Imported.Quarantined)
	require.Len(t, s.left(), 2)
	require.Equal(t, map[string]int64{id: 2}, s.check().Snapshot().Journaled)
}

// TestSegmentReleasedByAnother: another worker may remove a segment after it was listed. The
// events of those before it are imported nevertheless, and not as those of the next journal.
func TestSegmentReleasedByAnother(t *testing.T) {
	s := newShop(t)
	event := `{"seq":%d,"user_id":"u0","item_id":"i1","ts":2000,"qty":1,"event_type":"purchase"}` + "\n"
	missing := func(name string) { // a name in the directory, and nothing behind it
		require.NoError(t, os.Symlink(s.path("nothing"), s.path("incremental/"+name)))
	}
	s.drop("journal-aa-1.jsonl", []byte(fmt.Sprintf(event, 1)))
	missing("journal-aa-2.jsonl")
	s.drop("journal-bb-5.jsonl", []byte(fmt.Sprintf(event, 5)))
	missing("journal-bb-6.jsonl")
	db := s.db()
	defer db.Close()
	var done Imported
	inbox := &Inbox{Dir: s.path("incremental"), Journals: true}
	segments, err := inbox.importJournals(t.Context(), db, &done)
	require.NoError(t, err)
	require.Len(t, segments, 2)
	require.Equal(t, 2, done.JournalEvents)
	marks, err := db.Journals(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"aa": 1, "bb": 5}, marks)
}

func TestWithoutModel(t *testing.T) {
	s := newShop(t)
	cfg := config(s.dir)
	cfg.ModelDir = s.path("none yet")
	w, err := New(cfg)
	require.NoError(t, err)
	s.journal(purchase("a", "i1", 1))
	s.drop("x.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 1)}))
	r, err := w.Tick(t.Context())
	require.NoError(t, err)
	require.Equal(t, Imported{Files: 1, Events: 1, JournalEvents: 1}, r.Imported)
	require.Empty(t, r.Version)
	require.Equal(t, []string{"x.parquet"}, s.left())

	for _, broken := range []func(*Config){func(c *Config) { c.Keep = 0 }, func(c *Config) { c.DB = "" }, func(c *Config) { c.ModelDir = "" }, func(c *Config) { c.BatchSize = -1 }} {
		cfg := config(s.dir)
		broken(&cfg)
		_, err := New(cfg)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	}
	require.ErrorIs(t, w.Run(t.Context(), 0), recsys.ErrInvalidConfig)
}

// TestRetrained lets a model be published, and a user be forgotten, between two ticks.
func TestRetrained(t *testing.T) {
	s := newShop(t)
	w := s.worker()
	s.drop("1.parquet", parquetOf(t, []recsys.Event{purchase("a", "i1", 1)}))
	first := s.tick(w).Version
	s.events++
	versions, err := model.Versions(s.path("model"))
	require.NoError(t, err)
	require.NoError(t, model.Promote(s.path("model"), versions[1].Version))
	require.NotEqual(t, first, versions[1].Version)
	s.drop("2.parquet", parquetOf(t, []recsys.Event{purchase("b", "i1", 2)}))
	r := s.tick(w)
	s.events++
	require.Equal(t, 2, r.Update.Events, "the older model lacks both")
	s.check()
}

// A model of a clock that was ahead: versions go on in order, and the newest is kept.
func TestClockSetBack(t *testing.T) {
	s := newShop(t)
	a, err := model.Open(s.path("model"), als.Kind)
	require.NoError(t, err)
	a.Manifest.Created = time.Now().Add(240 * time.Hour)
	a.Manifest.Version = ""
	_, err = model.Publish(t.Context(), s.path("model"), a)
	require.NoError(t, err)
	w := s.worker()
	for i := range 5 {
		s.drop(fmt.Sprint(i, ".parquet"), parquetOf(t, []recsys.Event{purchase("a", "i1", int64(i))}))
		r := s.tick(w)
		s.events++
		versions, err := model.Versions(s.path("model"))
		require.NoError(t, err)
		require.Equal(t, r.Version, versions[0].Version)
	}
	s.check()
}

func TestChores(t *testing.T) {
	s := newShop(t)
	cfg := config(s.dir)
	due, ran := true, 0
	cfg.Chores = []Chore{{Name: "retention", Due: func(time.Time) bool { return due }, Do: func(ctx context.Context, db *store.DB) error {
		ran++
		return db.SetSetting(ctx, "swept", "yes") // it is open for writing
	}}}
	w, err := New(cfg)
	require.NoError(t, err)
	s.tick(w)
	due = false
	s.tick(w)
	require.Equal(t, 1, ran)
}

func TestConfigReportsEveryFault(t *testing.T) {
	_, err := New(Config{BatchSize: -2, Patience: -time.Second, Retrain: Retrain{TestSize: 1.5}})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	for _, fault := range []string{"ModelDir is empty", "DB is empty", "Keep is 0", "BatchSize is -2", "Patience is -1s", "Retrain.TestSize is 1.5"} {
		require.ErrorContains(t, err, fault)
	}
}
