package model_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

var created = time.Date(2026, 1, 1, 2, 3, 4, 0, time.UTC)

// shop is a small artifact with every part that there is.
func shop(t testing.TB) *model.Artifact {
	t.Helper()
	users, err := recsys.NewIDMap([]string{"ann", "bob b/ob", "chloé 🛒", `quo"te`})
	require.NoError(t, err)
	items, err := recsys.NewIDMap([]string{"tea", "pot", "cup", "Σ/ 1", ""})
	require.NoError(t, err)
	x, err := recsys.NewCSR(4, 5, []recsys.Entry{
		{Row: 0, Col: 0, Value: 1}, {Row: 0, Col: 1, Value: 2}, {Row: 1, Col: 0, Value: 0.5},
		{Row: 3, Col: 1, Value: 1}, {Row: 3, Col: 2, Value: 1}, {Row: 3, Col: 3, Value: 7},
	})
	require.NoError(t, err)
	colour, err := recsys.NewCSR(5, 2, []recsys.Entry{{Row: 0, Col: 1, Value: 1}, {Row: 4, Col: 0, Value: 1}})
	require.NoError(t, err)
	d := &recsys.Dataset{
		Users: users, Items: items, Interactions: x,
		Sequences: &recsys.Sequences{Indptr: []int64{0, 3, 4, 4, 7},
			Items: []int32{0, 1, 0, 0, 1, 2, 3}, Times: []int64{1, 2, 3, 1, 5, 5, 9}},
		ItemFeatures: &recsys.Features{Names: []string{"colour=red", "colour=blue"}, Matrix: colour},
		UserFeatures: &recsys.Features{Names: []string{}, Matrix: &recsys.CSR{Rows: 4, Cols: 0, Indptr: make([]int64, 5), Indices: []int32{}}},
		Weighting:    recsys.Weighting{Scheme: recsys.Log1p, EventTypes: map[string]float64{"view": 0.1}, HalfLife: time.Hour},
		Watermark:    recsys.Watermark{Seq: 7, Time: 9},
	}
	m, err := cooccur.Kind.New(nil, recsys.Run{})
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), d))
	price, free := 2.5, 0.0
	a := model.NewArtifact("cooccur", m, d, []recsys.Item{
		{ID: "pot", Title: "Teapot, blue", Category: "kitchen", Brand: "Σ", Price: &price, ImgURL: "https://example.org/p.png",
			Attributes: map[string]string{"colour": "blue", "b": "", "": "x"}},
		{ID: "unknown to the model"},
		{ID: "", Price: &free, Unavailable: true},
	})
	a.Manifest.Created = created
	a.Manifest.Metrics = map[string]float64{"ndcg@10": 0.25}
	a.Manifest.Annotations = map[string]json.RawMessage{"gate": json.RawMessage(`{"passed":true}`)}
	a.Attachments = map[string][]byte{"index.ivf": {1, 2, 3}, "empty": {}}
	return a
}

// write stores the shop and returns its directory.
func write(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "v1")
	_, err := model.Write(context.Background(), dir, shop(t))
	require.NoError(t, err)
	return dir
}

func TestRoundTrip(t *testing.T) {
	want := shop(t)
	got, err := model.Open(write(t), cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, want.Users, got.Users)
	require.Equal(t, want.Items, got.Items)
	require.Equal(t, want.Catalogue, got.Catalogue)
	require.Equal(t, want.Interactions, got.Interactions)
	require.Equal(t, want.Sequences, got.Sequences)
	require.Equal(t, want.ItemFeatures, got.ItemFeatures)
	require.Equal(t, want.UserFeatures, got.UserFeatures)
	require.Equal(t, want.Attachments, got.Attachments)

	m := got.Manifest
	require.Equal(t, "v1", m.Version)
	require.Equal(t, created, m.Created)
	require.Equal(t, want.Manifest.Weighting, m.Weighting)
	require.Equal(t, want.Manifest.Watermark, m.Watermark)
	require.Equal(t, want.Manifest.Metrics, m.Metrics)
	require.JSONEq(t, `{"passed":true}`, string(m.Annotations["gate"]))
	require.Equal(t, `{"damping":1}`, string(m.Params))
	require.Equal(t, []int{4, 5, 6}, []int{m.Users, m.Items, m.Interactions})

	before, after := make([]float32, 5), make([]float32, 5)
	q := recsys.Query{User: 3}
	require.NoError(t, want.Model.Scores(context.Background(), q, before))
	require.NoError(t, got.Model.Scores(context.Background(), q, after))
	require.Equal(t, before, after)

	var e recsys.Engine
	require.NoError(t, e.Swap(got.Snapshot()))
}

