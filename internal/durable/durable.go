// Package durable puts files, and their names, on stable storage.
package durable

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// SyncDir makes the names in a directory durable, on systems and file systems that can sync a
// directory: where none can be, there is nothing more to do for them.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(forgive(d.Sync()), d.Close())
}

// forgive passes over what a sync says that is not made for directories: Linux gives EINVAL for
// some network and FUSE file systems, Windows refuses it everywhere.
func forgive(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || runtime.GOOS == "windows" {
		return nil
	}
	return err
}

// WriteFile makes a file of data, or replaces what is in it; the name is durable after SyncDir.
func WriteFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
