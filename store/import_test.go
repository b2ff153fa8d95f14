package store_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

var background = context.Background()

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// parquetFile writes the result of a query.
func parquetFile(t *testing.T, name, query string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	db, err := duck.Open("", map[string]string{"threads": "2"})
	require.NoError(t, err)
	defer db.Close()
	c, err := db.Connect()
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Exec(background, "COPY ("+query+") TO '"+strings.ReplaceAll(path, "'", "''")+"' (FORMAT parquet)")
	require.NoError(t, err)
	return path
}

func events(t *testing.T, db *store.DB) []recsys.Event {
	t.Helper()
	got, _, err := db.EventsAfter(background, 0, 1000)
	require.NoError(t, err)
	return got
}

func rejects(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"file", "row", "reason", "value"}, rows[0])
	return rows[1:]
}

func buy(user, item string, ts, qty int64) recsys.Event {
	return recsys.Event{UserID: user, ItemID: item, Time: ts, Qty: qty, Type: "purchase"}
}

func TestImportEventsCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []recsys.Event
	}{
		"plain":                            {"user_id,item_id,ts,qty\nu,i,5,2\n", []recsys.Event{buy("u", "i", 5, 2)}},
		"no last break":                    {"user_id,item_id,ts,qty\nu,i,5,2", []recsys.Event{buy("u", "i", 5, 2)}},
		"crlf and mark":                    {"\xef\xbb\xbfuser_id,item_id,ts,qty\r\nu,i,5,2\r\n", []recsys.Event{buy("u", "i", 5, 2)}},
		"order, case, spaces, no quantity": {"TS, Item_ID ,user_id\n5,i,u\n", []recsys.Event{buy("u", "i", 5, 1)}},
		"semicolons":                       {"user_id;item_id;ts\nu;a,b;5\n", []recsys.Event{buy("u", "a,b", 5, 1)}},
		"tabs":                             {"user_id\titem_id\tts\nu\ti\t5\n", []recsys.Event{buy("u", "i", 5, 1)}},
		"quotes":                           {"user_id,item_id,ts\n\"u \"\"x\"\"\",\"a\nb\",5\n", []recsys.Event{buy(`u "x"`, "a\nb", 5, 1)}},
		"types":                            {"user_id,item_id,ts,event_type\nu,i,5,view\nu,i,6,\n", []recsys.Event{{UserID: "u", ItemID: "i", Time: 5, Qty: 1, Type: "view"}, buy("u", "i", 6, 1)}},
		"numbers stay text":                {"user_id,item_id,ts\n007,1.50,5\n", []recsys.Event{buy("007", "1.50", 5, 1)}},
		"null is an id":                    {"user_id,item_id,ts\nNULL,null,5\n", []recsys.Event{buy("NULL", "null", 5, 1)}},
		"times": {"user_id,item_id,ts\na,i,1609459200.9\na,i,2021-01-01\na,i,2021-01-01T00:00:00Z\na,i,2021-01-01 02:00:00+02\na,i,2021-01-01T00:00:00.999\na,i,1.6094592e9\na,i, 1609459200 \n",
			[]recsys.Event{buy("a", "i", 1609459200, 1), buy("a", "i", 1609459200, 1), buy("a", "i", 1609459200, 1), buy("a", "i", 1609459200, 1), buy("a", "i", 1609459200, 1), buy("a", "i", 1609459200, 1), buy("a", "i", 1609459200, 1)}},
		"quantities": {"user_id,item_id,ts,qty\na,i,1,-3\na,i,1,2.0\na,i,1,+4\na,i,1,0\na,i,1,1e3\n",
			[]recsys.Event{buy("a", "i", 1, -3), buy("a", "i", 1, 2), buy("a", "i", 1, 4), buy("a", "i", 1, 0), buy("a", "i", 1, 1000)}},
		"sql":         {"user_id,item_id,ts\n'); DROP TABLE events; --,\"\"\"; DELETE FROM events\",5\n", []recsys.Event{buy("'); DROP TABLE events; --", `"; DELETE FROM events`, 5, 1)}},
		"header only": {"user_id,item_id,ts,qty\n", []recsys.Event{}},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, "", store.Options{})
			r, err := db.ImportEvents(background, write(t, "e.csv", c.text), store.ImportOptions{})
			require.NoError(t, err)
			require.Empty(t, r.Reasons)
			require.Equal(t, c.want, events(t, db))
			require.EqualValues(t, len(c.want), r.Inserted)
			require.EqualValues(t, len(c.want), r.Read)
		})
	}
}

