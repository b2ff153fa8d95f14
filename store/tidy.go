package store

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/recsys-lite/recsys/store/internal/duck"
)

// headerBytes precede the blocks of a database file.
const headerBytes = 3 * 4096

// Tidy reports whether a database file holds live rows and nothing else: no free blocks, no
// rows that were deleted and not yet overwritten, nothing behind the last block. Rewrite leaves
// it so.
func Tidy(ctx context.Context, path string, o Options) (tidy bool, err error) {
	o.ReadOnly = true
	err = exclusively(ctx, path, o, func(c *duck.Conn, path string) error {
		tidy, err = isTidy(ctx, c, path)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store: look for remains in %s: %w", path, err)
	}
	return tidy, nil
}

func isTidy(ctx context.Context, c *duck.Conn, path string) (bool, error) {
	if _, err := os.Stat(path + ".wal"); err == nil {
		return false, nil
	}
	if _, err := c.Exec(ctx, "USE source"); err != nil {
		return false, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	live, err := queryInt(ctx, c, `SELECT (block_size * total_blocks)::BIGINT FROM pragma_database_size() WHERE database_name = 'source' AND free_blocks = 0`)
	if err != nil || live+headerBytes != info.Size() {
		return false, err
	}
	tables, err := tableColumns(ctx, c)
	if err != nil {
		return false, err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		stored, err := queryInt(ctx, c, `SELECT coalesce(sum(count), 0)::BIGINT FROM pragma_storage_info(`+literal(table)+`) WHERE column_id = 0 AND segment_type <> 'VALIDITY'`)
		if err != nil {
			return false, err
		}
		rows, err := queryInt(ctx, c, "SELECT count(*) FROM "+identifier(table))
		if err != nil || rows != stored {
			return false, err
		}
	}
	return true, nil
}
