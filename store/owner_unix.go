//go:build unix

package store

import (
	"os"
	"syscall"
)

// sameOwner gives a file the owner of another, where that is another one: an operator who
// works as root must not take the file away from the service.
func sameOwner(path string, like os.FileInfo) error {
	want, ok := like.Sys().(*syscall.Stat_t)
	if !ok || int(want.Uid) == os.Getuid() && int(want.Gid) == os.Getgid() {
		return nil
	}
	return os.Chown(path, int(want.Uid), int(want.Gid))
}
