//go:build unix

package forgotten

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Lock takes the advisory lock of a model directory, which its holder's death releases. The
// list is changed, and versions are published and rewritten, under it. It does not nest.
func Lock(dir string) (unlock func(), err error) {
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
