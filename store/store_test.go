package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store"
	"github.com/recsys-lite/recsys/store/memstore"
	"github.com/recsys-lite/recsys/store/storetest"
)

func TestConformanceInMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) recsys.Store { return open(t, "", store.Options{Threads: 2}) },
		func(*testing.T) recsys.Store { return memstore.New() })
}

func TestConformanceFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T) recsys.Store {
		return open(t, filepath.Join(t.TempDir(), "shop.db"), store.Options{Threads: 2})
	}, nil)
}

// open opens a database; the test need not close it.
func open(t *testing.T, path string, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), path, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}
