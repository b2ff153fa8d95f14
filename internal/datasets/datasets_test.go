package datasets

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func count(rows [][]int32) (users, pairs int) {
	for _, r := range rows {
		pairs += len(r)
		if len(r) > 0 {
			users++
		}
	}
	return users, pairs
}

func TestML1M(t *testing.T) {
	s := ML1M(t)
	require.Equal(t, 6040, s.Full.Interactions.Rows)
	require.Equal(t, 3883, s.Full.Interactions.Cols)
	require.Equal(t, 670019, s.Train.Interactions.NNZ())
	require.Equal(t, 670019+82811, s.Full.Interactions.NNZ())
	require.Equal(t, s.Train.Interactions.NNZ(), len(s.Train.Sequences.Items))
	_, validation := count(s.Validation)
	require.Equal(t, 82811, validation)
	_, test := count(s.Test)
	require.Equal(t, 83648, test)
	require.Zero(t, s.Unknown)
	require.Equal(t, "3882", s.Full.Items.ID(3882), "row numbers keep their order")
	require.Equal(t, 18, len(s.Train.ItemFeatures.Names))
	require.Equal(t, 6408, s.Train.ItemFeatures.Matrix.NNZ())
	require.Equal(t, 24160, s.Train.UserFeatures.Matrix.NNZ())
	require.NoError(t, s.Full.Validate())
	require.NoError(t, s.Train.Validate())
}

func TestML100K(t *testing.T) {
	s := ML100K(t)
	require.Equal(t, 943, s.Full.Interactions.Rows)
	require.Equal(t, 1682, s.Full.Interactions.Cols)
	require.Equal(t, 80000, s.Train.Interactions.NNZ())
	require.Same(t, s.Train, s.Full)
	_, test := count(s.Test)
	require.Equal(t, 20000, test)
	require.Zero(t, s.Unknown)
	require.Nil(t, s.Validation)
	require.Contains(t, s.Train.ItemFeatures.Names, "Film-Noir")
	require.NoError(t, s.Train.Validate())
}

func TestOnlineRetail(t *testing.T) {
	s := OnlineRetail(t)
	require.Equal(t, 397884, len(s.TrainEvents)+len(s.TestEvents))
	users, _ := count(s.Test)
	require.NotZero(t, users)
	require.NotZero(t, s.Unknown, "items first sold after the cut")
	require.NoError(t, s.Train.Validate())
}

func TestYoochoose(t *testing.T) {
	s := Yoochoose(t)
	require.Equal(t, 70278, len(s.Train.Sequences.Items))
	require.Equal(t, 13568, len(s.Test.Items))
	for _, name := range []string{"ar", "sr", "vsknn", "gru4rec"} {
		refs := YoochooseReference(t, name)
		require.Len(t, refs, 387)
		for _, r := range refs {
			items, _ := s.Test.Of(r.Session)
			require.Less(t, r.Position+1, len(items), "there is a next item")
			require.Less(t, r.Session, 99)
		}
	}
}

func TestAbsentDataSkips(t *testing.T) {
	t.Setenv("RECSYS_DATA", t.TempDir())
	_, err := find("ml-1m")
	require.ErrorIs(t, err, errAbsent)
	require.ErrorContains(t, err, "RECSYS_DATA")

	dir := filepath.Join(os.Getenv("RECSYS_DATA"), "ml-1m")
	require.NoError(t, os.Mkdir(dir, 0o755))
	found, err := find("ml-1m")
	require.NoError(t, err)
	require.Equal(t, dir, found)
}
