package memstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/memstore"
	"github.com/recsys-lite/recsys/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) recsys.Store { return memstore.New() }, nil)
}

func TestZeroStore(t *testing.T) {
	s := new(memstore.Store)
	require.NoError(t, s.UpsertItems(t.Context(), []recsys.Item{{ID: "i"}}))
	require.NoError(t, s.UpsertUsers(t.Context(), []recsys.User{{ID: "u"}}))
	items, err := s.Items(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 1)
}
