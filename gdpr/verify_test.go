package gdpr_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/gofrs/flock"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/store"
)

// inForm are the spellings of anna.
func inForm(t *testing.T) map[string][]byte {
	t.Helper()
	plain, err := json.Marshal(anna)
	require.NoError(t, err)
	var little, big, escaped []byte
	for _, u := range utf16.Encode([]rune(anna)) {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
		escaped = fmt.Appendf(escaped, `\u%04x`, u)
	}
	return map[string][]byte{
		"utf8": []byte(anna), "utf16le": little, "utf16be": big, "json": plain, "escaped": escaped, "url": []byte(url.PathEscape(anna)),
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func zstandard(t *testing.T, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return w.EncodeAll(data, nil)
}

func tarred(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))}))
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func zipped(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(name)
	require.NoError(t, err)
	_, err = f.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// parquet makes a compressed file of events of the given users.
func parquet(t *testing.T, users []string) []byte {
	t.Helper()
	ids, items, ts := array.NewStringBuilder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator), array.NewInt64Builder(memory.DefaultAllocator)
	for i, u := range users {
		ids.Append(u)
		items.Append("cup")
		ts.Append(int64(i))
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "user_id", Type: arrow.BinaryTypes.String}, {Name: "item_id", Type: arrow.BinaryTypes.String}, {Name: "ts", Type: arrow.PrimitiveTypes.Int64}}, nil)
	rec := array.NewRecordBatch(schema, []arrow.Array{ids.NewArray(), items.NewArray(), ts.NewArray()}, int64(len(users)))
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, pq.NewWriterProperties(pq.WithCompression(compress.Codecs.Zstd), pq.WithStats(false)), pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(rec))
	require.NoError(t, w.Close())
	return out.Bytes()
}

func manyUsers(n int) []string {
	users := make([]string, n)
	for i := range users {
		users[i] = fmt.Sprint("user ", i)
	}
	return users
}

// places are copies of anna in every place and form that a shop can have her in, by file.
func places(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for form, text := range inForm(t) {
		sep := []byte(" ; ")
		if strings.HasPrefix(form, "utf16") {
			sep = []byte{0, 0}
		}
		text = bytes.Join([][]byte{nil, text, nil}, sep)
		all["logs/api.log."+form] = text
		all["logs/old-"+form+".log.gz"] = gzipped(t, text)
		all["logs/old-"+form+".log.zst"] = zstandard(t, text)
		all["data/incremental/quarantine/"+form+".reason"] = text
	}
	quoted, err := json.Marshal(anna)
	require.NoError(t, err)
	all["data/incremental/journal-x-00000000000000000001.jsonl"] = fmt.Appendf(nil, `{"seq":1,"user_id":"bert","item_id":"cup","ts":1,"qty":1,"event_type":"view"}
{"seq":2,"user_id":%s,"item_id":"cup","ts":1,"qty":1,"event_type":"view"}
`, quoted)
	all["data/incremental/late.csv"] = []byte("user_id,item_id,ts\nbert,cup,1\n\"" + strings.ReplaceAll(anna, `"`, `""`) + "\",cup,1\n")
	users := manyUsers(5000)
	users[5] = anna
	all["data/incremental/late.parquet"] = parquet(t, users)
	all["data/shop.csv.rejects.csv"] = []byte("file,row,reason,value\nx,1,unreadable ts,\"" + strings.ReplaceAll(anna, `"`, `""`) + ",x\"\n")
	all["data/export.json"] = fmt.Appendf(nil, `{"user_id": %s}`, quoted)
	return all
}

