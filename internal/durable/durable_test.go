package durable

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSyncDir(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, SyncDir(dir))
	require.ErrorIs(t, SyncDir(filepath.Join(dir, "absent")), fs.ErrNotExist)
}

// A file system that cannot sync a directory stops nobody; a broken disk does.
func TestForgive(t *testing.T) {
	fault := func(number syscall.Errno) error { return &os.PathError{Op: "sync", Path: "data", Err: number} }
	for _, number := range []syscall.Errno{syscall.EINVAL, syscall.ENOTSUP, syscall.ENOSYS} {
		require.NoError(t, forgive(fault(number)))
	}
	for _, number := range []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EROFS} {
		require.ErrorIs(t, forgive(fault(number)), number)
	}
	require.NoError(t, forgive(nil))
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, WriteFile(path, []byte("longer")))
	require.NoError(t, WriteFile(path, []byte("new")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	require.ErrorIs(t, WriteFile(filepath.Join(path, "below"), nil), syscall.ENOTDIR)
}

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, Replace(path, []byte("first"), 0o600))
	require.NoError(t, os.Chmod(path, 0o640))
	require.NoError(t, ReplaceContent(path, []byte("second")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "second", string(text))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o640), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}
