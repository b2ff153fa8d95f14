package model

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockFile = ".lock"
	// lockPoll is how often a lock that somebody else holds is tried again.
	lockPoll = 20 * time.Millisecond
)

// Lock keeps everybody else, in this process and others, from changing which version of a
// directory is current. Who derives a version from the current one (an update, the removal of
// a user) holds it from reading to publishing, so that nobody's change is lost. Publish,
// Promote and Prune take it themselves. The operating system releases it should the process die.
type Lock struct {
	dir  string
	file *flock.Flock
}

// LockDir waits for the lock of dir, which it makes if need be, until ctx ends.
func LockDir(ctx context.Context, dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockFile)
	f := flock.New(path, flock.SetPermissions(0o666))
	if _, err := f.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("lock %s against other writers: %w", path, errors.Join(err, f.Close()))
	}
	return &Lock{dir: dir, file: f}, nil
}

// Unlock releases the lock.
func (l *Lock) Unlock() error { return l.file.Close() }

// Publish is the function Publish for who holds the lock.
func (l *Lock) Publish(ctx context.Context, a *Artifact) (version string, err error) {
	version, err = Add(ctx, l.dir, a)
	if err != nil {
		return "", err
	}
	return version, point(l.dir, version)
}

// Promote is the function Promote for who holds the lock.
func (l *Lock) Promote(version string) error { return promote(l.dir, version) }

// Prune is the function Prune for who holds the lock.
func (l *Lock) Prune(keep int) (removed []string, err error) { return prune(l.dir, keep) }
