package journal_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/journal"
)

// TestFull has the directory's file system reject writes: no event is lost that was
// acknowledged, none is kept that was not, and appending works again when there is room.
func TestFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to mount a small file system")
	}
	dir := filepath.Join(t.TempDir(), "small")
	require.NoError(t, os.Mkdir(dir, 0o700))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("cannot mount a small file system:", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	j, err := journal.Open(dir, journal.Options{SealEvery: never})
	require.NoError(t, err)
	want := map[int64]recsys.Event{}
	for i := int64(0); ; i++ {
		first, err := j.Append(t.Context(), []recsys.Event{buy("ann", i), buy("ben", i)})
		if err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			break
		}
		want[first], want[first+1] = buy("ann", i), buy("ben", i)
		require.Less(t, i, int64(10_000))
	}
	require.NotEmpty(t, want)
	require.Equal(t, want, read(t, dir)[j.ID()])
	segments, err := journal.Segments(dir)
	require.NoError(t, err)
	for _, s := range segments {
		require.NoError(t, os.Remove(s.Path))
	}
	_, err = j.Append(t.Context(), []recsys.Event{buy("cleo", 1)})
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.Len(t, read(t, dir)[j.ID()], 1)
}

func TestReadOnlyDirectory(t *testing.T) {
	if os.Getuid() == 0 {
		dir := t.TempDir()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
			t.Skip("cannot mount a file system for reading only:", err)
		}
		t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
		_, err := journal.Open(dir, journal.Options{})
		require.ErrorIs(t, err, syscall.EROFS)
		require.ErrorContains(t, err, dir)
		return
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	_, err := journal.Open(dir, journal.Options{})
	require.ErrorIs(t, err, os.ErrPermission)
}
