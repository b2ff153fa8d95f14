package item2vec

import (
	"encoding/json"
	"testing"

	"github.com/recsys-lite/recsys/model/modeltest"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, Kind, modeltest.Options{Params: json.RawMessage(`{"vector_size": 16, "epochs": 20, "window": 8}`)})
}
