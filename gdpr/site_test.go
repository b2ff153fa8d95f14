package gdpr_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/gdpr/duckdb"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
)

var background = context.Background()

// anna is a user whose id needs escapes in JSON and URLs.
const anna = `anna "zoë" <a@example.com>`

// site is a shop in a folder of its own: a database, and models of the given kinds.
type site struct {
	*gdpr.Site
	t   *testing.T
	dir string
}

func newSite(t *testing.T, kinds ...string) *site {
	t.Helper()
	dir := t.TempDir()
	at := func(elem ...string) string { return filepath.Join(append([]string{dir}, elem...)...) }
	for _, sub := range []string{"data/incremental/quarantine", "logs", "backups", "model_artifacts"} {
		require.NoError(t, os.MkdirAll(at(sub), 0o755))
	}
	path := at("data", "recsys.db")
	s := &site{t: t, dir: dir, Site: &gdpr.Site{
		DataDir: at("data"), LogDir: at("logs"), ModelDirs: []string{at("model_artifacts")}, FileDirs: []string{at("data")},
		BackupDirs: []string{at("backups")}, Kinds: builtin.Kinds()}}
	duckdb.Connect(s.Site, path, store.Options{})
	s.store(func(db *store.DB) {
		price := 2.5
		require.NoError(t, db.UpsertItems(background, []recsys.Item{{ID: "cup", Title: "Cup", Category: "Kitchen", Brand: "B", Price: &price, ImgURL: "http://x"}, {ID: "tea"}}))
		require.NoError(t, db.UpsertUsers(background, []recsys.User{{ID: anna, Country: "DE", Attributes: map[string]string{"tier": "gold"}}}))
		require.NoError(t, db.AppendEvents(background, events()))
	})
	for _, kind := range kinds {
		s.train(kind)
	}
	return s
}

// events are those of several users, anna's among them.
func events() []recsys.Event {
	var all []recsys.Event
	for n, user := range []string{"bert", anna, "carl", "dora", "emil"} {
		for i, item := range []string{"cup", "tea", "pot", "pen"} {
			if (n+i)%3 > 0 {
				all = append(all, recsys.Event{UserID: user, ItemID: item, Time: int64(1000*n + 10*i), Qty: int64(1 + n%2)})
			}
		}
	}
	return append(all, recsys.Event{UserID: anna, ItemID: "cup", Time: 9000, Qty: 2, Type: "view"})
}

func (s *site) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

func (s *site) store(f func(*store.DB)) {
	s.t.Helper()
	db, err := store.Open(background, s.DatabasePath, store.Options{})
	require.NoError(s.t, err)
	f(db)
	require.NoError(s.t, db.Close())
}

func (s *site) train(kind string) {
	s.t.Helper()
	s.store(func(db *store.DB) {
		d, err := db.Dataset(background, recsys.DatasetOptions{Sequences: true, ItemFeatures: true, UserFeatures: true})
		require.NoError(s.t, err)
		k, err := builtin.Lookup(kind)
		require.NoError(s.t, err)
		m, err := k.New(json.RawMessage(`{}`), recsys.Run{Workers: 1})
		require.NoError(s.t, err)
		require.NoError(s.t, m.Fit(background, d))
		_, err = model.Publish(background, s.path("model_artifacts", kind), model.NewArtifact(kind, m, d, nil))
		require.NoError(s.t, err)
	})
}

func (s *site) write(name string, content []byte) {
	s.t.Helper()
	require.NoError(s.t, os.MkdirAll(filepath.Dir(s.path(name)), 0o755))
	require.NoError(s.t, os.WriteFile(s.path(name), content, 0o644))
}
