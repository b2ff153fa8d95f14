package model_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/forgotten"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store/memstore"
)

// threeUsers: three users; anna alone has the item "rare" and the feature of her town.
func threeUsers(t *testing.T) *recsys.Dataset {
	t.Helper()
	db := memstore.New()
	var events []recsys.Event
	for n, user := range []string{"anna", "bert", "carl"} {
		for i, item := range []string{"a", "b", "c", "d"}[n:] {
			events = append(events, recsys.Event{UserID: user, ItemID: item, Time: int64(100*n + i), Qty: 1})
		}
	}
	events = append(events, recsys.Event{UserID: "anna", ItemID: "rare", Time: 1000, Qty: 3})
	require.NoError(t, db.AppendEvents(context.Background(), events))
	d, err := db.Dataset(context.Background(), recsys.DatasetOptions{Sequences: true, ItemFeatures: true})
	require.NoError(t, err)
	x := &recsys.CSR{Rows: 3, Cols: 2, Indptr: []int64{0, 2, 3, 4}, Indices: []int32{0, 1, 1, 1}}
	d.UserFeatures = &recsys.Features{Names: []string{"town=Annaberg", "country=DE"}, Matrix: x}
	return d
}

var everyKind = []string{"als", "bpr", "ease", "gru4rec", "hybrid", "item2vec", "itemknn", "lightfm", "popularity", "sessionknn"}

func publishKind(t *testing.T, dir, kind string, d *recsys.Dataset) string {
	t.Helper()
	k, err := builtin.Lookup(kind)
	require.NoError(t, err)
	m, err := k.New(nil, recsys.Run{Workers: 1})
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	version, err := model.Publish(context.Background(), dir, model.NewArtifact(kind, m, d, nil))
	require.NoError(t, err)
	return version
}

func isAnna(id string) bool { return id == "anna" }

// requireNoTrace looks at every file under dir.
func requireNoTrace(t *testing.T, dir string, traces ...string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, trace := range traces {
			require.False(t, bytes.Contains(content, []byte(trace)), "%s holds %q", path, trace)
		}
		return nil
	}))
}

// Of whatever kind a model is, nothing of an erased user is left in any version.
func TestErase(t *testing.T) {
	for _, kind := range everyKind {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			d := threeUsers(t)
			first, second := publishKind(t, dir, kind, d), publishKind(t, dir, kind, d)
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "versions", ".tmp-DEAD"), 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "versions", ".tmp-DEAD", "users.arrow"), []byte("anna"), 0o666))
			done, err := model.Opener{Kinds: builtin.Kinds()}.Erase(context.Background(), dir, isAnna)
			require.NoError(t, err)
			require.Len(t, done, 3)
			requireNoTrace(t, dir, "anna", "Annaberg")
			current, err := model.Current(dir)
			require.NoError(t, err)
			require.NotContains(t, []string{first, second}, current)
			versions, err := model.Versions(dir)
			require.NoError(t, err)
			require.Len(t, versions, 2)
			for _, v := range versions {
				requireErased(t, filepath.Join(dir, "versions", v.Version))
			}
			done, err = model.Opener{Kinds: builtin.Kinds()}.Erase(context.Background(), dir, isAnna)
			require.NoError(t, err)
			require.Empty(t, done, "there is nothing left to do")
		})
	}
}

func requireErased(t *testing.T, dir string) {
	t.Helper()
	a, err := model.Open(dir, builtin.Kinds()...)
	require.NoError(t, err)
	_, known := a.Users.Index("anna")
	require.False(t, known)
	require.Equal(t, 3, a.Users.Len(), "the others keep their indices")
	u, known := a.Users.Index("forgotten-0")
	require.True(t, known)
	require.Zero(t, a.Interactions.RowLen(int(u)))
	items, _ := a.Sequences.Of(int(u))
	require.Empty(t, items)
	require.Zero(t, a.UserFeatures.Matrix.RowLen(int(u)))
	require.Equal(t, []string{"forgotten-0", "country=DE"}, a.UserFeatures.Names)
	state, err := a.Model.State()
	require.NoError(t, err)
	for _, name := range []string{"session_owner", "item_users", "3.session_owner"} { // lists of users, by index
		if owners, err := state.Int32s(name, -1); err == nil {
			require.NotContains(t, owners.Int32, u, name)
		}
	}
	if z, err := state.Float32s("user_factors", -1, -1); err == nil && a.Manifest.Kind == "ease" {
		require.Equal(t, make([]float32, z.Shape[1]), z.Float32[:z.Shape[1]])
	}
	engine, err := recsys.NewEngine(a.Snapshot())
	require.NoError(t, err)
	for _, id := range []string{"anna", "forgotten-0"} {
		_, err = engine.Recommend(context.Background(), recsys.Request{UserID: id, K: 2})
		require.ErrorIs(t, err, recsys.ErrUnknownUser)
	}
	_, err = engine.Recommend(context.Background(), recsys.Request{UserID: "bert", K: 2})
	require.NoError(t, err)
}

