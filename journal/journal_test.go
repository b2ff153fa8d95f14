package journal_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
)

// never is a seal interval that no test lives to see.
const never = time.Hour

func buy(user string, at int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: "tea <&> \u2028 Σ", Time: at, Qty: 1, Type: "purchase"}
}

func open(t *testing.T, dir string, o journal.Options) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

// read returns the events of all sealed segments by journal and number; it fails on a number
// that comes twice.
func read(t *testing.T, dir string) map[string]map[int64]recsys.Event {
	t.Helper()
	segments, err := journal.Segments(dir)
	require.NoError(t, err)
	all := map[string]map[int64]recsys.Event{}
	for _, s := range segments {
		r, err := s.Read()
		require.NoError(t, err)
		require.Empty(t, r.Bad)
		require.LessOrEqual(t, s.First, r.Seqs[0])
		if all[s.Journal] == nil {
			all[s.Journal] = map[int64]recsys.Event{}
		}
		for i, seq := range r.Seqs {
			require.NotContains(t, all[s.Journal], seq)
			all[s.Journal][seq] = r.Events[i]
		}
	}
	return all
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestAppend(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "incremental")
	j := open(t, dir, journal.Options{SealEvery: never})
	first, err := j.Append(t.Context(), []recsys.Event{{UserID: "a", ItemID: "x", Time: 1, Qty: -2}, buy("b", 2)})
	require.NoError(t, err)
	require.EqualValues(t, 1, first)
	first, err = j.Append(t.Context(), []recsys.Event{buy("c", 3)})
	require.NoError(t, err)
	require.EqualValues(t, 3, first)
	require.Empty(t, read(t, dir), "what is written is out of the worker's sight")
	done, err := journal.Recover(t.Context(), dir)
	require.NoError(t, err)
	require.Zero(t, done, "a segment of a living server is left alone")
	require.NoError(t, j.Seal())
	require.NoError(t, j.Seal(), "nothing to seal")
	want := map[int64]recsys.Event{1: {UserID: "a", ItemID: "x", Time: 1, Qty: -2, Type: "purchase"}, 2: buy("b", 2), 3: buy("c", 3)}
	require.Equal(t, want, read(t, dir)[j.ID()])

	_, err = j.Append(t.Context(), []recsys.Event{buy("d", 4), buy("", 4)})
	require.ErrorIs(t, err, recsys.ErrInvalidData)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = j.Append(cancelled, []recsys.Event{buy("d", 4)})
	require.ErrorIs(t, err, context.Canceled)
	first, err = j.Append(t.Context(), []recsys.Event{buy("e", 5)})
	require.NoError(t, err)
	require.EqualValues(t, 4, first)
	require.NoError(t, j.Close())
	require.NoError(t, j.Close())
	_, err = j.Append(t.Context(), []recsys.Event{buy("f", 6)})
	require.ErrorIs(t, err, journal.ErrClosed)
	want[4] = buy("e", 5)
	require.Equal(t, want, read(t, dir)[j.ID()])
	require.Len(t, files(t, dir), 2)

	require.NotEqual(t, j.ID(), open(t, dir, journal.Options{}).ID())
	_, err = journal.Open(dir, journal.Options{SealEvery: -1})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	_, err = journal.Open(filepath.Join(dir, files(t, dir)[0]), journal.Options{})
	require.Error(t, err)
}

func TestSealsByItself(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, journal.Options{SealEvery: time.Millisecond})
	_, err := j.Append(t.Context(), []recsys.Event{buy("a", 1)})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(read(t, dir)) == 1 }, 10*time.Second, time.Millisecond)

	j = open(t, dir, journal.Options{SealEvery: never, MaxSegment: 1})
	for range 9 {
		_, err = j.Append(t.Context(), []recsys.Event{buy("a", 1)})
		require.NoError(t, err)
	}
	require.Len(t, read(t, dir)[j.ID()], 9, "every event fills a segment")
}

func TestConcurrent(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, journal.Options{SealEvery: time.Millisecond, MaxSegment: 2000})
	const callers, calls = 8, 40
	var wg sync.WaitGroup
	var mu sync.Mutex
	want := map[int64]recsys.Event{}
	for c := range callers {
		wg.Go(func() {
			for i := range calls {
				events := []recsys.Event{buy(fmt.Sprint(c), int64(i)), buy(fmt.Sprint(c), int64(i)+1)}
				first, err := j.Append(t.Context(), events)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				want[first], want[first+1] = events[0], events[1]
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.NoError(t, j.Close())
	require.Len(t, want, callers*calls*2)
	require.Equal(t, want, read(t, dir)[j.ID()])
}

// TestTorn cuts a segment that nobody has open at every byte: what remains are the whole lines.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, journal.Options{SealEvery: never})
	_, err := j.Append(t.Context(), []recsys.Event{buy("a", 1), buy("b", 2), buy("c", 3)})
	require.NoError(t, err)
	require.NoError(t, j.Close())
	name := files(t, dir)[0]
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	check := func(data []byte, lines int) {
		t.Helper()
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".open"), data, 0o600))
		n, err := journal.Recover(t.Context(), dir)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Len(t, read(t, dir)[j.ID()], lines)
		require.Equal(t, lines > 0, len(files(t, dir)) == 1)
	}
	for n := range data {
		check(data[:n], bytes.Count(data[:n], []byte("\n")))
	}
	check(append(bytes.Clone(data), make([]byte, 512)...), 3)
	lines := bytes.SplitAfter(data, []byte("\n"))
	check(bytes.Join([][]byte{lines[0], []byte("\x00\x00\n"), lines[1]}, nil), 1)
	check(bytes.Join([][]byte{lines[1], lines[0]}, nil), 1)
}

