//go:build unix

package tune

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other processes out until f is closed, also by a crash.
func lock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
