package model_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/stretchr/testify/require"
)

// Any Arrow reader can make sense of an artifact: this one knows nothing of the format.
func TestFilesAreArrow(t *testing.T) {
	dir := write(t)
	read := func(name string) string {
		f, err := os.Open(filepath.Join(dir, name))
		require.NoError(t, err)
		defer f.Close()
		r, err := ipc.NewFileReader(f)
		require.NoError(t, err)
		defer r.Close()
		batch, err := r.Read()
		require.NoError(t, err)
		text, err := batch.MarshalJSON()
		require.NoError(t, err)
		return string(text)
	}
	require.JSONEq(t, `[{"user_id":"ann"},{"user_id":"bob b/ob"},{"user_id":"chloé 🛒"},{"user_id":"quo\"te"}]`, read("users.arrow"))
	items := read("items.arrow")
	require.True(t, strings.HasPrefix(items, `[{"attributes":null,"available":true,"brand":"","category":"","img_url":"","item_id":"tea","price":null,"title":""}`), items)
	require.Contains(t, items, `"attributes":[{"key":"","value":"x"},{"key":"b","value":""},{"key":"colour","value":"blue"}]`)
	require.Contains(t, items, `"price":2.5`)
	require.Contains(t, items, `"available":false`)
	require.JSONEq(t, `[{"indices":[0,1],"values":[1,2]},{"indices":[0],"values":[0.5]},{"indices":[],"values":[]},{"indices":[1,2,3],"values":[1,1,7]}]`,
		read("interactions.arrow"))
	require.JSONEq(t, `[{"items":[0,1,0],"times":[1,2,3]},{"items":[0],"times":[1]},{"items":[],"times":[]},{"items":[1,2,3],"times":[5,5,9]}]`,
		read("sequences.arrow"))
	require.JSONEq(t, `[{"feature":"colour=red"},{"feature":"colour=blue"}]`, read("item_feature_names.arrow"))
	require.JSONEq(t, `[{"counts":[0,1,0,0,0]},{"counts":[1,0,1,1,0]},{"counts":[0,1,0,1,0]},{"counts":[0,1,1,0,0]},{"counts":[0,0,0,0,0]}]`,
		read("tensor-counts.arrow"))
	require.JSONEq(t, `[{"indptr":0},{"indptr":2},{"indptr":3},{"indptr":3},{"indptr":6}]`, read("tensor-indptr.arrow"))
}