func TestRejectsCSV(t *testing.T) {
	text := strings.Join([]string{"user_id,item_id,ts,qty,note",
		"u,i,1,1,good", // 1
		",i,1,1,",
		"u,,1,1,",
		"u,i,,1,",
		"u,i,yesterday,1,",
		"u,i,-5,1,", // 6
		"u,i,1600000000000,1,",
		"u,i,1,,",
		"u,i,1,1.5,",
		"u,i,1,many,",
		"u,i,1,1000000001,", // 11
		"u,i,1,99999999999999999999,",
		"u\xff,i,1,1,",
		"u,i,1",
		"u,i,1,1,a,b",
		`u,a"b,1,1,`, // 16
		"u,i,nan,1,",
		"u,i,infinity,1,",
		"u,i,99999999999999999999,1,",
		"v,i,2,-1,good",
	}, "\n")
	db := open(t, "", store.Options{})
	path, out := write(t, "a, \"b\".csv", text), filepath.Join(t.TempDir(), "rejects.csv")
	r, err := db.ImportEvents(background, path, store.ImportOptions{RejectsPath: out})
	require.NoError(t, err)
	require.Equal(t, []recsys.Event{buy("u", "i", 1, 1), buy("v", "i", 2, -1)}, events(t, db))
	require.EqualValues(t, 20, r.Read)
	require.EqualValues(t, 2, r.Inserted)
	require.EqualValues(t, 18, r.Rejected)
	require.Equal(t, out, r.RejectsFile)
	require.Equal(t, []string{"note"}, r.IgnoredColumns)
	var got []string
	for _, row := range rejects(t, out) {
		require.Equal(t, path, row[0])
		got = append(got, strings.Join(row[1:], "|"))
	}
	require.Equal(t, []string{
		"2|missing user_id|", "3|missing item_id|", "4|missing ts|", "5|unreadable ts|yesterday", "6|negative ts|-5",
		"7|ts after the year 9999 (not in seconds?)|1600000000000", "8|missing qty|", "9|qty is not a whole number|1.5",
		"10|qty is not a whole number|many", "11|qty out of range|1000000001", "12|qty out of range|99999999999999999999",
		"13|broken UTF-8|u�", "14|wrong number of fields|3 instead of 5", "15|wrong number of fields|6 instead of 5",
		"16|misplaced quotes|line 17", "17|unreadable ts|nan", "18|unreadable ts|infinity", "19|unreadable ts|99999999999999999999",
	}, got)
	require.EqualValues(t, 2, r.Reasons["wrong number of fields"])
	require.Contains(t, r.String(), "2 inserted, 18 rejected (broken UTF-8: 1, ")
	left, err := os.ReadDir(filepath.Dir(out))
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary file stays")
}

func TestStrict(t *testing.T) {
	db := open(t, "", store.Options{})
	path := write(t, "e.csv", "user_id,item_id,ts\nu,i,1\n,i,1\nu,i,x\nu,,1\n")
	r, err := db.ImportEvents(background, path, store.ImportOptions{Strict: true})
	require.ErrorIs(t, err, store.ErrRejected)
	require.ErrorContains(t, err, "3 of 4 (missing item_id: 1, missing user_id: 1, unreadable ts: 1)")
	require.ErrorContains(t, err, path)
	require.EqualValues(t, 3, r.Rejected)
	require.Empty(t, events(t, db))
	r, err = db.ImportEvents(background, path, store.ImportOptions{})
	require.NoError(t, err)
	require.False(t, r.AlreadyApplied, "a refused file is not in the ledger")
	require.Len(t, events(t, db), 1)
}

