//go:build unix

package gdpr

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lockDir takes a directory's advisory lock, which its holder's death releases.
func lockDir(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(d.Fd()), unix.LOCK_EX); err != nil {
		d.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { d.Close() }, nil
}
