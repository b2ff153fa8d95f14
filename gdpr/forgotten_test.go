package gdpr_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/gdpr"
)

func TestForgottenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var complaints []error
	f := gdpr.OpenForgotten(dir, func(err error) { complaints = append(complaints, err) })
	require.False(t, f.Contains("anna"), "no file yet")
	require.NoError(t, gdpr.AddForgotten(dir, "anna", "anna"))
	require.True(t, f.Contains("anna"))
	require.False(t, f.Contains("ann"))
	require.NoError(t, gdpr.AddForgotten(dir, "bert", "anna"))
	require.True(t, f.Contains("bert"))
	require.Equal(t, 2, f.Len())
	require.NoError(t, gdpr.LiftForgotten(dir, "anna"))
	require.False(t, f.Contains("anna"))
	require.True(t, f.Contains("bert"))
	require.Empty(t, complaints)

	path := filepath.Join(dir, gdpr.ForgottenFile)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), "bert")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	require.True(t, gdpr.OpenForgotten(dir, nil).Contains("bert"), "another process")
}

// A damaged or vanished list must not bring anybody back.
func TestForgottenStaysInForce(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, gdpr.AddForgotten(dir, "anna"))
	var complaints []error
	f := gdpr.OpenForgotten(dir, func(err error) { complaints = append(complaints, err) })
	path := filepath.Join(dir, gdpr.ForgottenFile)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, damaged := range []string{"{", `{"key":"xyz","hashes":[]}`, `{"key":"","hashes":[]}`, `{"key":"00","hashes":["00"]}`} {
		require.NoError(t, os.WriteFile(path, []byte(damaged), 0o600))
		require.True(t, f.Contains("anna"), damaged)
		require.True(t, f.Contains("anna"), damaged)
		require.Error(t, gdpr.AddForgotten(dir, "bert"), damaged)
	}
	require.Len(t, complaints, 3, "one complaint for each fault, of which two are alike")
	require.ErrorContains(t, complaints[0], path)
	require.NoError(t, os.Remove(path))
	require.True(t, f.Contains("anna"))
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(whole), "[", "[ ", 1)), 0o600))
	require.True(t, f.Contains("anna"))
	require.NoError(t, gdpr.LiftForgotten(dir, "anna"))
	require.False(t, f.Contains("anna"))
}

func TestForgottenConcurrently(t *testing.T) {
	dir := t.TempDir()
	f := gdpr.OpenForgotten(dir, func(err error) { t.Error(err) })
	var wg sync.WaitGroup
	ids := []string{"a", "b", "c", "d", "e", "f"}
	for _, id := range ids {
		wg.Go(func() {
			if err := gdpr.AddForgotten(dir, id); err != nil || !f.Contains(id) {
				t.Error(id, err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, len(ids), f.Len(), "no addition is lost")
}

// Most requests look at the time of the directory alone, once that is old enough.
func TestForgottenOfAQuietDirectory(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "models")
	require.NoError(t, os.Mkdir(dir, 0o755))
	f := gdpr.OpenForgotten(dir, func(err error) { t.Error(err) })
	long := time.Now().Add(-time.Hour)
	quiet := func() { require.NoError(t, os.Chtimes(dir, long, long)) }
	for n := range 100 {
		id := strconv.Itoa(n)
		quiet()
		require.False(t, f.Contains(id))
		require.False(t, f.Contains(id))
		require.NoError(t, gdpr.AddForgotten(dir, id))
		require.True(t, f.Contains(id), "addition %d", n)
	}

	quiet()
	require.True(t, f.Contains("0"))
	require.NoError(t, os.Rename(dir, dir+".old"))
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, gdpr.AddForgotten(dir, "anna"))
	quiet()
	require.Eventually(t, func() bool { return f.Contains("anna") }, 5*time.Second, 10*time.Millisecond, "another directory")

	quiet()
	require.True(t, f.Contains("anna"))
	other := t.TempDir()
	require.NoError(t, gdpr.AddForgotten(other, "bert"))
	text, err := os.ReadFile(filepath.Join(other, gdpr.ForgottenFile))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, gdpr.ForgottenFile), text, 0o600))
	require.Eventually(t, func() bool { return f.Contains("bert") }, 5*time.Second, 10*time.Millisecond, "written over in place")
}

// Whoever asks while others are noticing a change must not get the old list once one has the
// new one.
func TestForgottenNoticedByAll(t *testing.T) {
	dir := t.TempDir()
	f := gdpr.OpenForgotten(dir, func(err error) { t.Error(err) })
	long := time.Now().Add(-time.Hour)
	for n := range 100 {
		id := strconv.Itoa(n)
		require.NoError(t, os.Chtimes(dir, long, long))
		f.Contains(id)
		require.NoError(t, gdpr.AddForgotten(dir, id))
		require.NoError(t, os.Chtimes(dir, long.Add(time.Second), long.Add(time.Second)), "so that the new look is trusted")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 3 {
					if !f.Contains(id) {
						t.Errorf("addition %d", n)
					}
				}
			})
		}
		wg.Wait()
	}
}