func TestImportedOnce(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "shop.db"), store.Options{})
	path := write(t, "e.csv", "user_id,item_id,ts\nu,i,1\n,i,1\n")
	first, err := db.ImportEvents(background, path, store.ImportOptions{})
	require.NoError(t, err)
	renamed := filepath.Join(filepath.Dir(path), "other name.csv")
	require.NoError(t, os.Rename(path, renamed))
	again, err := db.ImportEvents(background, renamed, store.ImportOptions{})
	require.NoError(t, err)
	require.True(t, again.AlreadyApplied)
	require.True(t, first.AppliedAt.Equal(again.AppliedAt))
	require.EqualValues(t, 1, again.Inserted)
	require.Contains(t, again.String(), "already applied at "+first.AppliedAt.UTC().Format(time.RFC3339))
	require.Len(t, events(t, db), 1)
	forced, err := db.ImportEvents(background, renamed, store.ImportOptions{Force: true})
	require.NoError(t, err)
	require.False(t, forced.AlreadyApplied)
	require.Len(t, events(t, db), 2)
	_, err = db.ImportItems(background, write(t, "i.csv", "item_id\ni\n"), store.ImportOptions{})
	require.NoError(t, err, "the kinds have ledgers of their own")
}

func TestImportEventsParquet(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		want  []recsys.Event
	}{
		"documented":        {"SELECT 'u' AS user_id, 'i' AS item_id, 5::BIGINT AS ts, 2::INTEGER AS qty", []recsys.Event{buy("u", "i", 5, 2)}},
		"numbers":           {"SELECT 7::UINTEGER AS user_id, 18446744073709551615::UBIGINT AS item_id, 5::USMALLINT AS ts", []recsys.Event{buy("7", "18446744073709551615", 5, 1)}},
		"data frame":        {"SELECT 7.0::DOUBLE AS user_id, 8::TINYINT AS item_id, 5.7::DOUBLE AS ts, 2.0::FLOAT AS qty", []recsys.Event{buy("7", "8", 5, 2)}},
		"decimal":           {"SELECT 'u' AS user_id, 'i' AS item_id, 5.7::DECIMAL(10,2) AS ts, 2.00::DECIMAL(9,2) AS qty", []recsys.Event{buy("u", "i", 5, 2)}},
		"timestamp":         {"SELECT 'u' AS user_id, 'i' AS item_id, TIMESTAMP '2021-01-01 00:00:00.9' AS ts", []recsys.Event{buy("u", "i", 1609459200, 1)}},
		"zoned":             {"SELECT 'u' AS user_id, 'i' AS item_id, TIMESTAMPTZ '2021-01-01 02:00:00+02' AS ts", []recsys.Event{buy("u", "i", 1609459200, 1)}},
		"nanoseconds":       {"SELECT 'u' AS user_id, 'i' AS item_id, '2021-01-01 00:00:00'::TIMESTAMP_NS AS ts", []recsys.Event{buy("u", "i", 1609459200, 1)}},
		"milliseconds":      {"SELECT 'u' AS user_id, 'i' AS item_id, '2021-01-01 00:00:00'::TIMESTAMP_MS AS ts", []recsys.Event{buy("u", "i", 1609459200, 1)}},
		"date":              {"SELECT 'u' AS user_id, 'i' AS item_id, DATE '2021-01-01' AS ts", []recsys.Event{buy("u", "i", 1609459200, 1)}},
		"text":              {"SELECT 'u' AS user_id, 'i' AS item_id, '2021-01-01' AS ts, '3' AS qty, 'view' AS event_type", []recsys.Event{{UserID: "u", ItemID: "i", Time: 1609459200, Qty: 3, Type: "view"}}},
		"capitals and more": {`SELECT 1 AS "a ""b"" 'c'", 'u' AS "USER_ID", 'i' AS "Item_Id", 5 AS "Ts"`, []recsys.Event{buy("u", "i", 5, 1)}},
		"blob":              {"SELECT 'u'::BLOB AS user_id, 'i' AS item_id, 5 AS ts", []recsys.Event{buy("u", "i", 5, 1)}},
		"no rows":           {"SELECT 'u' AS user_id, 'i' AS item_id, 5 AS ts WHERE false", []recsys.Event{}},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, "", store.Options{})
			r, err := db.ImportEvents(background, parquetFile(t, "e.parquet", c.query), store.ImportOptions{})
			require.NoError(t, err)
			require.Empty(t, r.Reasons)
			require.Equal(t, c.want, events(t, db))
		})
	}
}