// Erase completes what a crash left half done, wherever that was.
func TestEraseAfterCrash(t *testing.T) {
	o := model.Opener{Kinds: builtin.Kinds()}
	dir, before := t.TempDir(), t.TempDir()
	version := publishKind(t, dir, "als", threeUsers(t))
	require.NoError(t, os.CopyFS(before, os.DirFS(dir)))
	done, err := o.Erase(context.Background(), dir, isAnna)
	require.NoError(t, err)
	became := done[0].Became
	for _, pointer := range []string{version, became} { // before the pointer moved, and after
		require.NoError(t, os.CopyFS(filepath.Join(dir, "versions", version), os.DirFS(filepath.Join(before, "versions", version))))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "current"), []byte(pointer+"\n"), 0o666))
		done, err = o.Erase(context.Background(), dir, isAnna)
		require.NoError(t, err)
		require.Equal(t, []model.Erasure{{Version: version, Became: became, Kind: "als", Users: 1, Current: pointer == version}}, done)
		requireNoTrace(t, dir, "anna")
		current, err := model.Current(dir)
		require.NoError(t, err)
		require.Equal(t, became, current)
	}
}

// An artifact that is no directory of versions becomes one.
func TestEraseArtifactItself(t *testing.T) {
	versions, dir := t.TempDir(), filepath.Join(t.TempDir(), "als")
	version := publishKind(t, versions, "als", threeUsers(t))
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(versions, "versions", version))))
	done, err := model.Opener{Kinds: builtin.Kinds()}.Erase(context.Background(), dir, isAnna)
	require.NoError(t, err)
	require.Len(t, done, 1)
	requireNoTrace(t, dir, "anna")
	requireErased(t, dir)
}

// A version that cannot be read is named, and the others are rewritten all the same.
func TestEraseDamaged(t *testing.T) {
	dir := t.TempDir()
	d := threeUsers(t)
	damaged, whole := publishKind(t, dir, "als", d), publishKind(t, dir, "als", d)
	require.NoError(t, os.Truncate(filepath.Join(dir, "versions", damaged, "users.arrow"), 100))
	done, err := model.Opener{Kinds: builtin.Kinds()}.Erase(context.Background(), dir, isAnna)
	require.ErrorIs(t, err, model.ErrCorrupt)
	require.ErrorContains(t, err, damaged)
	require.Len(t, done, 1)
	require.Equal(t, whole, done[0].Version)
	_, err = model.Opener{Kinds: []model.Kind{}}.Erase(context.Background(), dir, func(id string) bool { return id == "bert" })
	require.ErrorIs(t, err, model.ErrUnknownKind)
}

// Whoever is forgotten while a model is fitted does not come back with it.
func TestPublishLeavesForgottenUsersOut(t *testing.T) {
	dir := t.TempDir()
	d := threeUsers(t)
	require.NoError(t, forgotten.Add(dir, "anna"))
	publishKind(t, dir, "lightfm", d)
	requireNoTrace(t, dir, "anna", "Annaberg")
	requireErased(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, forgotten.File), []byte("{"), 0o600))
	k, err := builtin.Lookup("popularity")
	require.NoError(t, err)
	m, err := k.New(nil, recsys.Run{})
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	_, err = model.Publish(context.Background(), dir, model.NewArtifact("popularity", m, d, nil))
	require.ErrorContains(t, err, forgotten.File, "a list that cannot be read leaves open who was forgotten")
}
