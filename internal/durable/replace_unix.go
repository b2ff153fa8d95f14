//go:build unix

package durable

import (
	"io/fs"

	"github.com/google/renameio/v2"
)

// Replace puts a file of data at path, in one step: a reader meets what was there before or the
// whole new file. The name is durable after SyncDir.
func Replace(path string, data []byte, perm fs.FileMode) error {
	return renameio.WriteFile(path, data, perm)
}

// ReplaceContent is Replace for a file that is there and keeps its permissions.
func ReplaceContent(path string, data []byte) error {
	return renameio.WriteFile(path, data, 0o600, renameio.WithExistingPermissions())
}