func TestRejectsParquet(t *testing.T) {
	db := open(t, "", store.Options{})
	path := parquetFile(t, "e.parquet", `SELECT * FROM (VALUES
		(1, 'u', 'i', 1::DOUBLE, 1::DOUBLE), (2, NULL, 'i', 1, 1), (3, '', 'i', 1, 1), (4, 'u', NULL, 1, 1), (5, 'u', 'i', 'nan', 1),
		(6, 'u', 'i', 1, 'inf'), (7, 'u', 'i', 1, .5), (8, 'u', 'i', -1, 1), (9, 'u', 'i', 1, NULL), (10, 'u', 'i', NULL, 1), (11, 'u', 'i', 1e300, 1), (12, 'v', 'i', 2, 1))
		AS t(n, user_id, item_id, ts, qty)`)
	out := filepath.Join(t.TempDir(), "rejects.csv")
	r, err := db.ImportEvents(background, path, store.ImportOptions{RejectsPath: out})
	require.NoError(t, err)
	require.Equal(t, []recsys.Event{buy("u", "i", 1, 1), buy("v", "i", 2, 1)}, events(t, db))
	var got []string
	for _, row := range rejects(t, out) {
		got = append(got, strings.Join(row[1:], "|"))
	}
	require.Equal(t, []string{"2|missing user_id|", "3|missing user_id|", "4|missing item_id|", "5|unreadable ts|nan", "6|qty out of range|inf",
		"7|qty is not a whole number|0.5", "8|negative ts|-1.0", "9|missing qty|", "10|missing ts|", "11|unreadable ts|1e+300"}, got)
	require.EqualValues(t, 12, r.Read)
	_, last, err := db.EventsAfter(background, 0, 10)
	require.NoError(t, err)
	require.EqualValues(t, 12, last, "the number of an event is that of its row: rejected ones leave gaps")
	require.NoError(t, db.AppendEvents(background, []recsys.Event{buy("w", "i", 3, 1)}))
	_, last, err = db.EventsAfter(background, 12, 10)
	require.NoError(t, err)
	require.EqualValues(t, 13, last)
}

func TestImportItems(t *testing.T) {
	db := open(t, "", store.Options{})
	price := 2.5
	require.NoError(t, db.UpsertItems(background, []recsys.Item{{ID: "old", Title: "stays"}, {ID: "b", Title: "is replaced"}}))
	out := filepath.Join(t.TempDir(), "rejects.csv")
	path := write(t, "items.csv", strings.Join([]string{"item_id,category,brand,price,img_url,Color,available,\"empty'\"\"\"",
		"a,Cat,Br,2.5,http://x,red,yes,",
		"b,,,,,,FALSE,",
		",c,,1,,,,",
		"c,,,-1,,,,",
		"d,,,cheap,,,,",
		"e,,,,,,maybe,",
		"dup,first,,,,,,",
		"dup,,,nan,,,,",
		"dup,last,,,,,,x",
	}, "\n"))
	r, err := db.ImportItems(background, path, store.ImportOptions{RejectsPath: out})
	require.NoError(t, err)
	items, err := db.Items(background)
	require.NoError(t, err)
	require.Equal(t, []recsys.Item{
		{ID: "a", Category: "Cat", Brand: "Br", Price: &price, ImgURL: "http://x", Attributes: map[string]string{"Color": "red"}},
		{ID: "b", Unavailable: true},
		{ID: "dup", Category: "last", Attributes: map[string]string{`empty'"`: "x"}},
		{ID: "old", Title: "stays"},
	}, items)
	var got []string
	for _, row := range rejects(t, out) {
		got = append(got, strings.Join(row[1:], "|"))
	}
	require.Equal(t, []string{"3|missing item_id|", "4|negative price|-1", "5|price is not a number|cheap", "6|available is neither true nor false|maybe",
		"7|the item_id occurs again below|dup", "8|price is not a number|nan"}, got)
	require.EqualValues(t, 3, r.Inserted)

	r, err = db.ImportItems(background, parquetFile(t, "items.parquet", `SELECT 5 AS item_id, 'T' AS title, 1::DECIMAL(4,1) AS price, false AS available, [1, 2] AS tags, NULL AS nothing, DATE '2020-02-03' AS since`), store.ImportOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Reasons)
	items, err = db.Items(background)
	require.NoError(t, err)
	one := 1.
	require.Equal(t, recsys.Item{ID: "5", Title: "T", Price: &one, Unavailable: true, Attributes: map[string]string{"tags": "[1, 2]", "since": "2020-02-03"}}, items[0])
}