func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	good := `{"seq":%d,"user_id":"u","item_id":"i","ts":1,"qty":1,"event_type":""}` + "\n"
	path := filepath.Join(dir, "journal-abc-00000000000000000003.jsonl")
	text := fmt.Sprintf(good, 3) + "{}\n" + fmt.Sprintf(good, 3) + fmt.Sprintf(good, 4) + "garbage \xff\n" + fmt.Sprintf(good, 9)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	for _, name := range []string{"journal-.jsonl", "journal-x-y.jsonl", "journal-x-0.jsonl", "other.jsonl", "journal-1.jsonl"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	segments, err := journal.Segments(dir)
	require.NoError(t, err)
	require.Equal(t, []journal.Segment{{Path: path, Journal: "abc", First: 3}}, segments)
	r, err := segments[0].Read()
	require.NoError(t, err)
	require.Equal(t, []int64{3, 4, 9}, r.Seqs)
	require.Len(t, r.Bad, 3)
	require.Contains(t, r.Bad[1].Reason, "number 3 comes after 3")
	require.Equal(t, "garbage \xff", string(r.Bad[2].Body))
	require.Equal(t, "journal:abc", r.Bad[2].Source)
	var runs []string
	for first, events := range r.Runs() {
		runs = append(runs, fmt.Sprint(first, "×", len(events)))
	}
	require.Equal(t, []string{"3×2", "9×1"}, runs)
	require.NoError(t, os.Remove(path))
	_, err = segments[0].Read()
	require.ErrorIs(t, err, os.ErrNotExist)
	none, err := journal.Segments(filepath.Join(dir, "nowhere"))
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestFilter(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, journal.Options{SealEvery: never})
	_, err := j.Append(t.Context(), []recsys.Event{buy("ann", 1), buy("ben", 2), buy("ann", 3), buy("cleo", 4)})
	require.NoError(t, err)
	require.NoError(t, j.Seal())
	segments, err := journal.Segments(dir)
	require.NoError(t, err)
	not := func(users ...string) func(recsys.Event) bool {
		return func(e recsys.Event) bool { return !strings.Contains(strings.Join(users, " "), e.UserID) }
	}
	n, err := segments[0].Filter(not("ann"))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	r, err := segments[0].Read()
	require.NoError(t, err)
	require.Equal(t, []int64{2, 4}, r.Seqs)
	n, err = segments[0].Filter(not("dora"))
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = segments[0].Filter(not("ben", "cleo"))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Empty(t, files(t, dir))
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) recsys.Event {
			return recsys.Event{UserID: rapid.StringN(1, 20, -1).Draw(rt, "user"), ItemID: rapid.StringN(1, 20, -1).Draw(rt, "item"),
				Time: rapid.Int64Range(0, recsys.MaxTime).Draw(rt, "time"), Qty: rapid.Int64Range(-recsys.MaxQty, recsys.MaxQty).Draw(rt, "qty"),
				Type: rapid.StringN(1, 10, -1).Draw(rt, "type")}
		}), 1, 8).Draw(rt, "events")
		j, err := journal.Open(dir, journal.Options{SealEvery: never})
		require.NoError(rt, err)
		_, err = j.Append(context.Background(), events)
		require.NoError(rt, err)
		require.NoError(rt, j.Close())
		segments, err := journal.Segments(dir)
		require.NoError(rt, err)
		require.Len(rt, segments, 1)
		r, err := segments[0].Read()
		require.NoError(rt, err)
		require.Empty(rt, r.Bad)
		require.Equal(rt, events, r.Events)
		require.NoError(rt, os.Remove(segments[0].Path))
	})
}

func FuzzSegment(f *testing.F) {
	f.Add([]byte(`{"seq":1,"user_id":"u","item_id":"i","ts":1,"qty":1,"event_type":"view"}` + "\n"))
	f.Add([]byte("{}\n\n\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		name := filepath.Join(dir, "journal-a-00000000000000000001.jsonl")
		require.NoError(t, os.WriteFile(name+".open", data, 0o600))
		_, err := journal.Recover(t.Context(), dir)
		require.NoError(t, err)
		segments, err := journal.Segments(dir)
		require.NoError(t, err)
		for _, s := range segments {
			r, err := s.Read()
			require.NoError(t, err)
			require.Empty(t, r.Bad, "what was recovered is whole")
			require.NotEmpty(t, r.Events)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	j, err := journal.Open(b.TempDir(), journal.Options{})
	require.NoError(b, err)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := j.Append(context.Background(), []recsys.Event{buy("a", 1)}); err != nil {
				b.Error(err)
			}
		}
	})
	require.NoError(b, j.Close())
}

// An empty name would be the working directory.
func TestNoDirectory(t *testing.T) {
	_, err := journal.Open("", journal.Options{})
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
}
