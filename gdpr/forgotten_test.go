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
	for _, c := range []struct {
		damaged    string
		complaints int // one for each fault; two are alike
	}{{"{", 1}, {`{"key":"xyz","hashes":[]}`, 2}, {`{"key":"","hashes":[]}`, 2}, {`{"key":"00","hashes":["00"]}`, 3}} {
		require.NoError(t, os.WriteFile(path, []byte(c.damaged), 0o600))
		require.Eventually(t, func() bool { return f.Contains("anna") && len(complaints) == c.complaints }, 5*time.Second, time.Millisecond, c.damaged)
		require.Error(t, gdpr.AddForgotten(dir, "bert"), c.damaged)
	}
	require.True(t, f.Contains("anna"))
	require.Len(t, complaints, 3)
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

// What AddForgotten did holds for every question after it, whoever asked just before.
func TestForgottenNoticedByAll(t *testing.T) {
	dir := t.TempDir()
	f := gdpr.OpenForgotten(dir, func(err error) { t.Error(err) })
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() { // keeps the answers fresh
		for {
			select {
			case <-done:
				return
			default:
				f.Contains("anna")
			}
		}
	})
	for n := range 200 {
		id := strconv.Itoa(n)
		if err := gdpr.AddForgotten(dir, id); err != nil || !f.Contains(id) {
			t.Error(id, err)
		}
	}
	close(done)
	wg.Wait()
}