// Verify finds every planted copy, and after a deletion none of them is left; what is of
// others still is.
func TestVerifyAndDelete(t *testing.T) {
	s := newSite(t, "als", "sessionknn")
	s.train("als")
	planted := places(t)
	for name, content := range planted {
		s.write(name, content)
	}
	s.store(func(db *store.DB) {
		// Deleted, but the bytes stay in the file.
		require.NoError(t, db.AppendEvents(background, []recsys.Event{{UserID: "bert", ItemID: "late", Time: 1, Qty: 1}}))
	})
	r, err := s.Verify(background, anna)
	require.NoError(t, err)
	found := map[string]bool{}
	for _, f := range r.Found {
		rel, err := filepath.Rel(s.dir, f.File)
		require.NoError(t, err)
		found[rel] = true
	}
	for name := range planted {
		require.True(t, found[name], "%s was not found", name)
	}
	require.True(t, found["data/recsys.db"])
	require.Empty(t, r.NotRead)

	var steps []string
	receipt, err := s.Delete(background, anna, gdpr.DeleteOptions{Progress: func(step string) { steps = append(steps, step) }})
	require.NoError(t, err)
	require.Equal(t, "verify", steps[len(steps)-1])
	require.EqualValues(t, 1, receipt.Rows["users"])
	require.Len(t, receipt.Artifacts, 3)
	require.Len(t, receipt.StillReflects, 3)
	require.Empty(t, receipt.Found)
	require.NotContains(t, fmt.Sprint(receipt), "anna")
	r, err = s.Verify(background, anna)
	require.NoError(t, err)
	require.Empty(t, r.Found)
	require.Empty(t, r.LogError)
	require.Equal(t, 1, r.LogLines)
	require.NoFileExists(t, s.path("data/export.json"))
	for _, name := range []string{"data/incremental/journal-x-00000000000000000001.jsonl", "data/incremental/late.csv"} {
		text, err := os.ReadFile(s.path(name))
		require.NoError(t, err)
		require.Contains(t, string(text), "bert")
	}
	s.store(func(db *store.DB) {
		report, err := db.ImportEvents(background, s.path("data/incremental/late.parquet"), store.ImportOptions{})
		require.NoError(t, err)
		require.EqualValues(t, 4999, report.Inserted)
		require.NoError(t, db.AppendEvents(background, []recsys.Event{{UserID: anna, ItemID: "cup", Time: 5, Qty: 1}}))
		gone, err := db.UserEvents(background, anna)
		require.NoError(t, err)
		require.Empty(t, gone, "she does not come back")
	})
	// A second deletion finds nothing to do.
	receipt, err = s.Delete(background, anna, gdpr.DeleteOptions{})
	require.NoError(t, err)
	require.Empty(t, receipt.Artifacts)
	require.Empty(t, receipt.Files)
	// And after it was lifted she is a customer like any other.
	lifted, err := s.Lift(background, anna, nil)
	require.NoError(t, err)
	require.True(t, lifted)
	s.store(func(db *store.DB) {
		require.NoError(t, db.AppendEvents(background, []recsys.Event{{UserID: anna, ItemID: "cup", Time: 5, Qty: 1}}))
		back, err := db.UserEvents(background, anna)
		require.NoError(t, err)
		require.Len(t, back, 1)
	})
}

// Bytes in freed space are found although no value explains them.
func TestVerifyFreedSpace(t *testing.T) {
	s := newSite(t)
	id := "anna-of-the-green-gables"
	s.store(func(db *store.DB) {
		require.NoError(t, db.AppendEvents(background, []recsys.Event{{UserID: id, ItemID: "cup", Time: 5, Qty: 1}}))
	})
	s.store(func(db *store.DB) {
		_, err := db.Forget(background, id)
		require.NoError(t, err)
	})
	r, err := s.Verify(background, id)
	require.NoError(t, err)
	require.Len(t, r.Found, 1)
	require.Contains(t, r.Found[0].Place, "freed space")
	require.NoError(t, s.Rewrite(background))
	r, err = s.Verify(background, id)
	require.NoError(t, err)
	require.Empty(t, r.Found)
	s.write("data/recsys.db.wal", []byte("a record of "+id))
	r, err = s.Verify(background, id)
	require.NoError(t, err)
	require.Len(t, r.Found, 1)
	require.Equal(t, s.path("data/recsys.db.wal"), r.Found[0].File)
}

// Backups are searched, also packed ones, and only reported.
func TestVerifyBackups(t *testing.T) {
	s := newSite(t, "als")
	db, err := os.ReadFile(s.DatabasePath)
	require.NoError(t, err)
	current, err := os.ReadFile(s.path("model_artifacts/als/current"))
	require.NoError(t, err)
	users, err := os.ReadFile(s.path("model_artifacts/als/versions", strings.TrimSpace(string(current)), "users.arrow"))
	require.NoError(t, err)
	s.write("backups/20260101/recsys_20260101.db", db)
	s.write("backups/20260101/models_20260101.tar.gz", gzipped(t, tarred(t, "model_artifacts/als/versions/x/users.arrow", users)))
	s.write("backups/20260101/db.tar.gz", gzipped(t, tarred(t, "recsys.db", db)))
	s.write("backups/20260101/logs.zip", zipped(t, "api.log", []byte("user="+anna)))
	receipt, err := s.Delete(background, anna, gdpr.DeleteOptions{})
	require.NoError(t, err)
	require.Len(t, receipt.Backups, 4)
	require.FileExists(t, s.path("backups/20260101/logs.zip"))
}

