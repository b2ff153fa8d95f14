package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/store"
)

func TestEraseFromFile(t *testing.T) {
	db := open(t, "", store.Options{})
	csv := write(t, "e.csv", "\xef\xbb\xbfitem_id,User_ID,ts\r\ni,anna,1\r\n\"i\n2\",bert,2\r\nj,\"anna\",3\r\nk,annabel,4\r\n")
	parquet := parquetFile(t, "e.parquet", `SELECT * FROM (VALUES ('anna', 'i', 1, NULL), ('bert', 'j', 2, 3), (NULL, 'j', 2, 3), ('anna', 'k', 3, 4)) t(user_id, item_id, ts, extra)`)
	for _, path := range []string{csv, parquet} {
		r, err := db.ImportEvents(background, path, store.ImportOptions{})
		require.NoError(t, err)
		n, err := db.EraseFromFile(background, path, "nobody")
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = db.EraseFromFile(background, path, "anna")
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		again, err := db.ImportEvents(background, path, store.ImportOptions{})
		require.NoError(t, err)
		require.True(t, again.AlreadyApplied, "what is left of the file is no news")
		require.Equal(t, r.Inserted, again.Inserted)
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
		require.NoError(t, err)
		require.Equal(t, []string{path}, left)
	}
	text, err := os.ReadFile(csv)
	require.NoError(t, err)
	require.Equal(t, "\xef\xbb\xbfitem_id,User_ID,ts\r\n\"i\n2\",bert,2\r\nk,annabel,4\r\n", string(text))
	fresh := open(t, "", store.Options{})
	r, err := fresh.ImportEvents(background, parquet, store.ImportOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Read)
	require.EqualValues(t, 1, r.Inserted)

	numbers := parquetFile(t, "n.parquet", `SELECT 12 AS user_id, 'i' AS item_id, 1 AS ts`)
	n, err := db.EraseFromFile(background, numbers, "12")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.NoFileExists(t, numbers, "a file of nobody else")
	n, err = db.EraseFromFile(background, write(t, "items.csv", "item_id\nanna\n"), "anna")
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = db.EraseFromFile(background, write(t, "x.parquet", "PAR1 and no more"), "anna")
	require.ErrorContains(t, err, "not a complete Parquet file")
}
