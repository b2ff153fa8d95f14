package model_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/internal/cooccur"
)

// publish adds the shop as fitted at the given time and makes it current.
func publish(t testing.TB, dir string, at time.Time) string {
	t.Helper()
	a := shop(t)
	a.Manifest.Created = at
	version, err := model.Publish(context.Background(), dir, a)
	require.NoError(t, err)
	return version
}

func TestPublish(t *testing.T) {
	dir := t.TempDir()
	require.Equal(t, "cooccur-20260101T020304Z", publish(t, dir, created))
	require.Equal(t, "cooccur-20260101T020304Z-2", publish(t, dir, created), "two in one second")
	third := publish(t, dir, created.Add(time.Hour))
	a, err := model.Open(dir, cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, third, a.Manifest.Version)

	inside, err := model.Open(filepath.Join(dir, "versions", "cooccur-20260101T020304Z"), cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, "cooccur-20260101T020304Z", inside.Manifest.Version)

	b := shop(t)
	b.Manifest.Created = created.Add(2 * time.Hour)
	fourth, err := model.Add(context.Background(), dir, b)
	require.NoError(t, err)
	current, err := model.Current(dir)
	require.NoError(t, err)
	require.Equal(t, third, current, "Add leaves the pointer alone")
	require.NoError(t, model.Promote(dir, fourth))
	current, err = model.Current(dir)
	require.NoError(t, err)
	require.Equal(t, fourth, current)

	all, err := model.Versions(dir)
	require.NoError(t, err)
	var names []string
	for _, m := range all {
		names = append(names, m.Version)
	}
	require.Equal(t, []string{fourth, third, "cooccur-20260101T020304Z-2", "cooccur-20260101T020304Z"}, names)
}

func TestPromoteRefuses(t *testing.T) {
	dir := t.TempDir()
	first := publish(t, dir, created)
	second := publish(t, dir, created.Add(time.Hour))
	require.ErrorIs(t, model.Promote(dir, "als-1"), model.ErrNoArtifact)
	require.ErrorContains(t, model.Promote(dir, "als-1"), first)
	require.ErrorIs(t, model.Promote(dir, "../"+first), model.ErrNoArtifact)
	require.NoError(t, os.Truncate(filepath.Join(dir, "versions", first, "users.arrow"), 10))
	require.ErrorIs(t, model.Promote(dir, first), model.ErrCorrupt)
	current, err := model.Current(dir)
	require.NoError(t, err)
	require.Equal(t, second, current)
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	var all []string
	for n := range 5 {
		all = append(all, publish(t, dir, created.Add(time.Duration(n)*time.Hour)))
	}
	require.NoError(t, model.Promote(dir, all[0]))
	fresh, stale := filepath.Join(dir, "versions", ".tmp-fresh"), filepath.Join(dir, "versions", ".tmp-stale")
	require.NoError(t, os.Mkdir(fresh, 0o755))
	require.NoError(t, os.Mkdir(stale, 0o755))
	yesterday := time.Now().Add(-24 * time.Hour)
	require.NoError(t, os.Chtimes(stale, yesterday, yesterday))

	removed, err := model.Prune(dir, 2)
	require.NoError(t, err)
	require.Equal(t, []string{all[2], all[1], ".tmp-stale"}, removed)
	require.DirExists(t, fresh, "perhaps it is being written")
	a, err := model.Open(dir, cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, all[0], a.Manifest.Version, "the live version stays, old as it is")

	removed, err = model.Prune(dir, 0)
	require.NoError(t, err)
	require.Equal(t, []string{all[3]}, removed, "one is always kept")
	removed, err = model.Prune(t.TempDir(), 1)
	require.NoError(t, err)
	require.Empty(t, removed)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "current"), nil, 0o600))
	_, err = model.Prune(dir, 1)
	require.ErrorIs(t, err, model.ErrCorrupt, "without a pointer the live version is not known")
}

// The runbook's way of replacing a model: mkdir -p, train into a dated directory, then
// cp -r DATED/* CURRENT/ while a server reads CURRENT. Whatever the moment, a reader gets the
// old version whole, or the new one whole, or an error that says to wait.
func TestCopyOverALiveDirectory(t *testing.T) {
	root := t.TempDir()
	live, dated := filepath.Join(root, "als"), filepath.Join(root, "als_20260102")
	require.NoError(t, os.MkdirAll(live, 0o755))
	_, err := model.Open(live, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrNoArtifact, "mkdir -p alone is no model")

	before := publish(t, live, created)
	after := publish(t, dated, created.Add(24*time.Hour))

	copied := make(chan error, 1)
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				a, err := model.Open(live, cooccur.Kind)
				switch {
				case err != nil:
					if !assertIs(err, model.ErrCorrupt) {
						t.Errorf("while copying: %v", err)
					}
				case a.Manifest.Version != before && a.Manifest.Version != after:
					t.Errorf("version %s", a.Manifest.Version)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	go func() {
		copied <- exec.Command("sh", "-c", `cp -r "$0"/* "$1"/`, dated, live).Run()
	}()
	require.NoError(t, <-copied)
	close(stop)
	readers.Wait()
	a, err := model.Open(live, cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, after, a.Manifest.Version)
	require.DirExists(t, filepath.Join(live, "versions", before), "the old one is there to go back to")
}

// The copy, file by file: at every stage the pointer or the manifest keeps a reader out.
func TestCopyStepByStep(t *testing.T) {
	live, dated := t.TempDir(), t.TempDir()
	publish(t, live, created)
	after := publish(t, dated, created.Add(time.Hour))
	from, to := filepath.Join(dated, "versions", after), filepath.Join(live, "versions", after)
	require.NoError(t, os.WriteFile(filepath.Join(live, "current"), nil, 0o600))
	requireNotYet(t, live, "current")
	require.NoError(t, os.WriteFile(filepath.Join(live, "current"), []byte(after+"\n"), 0o600))
	requireNotYet(t, live, "current")
	require.NoError(t, os.Mkdir(to, 0o755))
	requireNotYet(t, live, "current")
	files := contents(t, from)
	require.NoError(t, os.WriteFile(filepath.Join(to, "manifest.json"), []byte(files["manifest.json"][:100]), 0o600))
	requireNotYet(t, live, "manifest.json")
	for name, data := range files {
		requireNotYet(t, live, "")
		require.NoError(t, os.WriteFile(filepath.Join(to, name), []byte(data[:len(data)/2]), 0o600))
	}
	for name, data := range files {
		if len(data) > 0 {
			requireNotYet(t, live, "")
		}
		require.NoError(t, os.WriteFile(filepath.Join(to, name), []byte(data), 0o600))
	}
	a, err := model.Open(live, cooccur.Kind)
	require.NoError(t, err)
	require.Equal(t, after, a.Manifest.Version)
}

func requireNotYet(t *testing.T, dir, file string) {
	t.Helper()
	_, err := model.Open(dir, cooccur.Kind)
	require.ErrorIs(t, err, model.ErrCorrupt)
	require.ErrorContains(t, err, file)
}

// A reader that is overtaken by a publisher who prunes goes on with the new version.
func TestOpenWhilePruning(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, created)
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			if _, err := model.Open(dir, cooccur.Kind); err != nil {
				t.Errorf("while versions come and go: %v", err)
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for n := range 20 {
		publish(t, dir, created.Add(time.Duration(n+1)*time.Second))
		_, err := model.Prune(dir, 2)
		require.NoError(t, err)
	}
	close(stop)
	reader.Wait()
}