// Where Excel separates columns by semicolons, it writes a comma in a number; elsewhere a comma
// could part thousands.
func TestDecimalCommas(t *testing.T) {
	db := open(t, "", store.Options{})
	r, err := db.ImportItems(background, write(t, "items.csv", strings.Join([]string{"item_id;price",
		"a;12,90", "b;1.299,50", "c;2.5", "d; 7 ", "e;1.2.3,4", "f;-3,5", "g;,5", "h;1,299,00", ""}, "\r\n")), store.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"price is not a number": 3, "negative price": 1}, r.Reasons)
	items, err := db.Items(background)
	require.NoError(t, err)
	prices := map[string]float64{}
	for _, i := range items {
		prices[i.ID] = *i.Price
	}
	require.Equal(t, map[string]float64{"a": 12.9, "b": 1299.5, "c": 2.5, "d": 7}, prices)

	r, err = db.ImportItems(background, write(t, "more.csv", "item_id,price\nz,\"1,299\"\n"), store.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"price is not a number": 1}, r.Reasons)

	r, err = db.ImportEvents(background, write(t, "events.csv", "user_id;item_id;ts;qty\nu;a,b;5;2,0\nu;i;6;1,5\nu;i;7;-1.000,0\n"), store.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"qty is not a whole number": 1}, r.Reasons)
	require.Equal(t, []recsys.Event{buy("u", "a,b", 5, 2), buy("u", "i", 7, -1000)}, events(t, db))
}

func TestFilesRefused(t *testing.T) {
	whole := parquetFile(t, "whole.parquet", "SELECT 'u' AS user_id, 'i' AS item_id, 5 AS ts FROM range(10000)")
	bytes, err := os.ReadFile(whole)
	require.NoError(t, err)
	for name, c := range map[string]struct{ file, content, says string }{
		"torn parquet":    {"torn.parquet", string(bytes[:len(bytes)/2]), "not a complete Parquet file"},
		"only the magic":  {"magic.parquet", "PAR1", "not a complete Parquet file"},
		"damaged parquet": {"bad.parquet", string(bytes[:len(bytes)-12]) + strings.Repeat("\xff", 4) + string(bytes[len(bytes)-8:]), "bad.parquet"},
		"empty":           {"empty.csv", "", "empty"},
		"binary":          {"e.parquet", "\x00\x01\x02", "not a Parquet file"},
		"binary csv":      {"e.csv", "user_id,item_id,ts\n\x00", "zero bytes"},
		"gzip":            {"e.csv.gz", "\x1f\x8b\x08", "gzip"},
		"utf-16":          {"e.csv", "\xff\xfeu\x00", "UTF-16"},
		"columns":         {"e.csv", "user,item_id,when\n1,2,3\n", `no column user_id, ts: the file has "user", "item_id", "when", wanted are user_id, item_id, ts`},
		"two columns":     {"e.csv", "user_id,item_id,ts,TS\n", "two columns"},
		"blank":           {"e.csv", "\n\n", "no header"},
		"open quotes":     {"e.csv", "user_id,item_id,ts\nu,\"i,1\nu,i,1\nu,i,1\n", "line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, "", store.Options{})
			path := write(t, c.file, c.content)
			_, err := db.ImportEvents(background, path, store.ImportOptions{})
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, path)
			require.Empty(t, events(t, db))
		})
	}
	db := open(t, "", store.Options{})
	_, err = db.ImportEvents(background, filepath.Join(t.TempDir(), "absent"), store.ImportOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = db.ImportEvents(background, t.TempDir(), store.ImportOptions{})
	require.ErrorContains(t, err, "not a regular file")
	_, err = db.ImportEvents(background, write(t, "e.csv", "user_id,item_id,ts\n,,\n"), store.ImportOptions{RejectsPath: filepath.Join(t.TempDir(), "absent", "r.csv")})
	require.ErrorContains(t, err, "reject report")
}