// What is served without being published has a name too: answers and errors say it, and the names
// of updates start with it. It is the one that Publish would give.
func TestTheNameOfWhatIsNotPublished(t *testing.T) {
	a := shop(t)
	require.Equal(t, "cooccur-20260101T020304Z", a.Snapshot().Version)
	published := a.Snapshot().Version
	version, err := model.Publish(context.Background(), t.TempDir(), a)
	require.NoError(t, err)
	require.Equal(t, version, published)

	before := time.Now().Add(-time.Second)
	d := &recsys.Dataset{Users: a.Users, Items: a.Items, Interactions: a.Interactions}
	fresh := model.NewArtifact("cooccur", a.Model, d, nil)
	s := fresh.Snapshot()
	require.WithinRange(t, s.Created, before, time.Now())
	require.Equal(t, s.Created.UTC().Format("cooccur-20060102T150405Z"), s.Version)
	require.Equal(t, s, fresh.Snapshot(), "it is the time of NewArtifact, not of Snapshot")
	require.Zero(t, fresh.Manifest.Version, "nothing is laid down for a later Write")
	require.Zero(t, fresh.Manifest.Created)

	u, err := fresh.Updated(s, created)
	require.NoError(t, err)
	note, err := u.Manifest.Update()
	require.NoError(t, err)
	require.Equal(t, model.UpdateNote{Base: s.Version, Fitted: s.Created, Updates: 1}, note)

	fresh.Manifest.Version = "mine"
	require.Equal(t, "mine", fresh.Snapshot().Version)
	part := &model.Artifact{Manifest: model.Manifest{Kind: "cooccur"}}
	require.Equal(t, "cooccur", part.Snapshot().Version, "made by hand, at no known time")
}

// Without catalogue, sequences, features and attachments, and with unit weights.
func TestRoundTripOfTheLeast(t *testing.T) {
	a := shop(t)
	a.Catalogue, a.Sequences, a.ItemFeatures, a.UserFeatures, a.Attachments = nil, nil, nil, nil, nil
	a.Interactions.Values = nil
	dir := filepath.Join(t.TempDir(), "deep", "down", "v1")
	_, err := model.Write(context.Background(), dir, a)
	require.NoError(t, err)
	got, err := model.Open(dir, cooccur.Kind)
	require.NoError(t, err)
	require.Nil(t, got.Catalogue)
	require.Nil(t, got.Sequences)
	require.Nil(t, got.ItemFeatures)
	require.Nil(t, got.UserFeatures)
	require.Nil(t, got.Attachments)
	require.Equal(t, a.Interactions, got.Interactions)
}

// The same model gives the same bytes, whenever and wherever it is written.
func TestSameBytes(t *testing.T) {
	a, b := write(t), write(t)
	require.Equal(t, contents(t, a), contents(t, b))
	got, err := model.Open(a, cooccur.Kind)
	require.NoError(t, err)
	again := filepath.Join(t.TempDir(), "v1")
	_, err = model.Write(context.Background(), again, got)
	require.NoError(t, err)
	require.Equal(t, contents(t, a), contents(t, again), "what was read writes the same bytes")
}

func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(data)
	}
	return files
}

func TestWriteRefuses(t *testing.T) {
	nan, bad := math.NaN(), "\xff"
	for name, damage := range map[string]func(a *model.Artifact){
		"no model":             func(a *model.Artifact) { a.Model = nil },
		"no interactions":      func(a *model.Artifact) { a.Interactions = nil },
		"users missing":        func(a *model.Artifact) { a.Users = nil },
		"another catalogue":    func(a *model.Artifact) { a.Catalogue[1].ID = "another" },
		"short catalogue":      func(a *model.Artifact) { a.Catalogue = a.Catalogue[1:] },
		"price NaN":            func(a *model.Artifact) { a.Catalogue[0].Price = &nan },
		"broken text":          func(a *model.Artifact) { a.Catalogue[0].Title = bad },
		"broken attribute":     func(a *model.Artifact) { a.Catalogue[0].Attributes = map[string]string{bad: ""} },
		"broken id":            func(a *model.Artifact) { a.Users, _ = recsys.NewIDMap([]string{"a", "b", "c", bad}) },
		"broken rows":          func(a *model.Artifact) { a.Interactions.Indices[0] = 99 },
		"broken sequences":     func(a *model.Artifact) { a.Sequences.Items[0] = 99 },
		"sequences of others":  func(a *model.Artifact) { a.Sequences.Indptr = []int64{0, 7} },
		"features of others":   func(a *model.Artifact) { a.ItemFeatures.Names = nil },
		"metric NaN":           func(a *model.Artifact) { a.Manifest.Metrics["x"] = nan },
		"annotation is broken": func(a *model.Artifact) { a.Manifest.Annotations["x"] = json.RawMessage(`{`) },
		"attachment outside":   func(a *model.Artifact) { a.Attachments["../x"] = nil },
		"version outside":      func(a *model.Artifact) { a.Manifest.Version = "../x" },
	} {
		a := shop(t)
		damage(a)
		parent := t.TempDir()
		_, err := model.Write(context.Background(), filepath.Join(parent, "v1"), a)
		require.ErrorIs(t, err, recsys.ErrInvalidData, name)
		left, err := os.ReadDir(parent)
		require.NoError(t, err)
		require.Empty(t, left, "%s: something was left behind", name)
	}
}

func TestWriteOnce(t *testing.T) {
	dir := write(t)
	before := contents(t, dir)
	_, err := model.Write(context.Background(), dir, shop(t))
	require.ErrorIs(t, err, fs.ErrExist)
	require.Equal(t, before, contents(t, dir))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	parent := t.TempDir()
	_, err = model.Write(ctx, filepath.Join(parent, "v1"), shop(t))
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestWriteToBadPlaces(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := model.Write(context.Background(), filepath.Join(file, "v1"), shop(t))
	require.Error(t, err)
	require.Contains(t, err.Error(), file)
	_, err = model.Publish(context.Background(), file, shop(t))
	require.Error(t, err)
	require.True(t, strings.Contains(err.Error(), file), err)
}
