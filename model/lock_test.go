package model_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/model"
)

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	l, err := model.LockDir(t.Context(), dir)
	require.NoError(t, err)
	first, err := l.Publish(t.Context(), shop(t))
	require.NoError(t, err)
	second, err := l.Publish(t.Context(), shop(t))
	require.NoError(t, err)
	require.NoError(t, l.Promote(first))

	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = model.Publish(short, dir, shop(t))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, dir)
	pruned := make(chan error, 1)
	go func() { _, err := model.Prune(dir, 1); pruned <- err }()
	select {
	case err := <-pruned:
		require.FailNow(t, "a version may be removed while it becomes the current one", "%v", err)
	case <-time.After(50 * time.Millisecond):
	}
	require.NoError(t, l.Promote(second))
	third, err := l.Publish(t.Context(), shop(t))
	require.NoError(t, err)
	require.NoError(t, l.Promote(second))
	require.NoError(t, l.Unlock())
	require.NoError(t, <-pruned)
	require.DirExists(t, filepath.Join(dir, "versions", second))
	l, err = model.LockDir(t.Context(), dir)
	require.NoError(t, err)
	first = third
	require.NoError(t, l.Promote(first))

	promoted := make(chan error, 1)
	go func() { promoted <- model.Promote(dir, second) }()
	current, err := model.Current(dir)
	require.NoError(t, err)
	require.Equal(t, first, current)
	require.NoError(t, l.Unlock())
	require.NoError(t, <-promoted)
	current, err = model.Current(dir)
	require.NoError(t, err)
	require.Equal(t, second, current)

	if os.Getuid() != 0 {
		require.NoError(t, os.Chmod(dir, 0o500))
		_, err = model.Publish(t.Context(), dir, shop(t))
		require.ErrorIs(t, err, os.ErrPermission)
		require.NoError(t, os.Chmod(dir, 0o700))
	}
}