// TestContentDecides: a name says nothing about what is in a file, nor is it a pattern or SQL.
func TestContentDecides(t *testing.T) {
	db := open(t, "", store.Options{})
	query := "SELECT 'u%d' AS user_id, 'i' AS item_id, %d AS ts"
	for i, name := range []string{"e.csv", "*.parquet", "?.parquet", "[a].parquet", "a'; DROP TABLE events; --.parquet", `a"b.parquet`, "ä 💡", "year=2020", "a#b%?.parquet", "{a,b}.parquet", "s3:"} {
		path := parquetFile(t, "plain.parquet", fmt.Sprintf(query, i, i))
		named := filepath.Join(filepath.Dir(path), name)
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "other.parquet"), []byte("PAR1"), 0o600))
		require.NoError(t, os.Rename(path, named))
		_, err := db.ImportEvents(background, named, store.ImportOptions{})
		require.NoError(t, err, name)
		require.Equal(t, buy(fmt.Sprintf("u%d", i), "i", int64(i), 1), events(t, db)[i], name)
	}
	// Nor is the name of its folder a column.
	folder := filepath.Join(t.TempDir(), "qty=9")
	require.NoError(t, os.Mkdir(folder, 0o700))
	named := filepath.Join(folder, "e.parquet")
	require.NoError(t, os.Rename(parquetFile(t, "e.parquet", "SELECT 'folder' AS user_id, 'i' AS item_id, 1 AS ts"), named))
	_, err := db.ImportEvents(background, named, store.ImportOptions{})
	require.NoError(t, err)
	got, err := db.UserEvents(background, "folder")
	require.NoError(t, err)
	require.Equal(t, []recsys.Event{buy("folder", "i", 1, 1)}, got)
	text := write(t, "e.parquet", "user_id,item_id,ts\nu,i,1\n")
	_, err = db.ImportEvents(background, text, store.ImportOptions{})
	require.NoError(t, err)
}

func TestImportCancelled(t *testing.T) {
	db := open(t, "", store.Options{Threads: 2})
	path := parquetFile(t, "e.parquet", "SELECT 'u' || i AS user_id, 'i' || i AS item_id, i AS ts FROM range(2000000) t(i)")
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(150*time.Millisecond, cancel)
	_, err := db.ImportEvents(ctx, path, store.ImportOptions{Progress: func(p recsys.Progress) {
		if p.Stage == "commit" {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, events(t, db))
	r, err := db.ImportEvents(background, path, store.ImportOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2_000_000, r.Inserted)
}

func TestFileChangesWhileRead(t *testing.T) {
	db := open(t, "", store.Options{})
	path := write(t, "e.csv", "user_id,item_id,ts\nu,i,1\n")
	change := func(f func()) store.ImportOptions {
		return store.ImportOptions{Progress: func(p recsys.Progress) {
			if p.Stage == "insert" && p.Done > 0 {
				f()
			}
		}}
	}
	_, err := db.ImportEvents(background, path, change(func() {
		require.NoError(t, os.WriteFile(path, []byte("user_id,item_id,ts\nu,i,1\nu,j,2\n"), 0o600))
	}))
	require.ErrorContains(t, err, "changed while it was read")
	_, err = db.ImportEvents(background, path, change(func() { require.NoError(t, os.Remove(path)) }))
	require.ErrorContains(t, err, "went away")
	require.Empty(t, events(t, db))
}

// What is reported on the way only grows, and ends with all rows.
func TestImportProgress(t *testing.T) {
	db := open(t, "", store.Options{Threads: 2})
	parquet := parquetFile(t, "e.parquet", "SELECT 'u' || i AS user_id, 'i' || i AS item_id, i AS ts FROM range(1000000) t(i)")
	var text strings.Builder
	text.WriteString("user_id,item_id,ts\n")
	for i := range 250_000 {
		fmt.Fprintf(&text, "u%d,i,%d\n", i, i)
	}
	plain := write(t, "e.csv", text.String())
	for _, path := range []string{parquet, plain} {
		byStage := map[string][]recsys.Progress{}
		r, err := db.ImportEvents(background, path, store.ImportOptions{Progress: func(p recsys.Progress) {
			if old := byStage[p.Stage]; len(old) > 0 {
				require.GreaterOrEqual(t, p.Done, old[len(old)-1].Done)
			}
			if p.Total > 0 {
				require.LessOrEqual(t, p.Done, p.Total)
			}
			byStage[p.Stage] = append(byStage[p.Stage], p)
		}})
		require.NoError(t, err)
		inserted := byStage["insert"]
		require.EqualValues(t, r.Inserted, inserted[len(inserted)-1].Done)
		require.EqualValues(t, r.Inserted, inserted[0].Total)
		read := byStage["read"]
		if path == plain {
			require.Len(t, read, 3, "at the beginning, and for every 100,000 rows")
			require.Equal(t, text.Len(), read[2].Total, "bytes")
		}
	}
}
