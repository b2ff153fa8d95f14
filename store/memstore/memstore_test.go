package memstore_test

import (
	"testing"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/store/memstore"
	"github.com/recsys-lite/recsys/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) recsys.Store { return memstore.New() }, nil)
}