// What has the same text and is not about the user is told apart.
func TestNamesakes(t *testing.T) {
	s := newSite(t)
	s.store(func(db *store.DB) {
		require.NoError(t, db.UpsertItems(background, []recsys.Item{{ID: "12347", Title: "12347 pieces"}}))
		require.NoError(t, db.AppendEvents(background, []recsys.Event{{UserID: "bert", ItemID: "12347", Time: 5, Qty: 1}, {UserID: "12347", ItemID: "cup", Time: 5, Qty: 1}}))
	})
	s.write("logs/api.log", []byte("GET /similar-items?item_id=12347 took=123470us\nGET /recommend?user_id=12347&k=5\n"))
	s.write("data/items.csv", []byte("item_id,title\n12347,12347 pieces\n"))
	s.train("als")
	_, err := s.Delete(background, "12347", gdpr.DeleteOptions{})
	require.NoError(t, err)
	r, err := s.Verify(background, "12347")
	require.NoError(t, err)
	require.Empty(t, r.Found)
	require.NotEmpty(t, r.Namesakes)
	text, err := os.ReadFile(s.path("logs/api.log"))
	require.NoError(t, err)
	require.Equal(t, "GET /similar-items?item_id=12347 took=123470us\nGET /recommend?user_id=*****&k=5\n", string(text))
}

// A file that cannot be decoded is named: nobody can say that it is clean.
func TestNotRead(t *testing.T) {
	s := newSite(t)
	whole := parquet(t, manyUsers(5000))
	s.write("data/incremental/quarantine/half.parquet", whole[:len(whole)/2])
	s.write("logs/half.gz", gzipped(t, bytes.Repeat([]byte("x y z "), 10000))[:40])
	receipt, err := s.Delete(background, anna, gdpr.DeleteOptions{})
	require.NoError(t, err)
	require.Len(t, receipt.NotRead, 2)
}

// A segment that its server seals while the deletion runs loses its lines all the same.
func TestSegmentIsSealedMeanwhile(t *testing.T) {
	s := newSite(t)
	quoted, err := json.Marshal(anna)
	require.NoError(t, err)
	name := "data/incremental/journal-x-00000000000000000001.jsonl"
	line := fmt.Appendf(nil, `{"seq":1,"user_id":%s,"item_id":"cup","ts":1,"qty":1,"event_type":"view"}
{"seq":2,"user_id":"bert","item_id":"cup","ts":1,"qty":1,"event_type":"view"}
`, quoted)
	s.write(name+".open", line)
	lock := flock.New(s.path(name+".open"), flock.SetFlag(os.O_RDWR)) // the server has it
	locked, err := lock.TryLock()
	require.NoError(t, err)
	require.True(t, locked)
	sealed := make(chan error)
	go func() {
		time.Sleep(700 * time.Millisecond)
		sealed <- errors.Join(os.Rename(s.path(name+".open"), s.path(name)), lock.Close())
	}()
	receipt, err := s.Delete(background, anna, gdpr.DeleteOptions{})
	require.NoError(t, err)
	require.NoError(t, <-sealed)
	text, err := os.ReadFile(s.path(name))
	require.NoError(t, err)
	require.Equal(t, `{"seq":2,"user_id":"bert","item_id":"cup","ts":1,"qty":1,"event_type":"view"}`+"\n", string(text))
	require.Len(t, receipt.Files, 1)
	require.EqualValues(t, 1, receipt.Files[0].Rows)
	// One that a dead server left open is not waited for.
	s.write("data/incremental/journal-y-00000000000000000001.jsonl.open", line)
	_, err = s.Delete(background, anna, gdpr.DeleteOptions{})
	require.NoError(t, err)
	text, err = os.ReadFile(s.path("data/incremental/journal-y-00000000000000000001.jsonl.open"))
	require.NoError(t, err)
	require.NotContains(t, string(text), "anna")
}
