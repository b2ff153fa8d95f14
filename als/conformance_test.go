package als_test

import (
	"testing"

	"github.com/recsys-lite/recsys/als"
	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, als.Kind, modeltest.Options{Params: []byte(`{"factors": 8}`)})
}
