package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/store/internal/duck"
)

// Copy copies a database file to dst, which must not exist, and returns the size and the
// SHA-256 of the copy, in hex. It waits for whoever writes to the file, as Open does, and
// keeps writers away while it copies: the copy is one state of the database, complete without
// a .wal file. dst appears whole or not at all.
func Copy(ctx context.Context, path, dst string, o Options) (size int64, sum string, err error) {
	if _, err := os.Lstat(dst); err == nil {
		return 0, "", fmt.Errorf("store: copy %s: %s is there already", path, dst)
	}
	err = exclusively(ctx, path, o, func(_ *duck.Conn, path string) error {
		size, sum, err = copyFile(ctx, path, dst)
		return err
	})
	if err != nil {
		return 0, "", fmt.Errorf("store: copy %s to %s: %w", path, dst, err)
	}
	return size, sum, nil
}

func copyFile(ctx context.Context, path, dst string) (size int64, sum string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return 0, "", err
	}
	out, err := os.CreateTemp(filepath.Dir(dst), filepath.Base(dst)+".tmp*")
	if err != nil {
		return 0, "", err
	}
	defer os.Remove(out.Name())
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(out, h), &contextReader{ctx: ctx, r: in})
	if err = errors.Join(err, out.Chmod(info.Mode().Perm()), out.Sync(), out.Close()); err != nil {
		return 0, "", err
	}
	if err := os.Rename(out.Name(), dst); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), durable.SyncDir(filepath.Dir(dst))
}
