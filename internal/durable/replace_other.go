//go:build !unix

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts a file of data at path: as near to one step as a rename comes here, where renameio
// promises nothing and has no code.
func Replace(path string, data []byte, perm fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close(), os.Chmod(f.Name(), perm)); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// ReplaceContent is Replace for a file that is there and keeps its permissions.
func ReplaceContent(path string, data []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return Replace(path, data, info.Mode().Perm())
}
