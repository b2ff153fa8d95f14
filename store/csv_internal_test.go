package store

import (
	"bytes"
	"context"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func csvSeeds(f *testing.F) {
	for _, s := range []string{
		"", "\n", "user_id,item_id,ts,qty\nu,i,5,2\n", "\xef\xbb\xbfuser_id;item_id;ts\r\nu;i;5\r\n", "user_id,item_id,ts\n\"a\nb\",\"c\"\"d\",1\n",
		"user_id,item_id,ts\n\"open,i,1\nu,i,1\n", "user_id,item_id,ts\nu\xff,i,1\nu,i\nu,i,1,1\nu,a\"b,1\n", "user_id\titem_id\tts\nNULL\t\x00\t-1\n",
		"user_id,item_id,ts,qty\nu,i,2021-01-01T00:00:00+25:00,1e400\n", "user_id,item_id,ts\nu,i,99999999999999999999999999\nu,i,-0\nu,i,0x10\n",
		"user_id,item_id,ts\n'); DROP TABLE events; --,i,1\n", "user_id,item_id,ts\nu,i,infinity\nu,i,290309-12-22 (BC) 00:00:00\nu,i,294247-01-10 04:00:54.775806\n",
	} {
		f.Add([]byte(s))
	}
}

// FuzzCSV: whatever the bytes, rows are counted once, and hold valid text for each column or a
// fault.
func FuzzCSV(f *testing.F) {
	csvSeeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := newCSVRows(bytes.NewReader(text))
		if err != nil {
			return
		}
		n := 0
		for {
			more, err := rows.next()
			if err != nil || !more {
				break
			}
			n++
			r := rows.current()
			require.True(t, utf8.ValidString(r.raw))
			if r.fault != "" {
				continue
			}
			require.Len(t, r.fields, len(rows.columns()))
			for _, v := range r.fields {
				require.True(t, utf8.ValidString(v))
			}
		}
		require.LessOrEqual(t, n, bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r"))+1)
	})
}

// FuzzImportCSV goes through DuckDB: the counts add up, each rejected row has a reason, and
// what landed is valid.
func FuzzImportCSV(f *testing.F) {
	csvSeeds(f)
	ctx := context.Background()
	db, err := Open(ctx, "", Options{Threads: 1})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, db.Close()) })
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := writeTemp(t, dir, text)
		before, err := db.Stats(ctx)
		require.NoError(t, err)
		_, last, err := db.EventsAfter(ctx, 0, int(before.Events)+1)
		require.NoError(t, err)
		r, err := db.ImportEvents(ctx, path, ImportOptions{Force: true})
		added, _, errAfter := db.EventsAfter(ctx, last, len(text)+1)
		require.NoError(t, errAfter)
		if err != nil {
			require.Empty(t, added)
			require.Contains(t, err.Error(), path)
			return
		}
		require.EqualValues(t, r.Inserted, len(added))
		require.Equal(t, r.Read, r.Inserted+r.Rejected)
		var sum int64
		for reason, n := range r.Reasons {
			require.NotEmpty(t, reason)
			sum += n
		}
		require.Equal(t, r.Rejected, sum)
		for _, e := range added {
			require.NoError(t, e.Normalize())
		}
	})
}

func writeTemp(t *testing.T, dir string, content []byte) string {
	t.Helper()
	file, err := os.CreateTemp(dir, "fuzz*.csv")
	require.NoError(t, err)
	_, err = file.Write(content)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	t.Cleanup(func() { os.Remove(file.Name()) })
	return file.Name()
}
